"""The step inspector's passages: true tensors of each phase, against the same step by hand."""

from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Step
from foghill.engine.protocol.views import Phases, PhasesRequest
from foghill.engine.training.tensors import num
from inspected import detail, inspected, table, tensor, texts
from sessions import LINE, Live, write
from torch import nn

CLASSES = """
import torch
from torch import nn
settings = {"valid": 0.0, "batch_size": 128, "lr": 0.5}
def data():
    x = torch.randn(128, 6)
    return x, (x[:, 0] > 0).long()
def model(): return nn.Sequential(nn.Linear(6, 20), nn.Tanh(), nn.Linear(20, 2))
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def flat(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    return [number for row in rows for number in row]


def test_every_tensor_of_a_small_step_is_the_true_one(tmp_path: Path) -> None:
    phases = inspected(write(tmp_path, LINE + "settings.update(valid=0.0, batch_size=10)\n"), 1)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    x = torch.linspace(-1, 1, 10)[:, None]
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    prediction = model(x)
    loss = nn.functional.mse_loss(prediction, 2 * x + 1)
    loss.backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    assert flat(tensor(phases, "batch", "x").rows) == [num(v) for v in x.flatten().tolist()]
    made = tensor(phases, "predict", "prediction")
    assert made.aside == "10×1 f32"
    assert flat(made.rows) == [num(v) for v in prediction.flatten().tolist()]
    assert tensor(phases, "loss", "loss").rows == ((num(loss.item(), 6),),)
    rows = table(phases, "update", "parameter")
    for (name, old, gradient, change, after), p in zip(rows, model.named_parameters(), strict=True):
        assert name == p[0]
        assert p[1].grad is not None
        assert old == num(before[name].item(), 6)
        assert gradient == num(p[1].grad.item())
        assert change == num((p[1].double() - before[name].double()).item())
        assert after.split()[0] == num(p[1].item(), 6)
        assert after.split()[1] == ("↑" if p[1].item() > before[name].item() else "↓")


def test_of_a_larger_model_there_are_statistics(tmp_path: Path) -> None:
    phases = inspected(write(tmp_path, CLASSES), 1)
    torch.manual_seed(0)
    x = torch.randn(128, 6)
    y = (x[:, 0] > 0).long()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 20), nn.Tanh(), nn.Linear(20, 2))
    scores = model(x)
    nn.functional.cross_entropy(scores, y).backward()
    given = scores.softmax(1)[torch.arange(128), y]
    shown = tensor(phases, "loss", "probability of the true class")
    assert f"mean {num(given.mean().item())}" in shown.words
    gradient = model[0].weight.grad
    assert isinstance(gradient, torch.Tensor)
    shown = tensor(phases, "backward", "0.weight.grad")
    assert shown.aside == "20×6 f32"
    assert f"max {num(gradient.max().item())}" in shown.words
    assert sum(shown.counts) == 120
    row = table(phases, "update", "parameter")[0]
    assert row[:2] == ("0.weight", "20×6")
    assert row[3] == num(gradient.norm().item(), 3)
    assert row[4] == num(0.5 * gradient.norm().item(), 3)


def test_which_way_each_sign_goes() -> None:
    rows = table(inspected("parabola", 6), "backward", "parameter")
    assert [row[2] for row in rows] == ["g > 0  →  a ↓", "g > 0  →  b ↓", "g < 0  →  c ↑"]


def test_which_examples_a_batch_holds(tmp_path: Path) -> None:
    (sentence,) = texts(inspected(write(tmp_path), 2), "batch", "says")
    assert "4 examples: numbers 5 to 8 of 8 in pass 1, shuffled anew for each pass" in sentence
    (sentence,) = texts(inspected("parabola", 2), "batch", "says")
    assert "20 examples: all of the training data" in sentence


def test_phases_not_taken_have_no_detail_and_those_taken_keep_theirs(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("phase", 3))
        live.until(lambda s: s.phase == "loss")
        phases = live.look(PhasesRequest(detail=True))
        assert isinstance(phases, Phases)
        assert [bool(row.detail) for row in phases.rows] == [True] * 3 + [False] * 3
        plain = live.look(PhasesRequest())
        assert isinstance(plain, Phases)
        assert not any(row.detail for row in plain.rows)


def test_a_step_of_ones_own_says_where_the_numbers_are(tmp_path: Path) -> None:
    text = CLASSES + (
        "def step(model, batch):\n"
        "    fit = nn.functional.cross_entropy(model(batch[0]), batch[1])\n"
        "    return {'fit': fit, 'decay': 0.1 * model[0].weight.pow(2).sum()}\n"
    )
    phases = inspected(write(tmp_path, text), 1)
    assert "step(model, batch)" in texts(phases, "predict", "says")[0]
    assert [row[0] for row in table(phases, "loss", "part")] == ["fit", "decay"]
    assert "fit = nn.functional.cross_entropy(model(batch[0]), batch[1])" in texts(
        phases, "loss", "code"
    )
    assert texts(phases, "update", "says")[-1].startswith("The slope times the change foretold −")


def test_a_model_that_is_its_own_loss(tmp_path: Path) -> None:
    text = """
import torch
from torch import nn
class Bowl(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(3.0))
    def forward(self): return self.w ** 2
def model(): return Bowl()
"""
    phases = inspected(write(tmp_path, text), 1, lr="0.1")
    assert texts(phases, "batch", "says")[0].startswith("There is no data")
    assert "def forward(self): return self.w ** 2" in texts(phases, "loss", "code")
    assert texts(phases, "update", "formula") == ["w ← w − lr·gradient = 3 − 0.1·6 = 2.4"]


def test_looking_into_a_step_changes_no_number(tmp_path: Path) -> None:
    text = CLASSES.replace("nn.Tanh()", "nn.Tanh(), nn.Dropout(0.5), nn.BatchNorm1d(20)")
    losses: list[list[float]] = []
    for look in (False, True):
        with Live(write(tmp_path, text)) as live:
            live.ready()
            for step in range(1, 6):
                for phase in range(6):
                    live.do(Step("phase"))
                    if look:
                        live.look(PhasesRequest(detail=True))
                    live.until(lambda s, p=phase, n=step: s.step == n - (p < 5))
            losses.append(live.losses())
    assert losses[0] == losses[1]
    assert len(losses[0]) == 5


def test_what_cannot_be_shown_says_why_and_the_run_goes_on(tmp_path: Path) -> None:
    text = LINE + (
        "def loss(p, y):\n"
        "    if not torch.is_grad_enabled(): raise OSError('only to train')\n"
        "    return (p - y).pow(2).mean()\n"
    )
    with Live(write(tmp_path, text + "settings.update(valid=0.0)\n")) as live:
        live.ready()
        live.do(Step("phase", 6))
        live.until(lambda s: s.step == 1)
        phases = live.look(PhasesRequest(detail=True))
        assert isinstance(phases, Phases)
        assert texts(phases, "update", "says")[0].startswith("not shown: UserError")
        assert detail(phases, "loss")
        live.do(Step("step", 2))
        assert live.until(lambda s: s.step == 3).problem is None
