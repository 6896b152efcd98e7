"""The way to come is the way the run then goes, bit for bit, until a knob turns."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.landscape.ahead import Ahead
from foghill.engine.training.reconfigure import turn
from hills import BOWL, flat
from plain import differing, drawn, everything, take, training

ENDLESS = 60.0
BATCHES = """
import torch
from torch import nn
settings = {"batch_size": 4, "valid": 0.0, "lr": 0.05, "threads": 1}
def data():
    x = torch.randn(30)
    return x, 2 * x - 1 + torch.randn(30)
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.tensor(0.0)), nn.Parameter(torch.tensor(0.0))
    def forward(self, x): return nn.functional.dropout(self.w * x, 0.2) + self.b
def model(): return Line()
"""


@pytest.mark.parametrize("source", [BOWL, BATCHES])
def test_the_run_goes_the_way_that_was_foreseen(tmp_path: Path, source: str):
    t = training(tmp_path, source, momentum=0.8)
    ahead = Ahead()
    before, around = everything(t), drawn()
    weights, losses = ahead.look(t, 12, ENDLESS)
    assert not differing(everything(t), before)
    assert drawn() == around
    assert len(weights) == 13
    found: list[float] = []
    for expected in weights:
        assert torch.equal(flat(t), expected)
        found += take(t, 1)
    assert found[:12] == losses


def test_as_the_run_goes_on_only_what_is_left_is_shown(tmp_path: Path):
    t = training(tmp_path, BOWL)
    ahead = Ahead()
    first, _ = ahead.look(t, 10, ENDLESS)
    take(t, 4)
    left, losses = ahead.look(t, 6, ENDLESS)
    assert all(torch.equal(a, b) for a, b in zip(left, first[4:], strict=True))
    assert len(losses) == 6


def test_a_turned_knob_or_a_moved_weight_is_foreseen_anew(tmp_path: Path):
    t = training(tmp_path, BOWL)
    ahead = Ahead()
    slow, _ = ahead.look(t, 3, ENDLESS)
    turn(t, {"lr": 0.2})
    fast, _ = ahead.look(t, 3, ENDLESS)
    assert torch.allclose(fast[1] - fast[0], 2 * (slow[1] - slow[0]))
    with torch.no_grad():
        t.parameters[0].fill_(5.0)
    assert ahead.look(t, 3, ENDLESS)[0][0].tolist() == [5.0, 1.0]


def test_it_takes_as_long_as_it_may_and_goes_on_at_the_next_look(tmp_path: Path):
    t = training(tmp_path, BOWL)
    ahead = Ahead()
    assert not ahead.behind(t, 5)
    for known in range(1, 6):
        weights, _ = ahead.look(t, 5, 0.0)
        assert len(weights) == known + 1
        assert ahead.behind(t, 5) == (known < 5)
    assert len(ahead.look(t, 5, 0.0)[0]) == 6


def test_it_ends_where_the_loss_is_no_number(tmp_path: Path):
    t = training(tmp_path, BOWL, lr=1e20)
    ahead = Ahead()
    weights, losses = ahead.look(t, 50, ENDLESS)
    assert 1 < len(weights) < 50
    assert len(losses) == len(weights) - 1
    assert not ahead.behind(t, 50)
