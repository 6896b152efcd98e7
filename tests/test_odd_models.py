"""Models that write into their input, count calls, take their shape late, or keep something in
their file: they train as in plain PyTorch, whoever looks, compares or asks for a rate."""

from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Compare, Edit, FindRate, Rejected, Step
from foghill.engine.protocol.pictures import Fit
from foghill.engine.protocol.views import Failed, PictureRequest, PredictRequest
from foghill.engine.session import painter
from plain import plain_loop
from sessions import Live, write

HEAD = """
import numpy as np
import torch
from torch import nn
settings = {"optimizer": "sgd", "lr": 0.05, "batch_size": 10, "valid": 0.0, "threads": 1}
def data():
    x = torch.rand(60, 1)
    return x, 3 * x + 1
"""
WRITES = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(1, 1)
    def forward(self, x):
        x -= 5
        x /= 5
        return self.line(x)
def model(): return Model()
"""
COUNTS = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(1, 1)
        self.register_buffer("seen", torch.zeros(()))
        self.calls = 0
    def forward(self, x):
        self.seen += 1
        self.calls += 1
        return self.line(x) * (1 + 0.01 * self.seen) + 0.001 * self.calls
def model(): return Model()
"""
LAZY = """
def model(): return nn.Sequential(nn.LazyLinear(4), nn.Tanh(), nn.Dropout(0.3), nn.LazyLinear(1))
"""
KEEPS = {
    "numbers drawn": (
        "draws = np.random.default_rng(0)\n"
        "def augment(x): return x + float(draws.normal()) * 0.1\n",
        "augment() keeps draws",
    ),
    "a dict": (
        "STATE = {'n': 0}\n"
        "def loss(prediction, target):\n"
        "    STATE['n'] += 1\n"
        "    return (prediction - target).square().mean() * (1 + 0.01 * STATE['n'])\n",
        "loss() keeps STATE",
    ),
    "a teacher": (
        "teacher = nn.Linear(1, 1)\n"
        "def step(model, batch):\n"
        "    x, y = batch\n"
        "    with torch.no_grad(): teacher.weight.mul_(0.9)\n"
        "    return (model(x) - y).square().mean() + teacher(x).square().mean()\n",
        "step() keeps teacher",
    ),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(painter, "PAUSE", 0)


def trained(path: Path, disturbed: bool) -> list[float]:
    """The losses of 24 steps; in between, everything there is to look at and to try."""
    with Live(path) as live:
        live.ready()
        for step in (0, 6, 13):
            if step:
                live.do(Step("step", step - live.session.state.step))
                live.until(lambda s, at=step: s.step == at and s.status == "paused")
            if disturbed:
                for name in live.session.state.pictures:
                    live.look(PictureRequest(name, 78, 12))
                live.look(PredictRequest())
                live.tell(FindRate(steps=10))
                live.until(lambda s: not s.doing)
        live.do(Step("step", 11))
        live.until(lambda s: s.step == 24 and s.status == "paused")
        return live.losses()


@pytest.mark.parametrize("model", [WRITES, COUNTS, LAZY], ids=["writes", "counts", "lazy"])
def test_they_train_as_in_plain_pytorch_whoever_looks(tmp_path: Path, model: str):
    path = write(tmp_path, HEAD + model)
    torch.set_num_threads(1)
    expected, _ = plain_loop(HEAD + model, lambda p: torch.optim.SGD(p, 0.05), 24, 10)
    assert trained(path, disturbed=False) == expected
    assert trained(path, disturbed=True) == expected


@pytest.mark.parametrize("case", KEEPS)
def test_what_a_file_keeps_is_never_disturbed(tmp_path: Path, case: str):
    text, said = KEEPS[case]
    path = write(tmp_path, HEAD + "def model(): return nn.Linear(1, 1)\n" + text)
    assert trained(path, disturbed=False) == trained(path, disturbed=True)
    with Live(path) as live:
        live.ready()
        for command in (Compare(({"lr": 0.2},)), FindRate()):
            answer = live.tell(command)
            assert isinstance(answer, Rejected)
            assert said in answer.reason
        hill = live.look(PictureRequest("hill", 78, 12))
        assert isinstance(hill, Failed)
        assert said in hill.sentence


def test_a_lazy_model_has_its_pictures_from_the_first_step_on(tmp_path: Path):
    with Live(write(tmp_path, HEAD + LAZY)) as live:
        assert live.ready().pictures == ()
        live.do(Step())
        state = live.until(lambda s: s.step == 1 and s.status == "paused")
        assert {"fit", "hill", "network"} <= {*state.pictures}
        live.do(Step("step", 3))
        live.until(lambda s: s.step == 4 and s.status == "paused")
        for name in ("fit", "hill", "network", "steps"):
            assert not isinstance(live.look(PictureRequest(name, 78, 12)), Failed), name


def test_the_start_is_where_a_run_began_that_was_edited_before_its_first_step(tmp_path: Path):
    with Live(write(tmp_path, HEAD + "def model(): return nn.Linear(1, 1)\n")) as live:
        live.ready()
        live.do(Edit("bias", 0, 50.0))
        live.do(Step("step", 3))
        live.until(lambda s: s.step == 3 and s.status == "paused")
        fit = live.look(PictureRequest("fit", 78, 12))
        assert isinstance(fit, Fit)
        starts = [y for name, _, y in fit.lines if name == "start"]
        assert min(starts[0]) > 40
