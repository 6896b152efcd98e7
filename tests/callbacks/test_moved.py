"""How far parameters moved in the last update that was looked at."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.movement import Moves
from foghill.engine.protocol.commands import Step
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.training.loop import train
from plain import training
from sessions import Live, write


def test_it_is_the_norm_of_the_change_and_of_what_was_before(tmp_path: Path):
    t, moves = training(tmp_path), Moves()
    before = [p.detach().clone() for p in t.parameters]
    for phase in train(t):
        if phase == "update":
            break
    moves.note(t, before)
    step, found = moves.read()
    assert step == 1
    for parameter, old in zip(t.parameters, before, strict=True):
        change, size = found[id(parameter)]
        assert change == pytest.approx((parameter.detach() - old).norm().item())
        assert size == pytest.approx(old.norm().item())
        assert change > 0
    moves.clear()
    assert moves.read() == (0, {})


def test_nothing_is_noted_of_other_parameters(tmp_path: Path):
    t, moves = training(tmp_path), Moves()
    moves.note(t, [torch.zeros(1)])
    assert moves.read() == (0, {})


def test_the_picture_shows_that_of_the_last_step_and_nothing_before(tmp_path: Path):
    """y = 2x + 1 with w, b set: the first update is known in closed form."""
    source = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 100, "valid": 0.0}
def data():
    x = torch.linspace(-1, 1, 10)[:, None]
    return x, 2 * x + 1
def model():
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 0.5); nn.init.constant_(layer.bias, 0.0)
    return layer
"""
    with Live(write(tmp_path, source)) as live:
        live.ready()
        (layer,) = live.look(PictureRequest("network")).layers  # type: ignore[union-attr]
        assert (layer.ratio, layer.gradient) == (None, None)
        live.do(Step("step", 1))
        live.until(lambda state: state.step == 1 and state.status == "paused")
        (layer,) = live.look(PictureRequest("network")).layers  # type: ignore[union-attr]
    x = torch.linspace(-1, 1, 10)
    error = 0.5 * x - (2 * x + 1)
    gradient = torch.stack([(2 * error * x).mean(), (2 * error).mean()])
    assert layer.gradient == pytest.approx(gradient.norm().item(), rel=1e-5)
    ratio = torch.log10(0.1 * gradient.norm() / 0.5).item()
    assert layer.ratio == pytest.approx(ratio, rel=1e-5)
