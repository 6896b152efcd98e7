"""The user's own loaders: their batching and order, and that looking leaves them alone."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.loader import Loader
from foghill.engine.training.reconfigure import turn
from foghill.engine.training.sampler import DataError
from foghill.engine.training.validation import validate
from plain import dismiss, functions, measured, phases, take, training
from torch import nn
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset

LOADERS = '''
"""The user's own loaders, with dropout and items that draw."""
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, n):
        self.x = torch.randn(n, 3)
    def __len__(self):
        return len(self.x)
    def __getitem__(self, i):
        return self.x[i] + 0.1 * torch.randn(3), self.x[i].sum()

def data():
    own = torch.Generator().manual_seed(4)
    OPTIONS
    train = DataLoader(Noisy(22), batch_size=5, shuffle=True, **options)
    return train, DataLoader(Noisy(9), batch_size=4, shuffle=True, **options)

def model(dropout: float = 0.3):
    return nn.Sequential(nn.Linear(3, 4), nn.Dropout(dropout), nn.Linear(4, 1))
'''
OWN = LOADERS.replace("OPTIONS", "options = {'generator': own}")
GLOBAL = LOADERS.replace("OPTIONS", "options = {}")
LASTING = LOADERS.replace("OPTIONS", "options = {'num_workers': 1, 'persistent_workers': True}")

STREAM = '''
"""A stream of examples."""
import torch
from torch import nn
from torch.utils.data import IterableDataset

class Stream(IterableDataset):
    def __iter__(self):
        for i in range(11):
            yield torch.tensor([float(i), 1.0]), torch.tensor([i / 10])

def data():
    return Stream()

def model():
    return nn.Linear(2, 1)

settings = {"batch_size": 4, "lr": 1e-3}
'''


def plain(source: str, steps: int) -> list[float]:
    """The loop that everybody writes, an epoch at a time."""
    file = functions(source)
    torch.manual_seed(0)
    train, _ = file["data"]()
    torch.manual_seed(0)
    model = file["model"]()
    descent = torch.optim.SGD(model.parameters())
    losses: list[float] = []
    while True:
        for x, y in train:
            prediction = model(x)
            loss = nn.functional.mse_loss(prediction, y[:, None])
            losses.append(loss.item())
            if len(losses) == steps:
                return losses
            descent.zero_grad()
            loss.backward()
            descent.step()


@pytest.mark.parametrize("source", [OWN, GLOBAL])
def test_batching_and_order_stay_the_users_own_bit_for_bit(tmp_path: Path, source: str):
    t = training(tmp_path, source)
    assert take(t, 200) == plain(source, 200)
    assert (t.feed.place.epoch, t.steps_per_epoch) == (40, 5)
    assert "own DataLoader decides" in t.parts.notes[0]


@pytest.mark.parametrize("source", [OWN, GLOBAL, LASTING], ids=["own", "global", "lasting workers"])
def test_looking_and_validating_leave_the_loaders_order_alone(tmp_path: Path, source: str):
    t = training(tmp_path, source)
    losses: list[float] = []
    for _ in range(12):
        losses += take(t, 1)
        measured(t)
        with looking(t.model):
            t.parts.train.rows(10)
    assert losses == plain(source, 12)
    dismiss(t)


def test_a_validation_that_is_left_half_way_leaves_the_loader_alone(tmp_path: Path):
    t = training(tmp_path, OWN)
    losses = take(t, 3)
    going = validate(t)
    next(going)
    going.close()
    assert losses + take(t, 9) == plain(OWN, 12)


@pytest.mark.parametrize("source", [OWN, GLOBAL])
def test_a_step_begun_again_draws_what_it_had_drawn(tmp_path: Path, source: str):
    t = training(tmp_path, source)
    losses: list[float] = []
    for step in range(12):
        phases(t, 1 + step % 5)
        t.abandon_step()
        phases(t, 3)
        t.abandon_step()
        losses += take(t, 1)
    assert losses == plain(source, 12)


def test_the_pass_ends_with_its_last_step():
    feed = Loader(DataLoader(TensorDataset(torch.arange(10.0)), batch_size=4))
    places: list[tuple[int, int]] = []
    for _ in range(4):
        feed.take(99, False, 0)
        feed.advance()
        places.append((feed.place.epoch, feed.place.position))
    assert places == [(0, 4), (0, 8), (1, 0), (1, 4)]


def test_a_stream_is_batched_and_its_order_is_not_promised(tmp_path: Path):
    t = training(tmp_path, STREAM)
    firsts: list[float] = []
    for _ in range(4):
        take(t, 1)
        firsts += t.batch[0][:, 0].tolist()
    assert firsts == [*range(11), 0, 1, 2, 3]
    assert (t.feed.place.epoch, t.feed.place.position, t.steps_per_epoch) == (1, 4, 0)
    assert "cannot be promised" in t.parts.notes[0]
    assert t.parts.describe() == "no validation"
    assert t.parts.train.rows(5) is None


def test_a_loader_around_a_stream_says_so_too(tmp_path: Path):
    source = STREAM.replace("return Stream()", "return DataLoader(Stream(), 3)")
    t = training(tmp_path, source.replace("import Iter", "import DataLoader, Iter"))
    take(t, 1)
    assert len(t.batch[0]) == 3
    assert "order cannot be promised" in t.parts.notes[0]


def test_an_item_that_fails_fails_the_step_that_needs_it():
    class Broken(TensorDataset):
        def __getitem__(self, index: int) -> Any:
            if index == 3:
                raise OSError("file is gone")
            return super().__getitem__(index)

    feed = Loader(DataLoader(Broken(torch.arange(8.0)), batch_size=2))
    feed.take(0, False, 0)
    feed.advance()  # looks ahead: the step before it is whole
    with pytest.raises(OSError, match="gone"):
        feed.take(0, False, 0)
    assert (feed.place.epoch, feed.place.position) == (0, 2)
    assert feed.take(0, False, 0)[0].tolist() == [4, 5]  # as in plain PyTorch, the next


def test_a_loader_without_a_batch_says_so():
    feed = Loader(DataLoader(TensorDataset(torch.ones(3)), batch_size=4, drop_last=True))
    with pytest.raises(DataError, match="without a single batch"):
        feed.take(1, False, 0)


def test_pictures_show_the_rows_that_train():
    rows = TensorDataset(torch.arange(100))
    train = Loader(DataLoader(rows, batch_size=3, sampler=SubsetRandomSampler(range(40, 60))))
    assert train.rows(3)[0].tolist() == [40, 49, 59]
    assert Loader(DataLoader(rows, batch_size=3)).rows(1000)[0].tolist() == list(range(100))
    assert Loader(DataLoader(rows, batch_size=None)).rows(10) is None


def test_turning_knobs_never_cuts_a_pass_in_two(tmp_path: Path):
    t = training(tmp_path, OWN)
    losses = take(t, 3)
    for name, value in (("num_workers", 2), ("batch_size", 3), ("valid", 0.5), ("dropout", 0.9)):
        before = t.values[name]
        turn(t, {name: value})
        turn(t, {name: before})
    assert losses + take(t, 9) == plain(OWN, 12)
