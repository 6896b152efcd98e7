"""Snapshots of the weights: few, even, and gone where the run began anew."""

from itertools import pairwise
from math import nan
from pathlib import Path as File

import pytest
import torch
from foghill.engine.callbacks.landscape import path as module
from foghill.engine.callbacks.landscape.path import FEWEST, LARGEST, MANY, MOST, Path
from hills import BOWL, flat
from plain import REGRESSION, differing, everything, take, training


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0)


def test_every_moved_step_is_noted_once(tmp_path: File):
    t = training(tmp_path, REGRESSION)
    path = Path()
    path.begin(t)
    for loss in (3.0, 2.0, 1.0):
        path.note(t, loss)
        path.note(t, 99.0)
        take(t, 2)
    assert path.steps == [0, 2, 4]
    assert path.losses == [3.0, 2.0, 1.0]
    weights, losses = path.before(4, flat(t))
    assert torch.equal(weights, torch.stack([*path.weights[:2], flat(t)]))
    assert losses == [3.0, 2.0]


def test_it_stays_within_its_bound_and_spreads_over_the_run(tmp_path: File):
    t = training(tmp_path, REGRESSION, hidden=20)
    path = Path()
    path.begin(t)
    for step in range(2000):
        t.step = step
        path.note(t, nan)
    assert path.steps[0] == 0
    assert MOST / 2 <= len(path.steps) <= MOST
    gaps = [b - a for a, b in pairwise(path.steps)]
    assert max(gaps) <= 4 * min(gaps)
    assert path.steps[-1] > 1900


@pytest.mark.parametrize(
    ("numbers", "most"), [(2, MANY), (65, MOST), (1_000_000, 40), (LARGEST, FEWEST)]
)
def test_larger_models_have_fewer_snapshots(tmp_path: File, numbers: int, most: int):
    t = training(tmp_path, REGRESSION)
    t.parameters = [torch.nn.Parameter(torch.empty(numbers))]
    path = Path()
    path.begin(t)
    assert path.most == most
    assert path.kept
    t.parameters = [torch.nn.Parameter(torch.empty(LARGEST + 1))]
    path.begin(t)
    path.note(t, 1.0)
    assert not path.steps


def test_a_restart_or_another_model_begins_anew_and_a_rebuild_goes_on(tmp_path: File):
    t = training(tmp_path, REGRESSION)
    path = Path()
    path.begin(t)
    for _ in range(3):
        path.note(t, 1.0)
        take(t, 1)
    path.begin(t)
    assert path.steps == [0, 1, 2]
    t.step = 1
    path.note(t, 1.0)  # gone back
    assert path.steps == [0, 1]
    t.step = 0
    path.begin(t)
    assert path.steps == []


def test_a_small_replicas_every_step_is_noted_and_nothing_changes(tmp_path: File):
    free, followed = training(tmp_path, BOWL, momentum=0.5), training(tmp_path, BOWL, momentum=0.5)
    path = Path()
    path.begin(followed)
    path.follow(followed)
    places = [flat(followed)]
    for _ in range(5):
        take(followed, 1)
        path.follow(followed)
        places.append(flat(followed))
    take(free, 5)
    assert path.steps == [0, 1, 2, 3, 4, 5]
    assert torch.equal(torch.stack(path.weights), torch.stack(places))
    assert not differing(everything(free), everything(followed))
