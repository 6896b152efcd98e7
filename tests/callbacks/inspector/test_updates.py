"""The printed formula of an update is the one that torch's optimizer really took."""

from pathlib import Path

import pytest
from foghill.engine.protocol.views import Phases
from inspected import holds, inspected, table, texts, value
from sessions import write

SETTINGS = [
    {},
    {"momentum": "0.9"},
    {"momentum": "0.9", "nesterov": "on"},
    {"weight_decay": "0.5"},
    {"momentum": "0.5", "weight_decay": "0.5", "clip": "10"},
    {"optimizer": "adam", "lr": "0.1"},
    {"optimizer": "adam", "lr": "0.1", "weight_decay": "3"},
    {"optimizer": "adamw", "lr": "0.1", "weight_decay": "0.5"},
    {"optimizer": "rmsprop", "lr": "0.1"},
    {"optimizer": "rmsprop", "lr": "0.1", "momentum": "0.5", "weight_decay": "0.1"},
    {"schedule": "cosine", "lr": "3e-5"},
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(s.values()) or "sgd")
def test_each_line_holds_and_leads_to_the_number_after(settings: dict[str, str]) -> None:
    phases = inspected("parabola", **settings)
    lines = [line for whole in texts(phases, "update", "formula") for line in whole.split("   ")]
    moves = {line[0]: line for line in lines if "← " in line}
    assert set(moves) == {"a", "b", "c"}
    for line in lines:
        if "′" not in line.split(" = ")[0] and "√v′" not in line and "the first" not in line:
            assert holds(line), line
    after = {row[0]: row[-1].split()[0] for row in table(phases, "update", "parameter")}
    for name, line in moves.items():
        assert value(line.rsplit(" = ", 1)[1]) == pytest.approx(value(after[name]), rel=2e-5)


OWN = """
import torch
from torch import nn
settings = {"valid": 0.0, "batch_size": 10}
def data():
    x = torch.linspace(-1, 1, 10)
    return x, 2 * x + 1
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(0.0))
    def forward(self, x): return self.w * x + self.b
def model(): return Line()
"""


def test_an_optimizer_that_does_something_else_gets_no_formula(tmp_path: Path) -> None:
    twice = """
def optimizer(parameters, lr: float = 0.1):
    sgd = torch.optim.SGD(parameters, lr=lr)
    def double(o, args, kwargs):
        for p in o.param_groups[0]["params"]: p.grad.mul_(2)
    def halve(o, args, kwargs):
        for p in o.param_groups[0]["params"]: p.grad.div_(2)
    sgd.register_step_pre_hook(double)
    sgd.register_step_post_hook(halve)
    return sgd
"""
    assert texts(inspected(write(tmp_path, OWN + twice)), "update", "formula") == []
    plain = "def optimizer(parameters, lr: float = 0.1): return torch.optim.SGD(parameters, lr=lr)"
    assert len(texts(inspected(write(tmp_path, OWN + plain)), "update", "formula")) == 2
    own = """
class Mine(torch.optim.SGD): pass
def optimizer(parameters, lr: float = 0.1): return Mine(parameters, lr=lr)
"""
    assert texts(inspected(write(tmp_path, OWN + own)), "update", "formula") == []


def test_a_scheduler_of_ones_own_is_seen_as_it_acted(tmp_path: Path) -> None:
    falling = """
def optimizer(parameters, lr: float = 0.1):
    sgd = torch.optim.SGD(parameters, lr=lr)
    return sgd, torch.optim.lr_scheduler.ExponentialLR(sgd, 0.5)
"""
    phases: Phases = inspected(write(tmp_path, OWN + falling), steps=3)
    lines = texts(phases, "update", "formula")
    assert len(lines) == 2
    assert all("0.025·" in line and holds(line) for line in lines)


def test_of_a_larger_model_the_steepest_number_is_spelled_out(tmp_path: Path) -> None:
    text = OWN.replace("return x, ", "x = x[:, None]\n    return x, ").replace(
        "def model(): return Line()",
        "def model(): return nn.Sequential(nn.Linear(1, 8), nn.Linear(8, 1))",
    )
    phases = inspected(write(tmp_path, text), optimizer="adam")
    says = texts(phases, "update", "says")
    assert any("One of the 25 numbers in full" in sentence for sentence in says)
    lines = texts(phases, "update", "formula")
    assert len(lines) == 4
    assert holds(lines[-1])
