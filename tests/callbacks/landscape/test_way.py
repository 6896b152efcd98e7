"""The way so far, as weights, from what the trail has noted."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.landscape.way import LATEST, POINTS, so_far, thinned
from foghill.engine.callbacks.trace import Row
from hills import BOWL, bowl, conducting, flat, trodden
from plain import training


def test_it_begins_at_the_start_and_ends_where_the_model_stands(tmp_path: Path):
    t = training(tmp_path, BOWL)
    c = conducting(t)
    places = [flat(t)]
    assert so_far(c.trail, t, places[0], 5.0)[1] == [5.0]
    for _ in range(4):
        trodden(c, 1)
        places.append(flat(t))
    at, losses = so_far(c.trail, t, places[-1], 123.0)
    assert torch.equal(at, torch.stack(places))
    assert losses == pytest.approx([*(bowl(*p.tolist()) for p in places[:-1]), 123.0])


def test_at_step_0_there_is_no_way_whatever_was_noted_before(tmp_path: Path):
    t = training(tmp_path, BOWL)
    c = conducting(t)
    with torch.no_grad():
        t.parameters[0].fill_(9.0)  # a knob built the model anew
    at, _ = so_far(c.trail, t, flat(t), 1.0)
    assert at.tolist() == [[9.0, 1.0]]


def test_losses_of_steps_nobody_noted_are_not_known(tmp_path: Path):
    t = training(tmp_path, BOWL)
    c = conducting(t)
    trodden(c, 1)
    from plain import take

    take(t, 3)
    trodden(c, 1)
    at, losses = so_far(c.trail, t, flat(t), 1.0)
    assert len(at) == 3
    assert [loss == loss for loss in losses] == [True, False, True]


def test_a_long_way_is_thinned_but_not_its_end():
    rows = [Row(i + 1, 0.0, None, 0.0, None, (), (), (), (), ()) for i in range(10_000)]  # type: ignore
    kept = thinned(rows)
    assert len(kept) <= POINTS
    assert kept[0] is rows[0]
    assert kept[-LATEST:] == rows[-LATEST:]
    gaps = {b.step - a.step for a, b in pairwise(kept[:-LATEST])}
    assert len(gaps) == 1
    assert thinned(rows[:POINTS]) == rows[:POINTS]
