"""The landscape as data: the way on the ground, what is said beside it, and that it travels."""

from math import isnan
from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.frames import Shown, decode_engine, encode
from foghill.engine.protocol.pictures import Landscape
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.training.eval_mode import looking
from foghill.engine.views import pictures
from foghill.engine.views.hill import available, paint
from foghill.engine.views.subject import subject
from hills import BOWL, CONV, outlook, trodden
from msgspec.structs import replace
from plain import REGRESSION, training
from sitter import Sitter
from torch import nn

MEAN = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 4, "valid": 0.0, "threads": 1}
def data():
    return torch.zeros(20), torch.randn(20) + 3
class Mean(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(0.0))
    def forward(self, x): return x + self.w
def model(): return Mean()
"""


def painted(folder: Path, source: str, steps: int = 0, index: int = 0, **typed: object):
    found, c = outlook(folder, source, **typed)
    if steps:
        trodden(c, steps)
    return view_of(found, c, index), c


def view_of(found, c, index: int = 0) -> Landscape:
    from dataclasses import replace as with_

    while True:
        with looking(c.t.model):
            seen = with_(subject(c.t), trail=c.trail, outlook=found)
            view = paint(seen, PictureRequest("hill", 60, 12, index))
        if not view.rough:
            return view


def test_it_is_there_for_a_run_and_not_without_one(tmp_path: Path):
    assert not available(Sitter(nn.Linear(2, 1)).subject)
    found, c = outlook(tmp_path, REGRESSION)
    from dataclasses import replace as with_

    assert "hill" in pictures(with_(subject(c.t), outlook=found))


@pytest.mark.parametrize("source", [BOWL, CONV, MEAN, REGRESSION])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_every_page_travels(tmp_path: Path, source: str, index: int):
    view, _ = painted(tmp_path, source, 3, index)
    request = PictureRequest("hill", 60, 12, index)
    shown = Shown(request, replace(view, others=()))
    back = decode_engine(encode(shown)[4:])
    assert isinstance(back.view, Landscape)
    assert back.view.heights == view.heights
    assert len(view.heights) == max(len(view.y), 1)
    assert {len(row) for row in view.heights} == {len(view.x)}
    assert len(view.trail.x) == len(view.trail.loss)


def test_the_trail_of_batches_lies_on_the_ground(tmp_path: Path):
    view, c = painted(tmp_path, MEAN, 6)
    _, y = c.t.parts.train.rows(20)
    expected = [(y - w).square().mean().item() for w in view.trail.x]
    assert view.trail.loss == pytest.approx(expected, rel=1e-2)
    assert view.trail.loss[-1] == pytest.approx(expected[-1], rel=1e-6)
    assert view.lowest == pytest.approx((y.mean().item(), y.var(unbiased=False).item()), rel=1e-4)
    assert view.bend == pytest.approx(2.0)


def test_the_trail_of_whole_data_has_the_losses_of_its_steps(tmp_path: Path):
    found, c = outlook(tmp_path, MEAN, batch_size=20)
    losses = trodden(c, 6)
    assert view_of(found, c).trail.loss[:-1] == losses


def test_others_are_named_and_stand_on_the_ground(tmp_path: Path):
    found, c = outlook(tmp_path, MEAN)
    other = training(tmp_path, MEAN)
    with torch.no_grad():
        other.parameters[0].fill_(1.5)
    c.replicas = [("lr 0.03", other)]
    (way,) = view_of(found, c).others
    assert (way.name, way.x) == ("lr 0.03", [1.5])
    _, y = c.t.parts.train.rows(20)
    assert way.loss == pytest.approx([(y - 1.5).square().mean().item()], rel=1e-2)


def test_it_says_what_one_looks_at(tmp_path: Path):
    start, _ = painted(tmp_path, BOWL)
    assert start.notes == ("ready at the selected starting point",)
    assert painted(tmp_path, BOWL, 1)[0].notes == ()
    along = painted(tmp_path, BOWL, 1, 1)[0]
    assert along.notes == ("the other numbers as they are now",)
    large = painted(tmp_path, REGRESSION, 0, 0, rows=5000, hidden=90)[0]
    assert large.notes[0] == "filter-normalised (Li et al. 2018)"
    assert large.notes[-1].endswith("of 5,000 training examples")
    downhill = painted(tmp_path, REGRESSION, 3, 2)[0]
    assert downhill.trail.x == [0.0]
    assert (downhill.page, downhill.pages) == (2, 3)


def test_a_place_off_the_ground_has_no_height(tmp_path: Path):
    found, c = outlook(tmp_path, MEAN)
    other = training(tmp_path, MEAN)
    view_of(found, c)
    with torch.no_grad():
        other.parameters[0].fill_(1e9)
    c.replicas = [("far", other)]
    (way,) = view_of(found, c).others
    assert isnan(way.loss[-1])
