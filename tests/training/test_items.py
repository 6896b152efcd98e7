"""Items draw from (seed, epoch, index) alone: how many workers fetch them never matters."""

import gc
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.experiment.randomness import item_seed
from foghill.engine.training.items import SeededItems, item_loader
from foghill.engine.training.training import Training
from plain import (
    differing,
    dismiss,
    drawn,
    everything,
    experiment,
    measured,
    seeded,
    take,
    training,
)
from torch.utils.data import Dataset

NOISY = '''
"""Items that draw from every generator."""
import random
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

settings = {"batch_size": 7, "valid": 0.25, "lr": 0.05}

class Noisy(Dataset):
    def __init__(self, n):
        self.x = torch.randn(n, 3)
    def __len__(self):
        return len(self.x)
    def __getitem__(self, i):
        noise = torch.randn(3) + np.random.rand() + random.random()
        return {"x": self.x[i] + 0.1 * noise, "y": self.x[i].sum()[None]}

def data(rows: int = 40):
    return Noisy(rows)

def model(dropout: float = 0.2):
    return nn.Sequential(nn.Linear(3, 4), nn.Dropout(dropout), nn.Linear(4, 1))

def step(model, batch):
    error = model(batch["x"]) - batch["y"]
    return {"square": error.square().mean(), "edge": 0.1 * error.abs().mean()}
'''
Trained = tuple[list[float], dict[str, float], list[tuple[str, bytes]]]


def trained(t: Training) -> Trained:
    """Twelve steps into the third pass, with a validation and another batch size on the way."""
    losses = take(t, 6)
    found = measured(t)
    t.values["batch_size"] = 4
    t.settle()
    losses, after = losses + take(t, 6), everything(t)
    dismiss(t)
    return losses, found, after


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(training(tmp_path_factory.mktemp("items"), NOISY))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_never_matters(tmp_path: Path, expected: Trained, workers: int):
    losses, found, state = trained(training(tmp_path, NOISY, num_workers=workers))
    assert (losses, found) == expected[:2]
    different = differing(state, expected[2])
    assert [name for name in different if "workers" not in name and "by_hand" not in name] == []


@pytest.fixture
def start_method(request: pytest.FixtureRequest) -> Iterator[str]:
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.slow
@pytest.mark.parametrize("start_method", ["spawn", "forkserver"], indirect=True)
def test_nor_does_how_they_are_started(
    tmp_path: Path, expected: Trained, start_method: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])  # workers import the file again
    loaded = experiment(tmp_path, NOISY, num_workers=1)
    t = Training(loaded, False, "", {*loaded.settings, "num_workers"})
    losses = take(t, 6)
    dismiss(t)
    assert losses == expected[0][:6]


class Drawing(Dataset[Any]):
    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.rand(2) + index


def test_an_item_depends_on_seed_epoch_and_index_alone():
    items = SeededItems(Drawing(), 5)
    first = items[(2, 7)]
    assert torch.equal(items.__getitems__([(0, 0), (1, 1), (2, 7)])[2], first)
    assert not torch.equal(items[(3, 7)], first)
    assert not torch.equal(SeededItems(Drawing(), 6)[(2, 7)], first)
    seeded(item_seed(5, 2, 7))
    assert torch.equal(Drawing()[7], first)


@pytest.mark.parametrize("workers", [0, 1])
def test_fetching_items_leaves_the_global_generators_alone(workers: int):
    before = drawn()
    keys = [[(0, 1), (0, 2)], [(0, 3)]]
    batches = list(item_loader(SeededItems(Drawing(), 0), keys, workers))
    assert [len(batch) for batch in batches] == [2, 1]
    assert not differing(before, drawn())


def test_a_datasets_own_way_to_put_items_together_is_used():
    class Sums(Drawing):
        def collate_fn(self, items: list[torch.Tensor]) -> str:
            return f"{len(items)} items"

    assert list(item_loader(SeededItems(Sums(), 0), [[(0, 1), (0, 2)]], 0)) == ["2 items"]


def test_workers_go_with_their_feed_and_not_when_garbage_is_collected(tmp_path: Path):
    t = training(tmp_path, NOISY, num_workers=1)
    take(t, 1)
    workers = multiprocessing.active_children()
    gc.disable()
    try:
        dismiss(t)
        assert not [worker for worker in workers if worker.is_alive()]
        assert len(workers) == 1
    finally:
        gc.enable()
