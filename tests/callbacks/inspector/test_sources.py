"""The lines shown are the user's own, at their true places, as they stood when the run began."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Restart, Step
from foghill.engine.protocol.views import PhasesRequest
from inspected import detail, inspected, texts
from sessions import Live, write

FILE = '''
import torch
from torch import nn
settings = {"valid": 0.0, "batch_size": 8}
def data():
    x = torch.randn(8, 2)
    return x, x.sum(1, keepdim=True)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        """What it says."""
        # a remark
        hidden = self.layer(x)

        if True:
            hidden = hidden * 2
        return hidden
def model(): return Net()
def loss(prediction, target):
    return (prediction - target).abs().mean()
def optimizer(parameters, lr: float = 0.1): return torch.optim.SGD(parameters, lr=lr)
'''


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_own_lines_stand_with_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    lines = path.read_text().splitlines()
    phases = inspected(path, 1)
    code = [p for p in detail(phases, "predict") if p.kind == "code"]
    assert [p.text for p in code] == [
        "prediction = model(x)",
        "hidden = self.layer(x)",
        "if True:",
        "    hidden = hidden * 2",
        "return hidden",
    ]
    for passage in [p for phase in phases.rows for p in phase.detail if p.aside.startswith("mine")]:
        name, _, number = passage.aside.partition(":")
        assert name == "mine.py"
        assert lines[int(number) - 1].strip() == passage.text.strip()
    assert "return (prediction - target).abs().mean()" in texts(phases, "loss", "code")
    assert texts(phases, "update", "code")[1].startswith("def optimizer(parameters, lr")


def test_a_file_edited_while_the_run_goes_on_is_shown_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    with Live(path) as live:
        live.ready()
        path.write_text("# nothing left\n" * 50)
        live.do(Restart())
        live.do(Step("phase", 2))
        live.until(lambda s: s.phase == "predict")
        phases = live.look(PhasesRequest(detail=True))
    assert "hidden = self.layer(x)" in texts(phases, "predict", "code")  # type: ignore[arg-type]


def test_layers_of_a_stack_are_named(tmp_path: Path) -> None:
    text = FILE.replace(
        "return Net()", "return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))"
    )
    assert texts(inspected(write(tmp_path, text), 1), "predict", "code") == [
        "prediction = model(x)",
        "0  Linear(in_features=2, out_features=3, bias=True)",
        "1  ReLU()",
        "2  Linear(in_features=3, out_features=1, bias=True)",
    ]


def test_built_in_losses_and_optimizers_are_the_calls_of_pytorch(tmp_path: Path) -> None:
    text = FILE.split("def loss")[0]
    phases = inspected(write(tmp_path, text), 1, optimizer="sgd", lr="0.1", momentum="0.9")
    assert texts(phases, "loss", "code") == ["loss = F.mse_loss(prediction, y)"]
    assert texts(phases, "update", "code") == [
        "optimizer.step()",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)",
    ]
    phases = inspected(write(tmp_path, text), 1, loss="mae", zero_grad="off", clip="0.5")
    assert texts(phases, "loss", "code") == ["loss = F.l1_loss(prediction, y)"]
    assert texts(phases, "zero", "code") == ["# optimizer.zero_grad() is left out"]
    assert texts(phases, "update", "code")[0] == "clip_grad_norm_(model.parameters(), 0.5)"


def test_long_functions_are_cut(tmp_path: Path) -> None:
    body = "".join(f"    a{i} = {i}\n" for i in range(20))
    text = FILE.replace("def loss(prediction, target):\n", f"def loss(prediction, target):\n{body}")
    code = texts(inspected(write(tmp_path, text), 1), "loss", "code")
    assert len(code) == 9
    assert code[-1] == "… 14 more lines"
