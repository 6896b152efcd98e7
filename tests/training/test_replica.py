"""A replica equals its solo run bit for bit, wherever it began, and the run never notices it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.reconfigure import turn
from foghill.engine.training.replica import Replica
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    dismiss,
    drawn,
    everything,
    phases,
    plain_loop,
    take,
    training,
)
from torch import nn

from training.test_items import NOISY
from training.test_snapshot import SCHEDULED

LOADER = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
def data():
    x = torch.randn(40, 3)
    return DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), 8, shuffle=True)
def model(): return nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.3), nn.Linear(4, 1))
"""
OWN_LOSS = """
import torch
from torch import nn
class Valley(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(2))
        self.calls = 0
    def forward(self):
        self.calls += 1
        return (self.w ** 2).sum() + torch.rand(()) * self.calls
def model(): return Valley()
"""
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "dropout, batch norm, augmentation": (RESTLESS, {}, {"lr": 0.03}),
    "another optimizer": (RESTLESS, {}, {"optimizer": "sgd", "momentum": 0.9}),
    "a wider model": (RESTLESS, {}, {"width": 5}),
    "other data": (RESTLESS, {}, {"rows": 31, "noise": 0.5}),
    "another split": (RESTLESS, {}, {"valid": 0.4}),
    "another batch size": (REGRESSION, {"dropout": 0.3}, {"batch_size": 7}),
    "full batch, order kept": (REGRESSION, {"batch_size": 50}, {"lr": 0.2}),
    "no shuffle": (REGRESSION, {"shuffle": "off"}, {"lr": 0.2, "batch_size": 9}),
    "a scheduler": (SCHEDULED, {}, {"gamma": 0.5}),
    "gradients that pile up": (REGRESSION, {"lr": 1e-4}, {"zero_grad": False}),
    "a Dataset": (NOISY, {}, {"lr": 0.03}),
    "its own loss": (OWN_LOSS, {}, {"lr": 0.1}),
}


def solo(folder: Path, source: str, typed: dict[str, Any], changes: dict[str, Any]) -> Any:
    """A run of its own that was started with these values."""
    shown = {n: ("on" if v else "off") if isinstance(v, bool) else v for n, v in changes.items()}
    return training(folder, source, **typed | shown)


@pytest.mark.parametrize("case", CASES)
def test_from_step_0_it_equals_a_solo_run_with_its_values(tmp_path: Path, case: str):
    source, typed, changes = CASES[case]
    t = training(tmp_path, source, **typed)
    before, around = everything(t), drawn()
    replica = Replica.fork(t, changes)
    losses = replica.advance(3) + replica.advance(20)
    assert not replica.stopped
    assert not differing(everything(t), before)
    assert drawn() == around
    one = solo(tmp_path, source, typed, changes)
    assert take(one, 23) == losses
    with replica.living():
        assert not differing(everything(replica.t), everything(one))


@pytest.mark.parametrize("case", CASES)
def test_in_the_middle_it_equals_the_run_had_the_knobs_been_turned_there(tmp_path: Path, case: str):
    source, typed, changes = CASES[case]
    t = training(tmp_path, source, **typed)
    take(t, 8)
    before, around = everything(t), drawn()
    replica, same = Replica.fork(t, changes), Replica.fork(t, {})
    losses, copied = replica.advance(12), same.advance(12)
    assert not differing(everything(t), before)
    assert drawn() == around
    assert take(t, 12) == copied
    one = training(tmp_path, source, **typed)
    take(one, 8)
    turn(one, changes)
    assert take(one, 12) == losses
    with replica.living():
        assert not differing(everything(replica.t), everything(one))


def test_the_run_goes_on_as_if_there_had_been_no_replica(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    replicas = [Replica.fork(t, {"lr": lr}) for lr in (0.001, 0.1)]
    losses: list[float] = []
    for chunk in (1, 5, 2, 9, 3):
        losses += take(t, chunk)
        for replica in replicas:
            replica.advance(chunk)
        replicas.append(Replica.fork(t, {"dropout": 0.1}))
    alone = training(tmp_path, RESTLESS)
    assert take(alone, 20) == losses


def test_it_equals_a_plain_pytorch_loop(tmp_path: Path):
    t = training(tmp_path, REGRESSION, batch_size=10, lr=0.1)
    take(t, 4)
    again = training(tmp_path, REGRESSION, batch_size=10, lr=0.1)
    replica = Replica.fork(again, {"optimizer": "adam", "lr": 0.01})
    losses = replica.advance(30)
    plain, model = plain_loop(REGRESSION, lambda p: torch.optim.Adam(p, lr=0.01), 30, 10)
    assert losses == plain
    for mine, theirs in zip(replica.t.parameters, model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("taken", [1, 2, 3, 4, 5])
def test_in_the_middle_of_a_step_it_begins_at_that_steps_start(tmp_path: Path, taken: int):
    t = training(tmp_path, RESTLESS, zero_grad="off")
    take(t, 5)
    phases(t, taken)
    losses = Replica.fork(t, {}).advance(10)
    alone = training(tmp_path, RESTLESS, zero_grad="off")
    assert take(alone, 15)[5:] == losses


def test_it_can_be_made_and_advanced_while_a_picture_is_painted(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    take(t, 5)
    with looking(t.model):
        losses = Replica.fork(t, {}).advance(10)
    assert take(t, 10) == losses


def test_knobs_turned_on_the_run_turn_but_its_own_stay(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    replica = Replica.fork(t, {"lr": 0.03})
    replica.advance(6)
    replica.turn({"lr": 0.5, "dropout": 0.0})
    losses = replica.advance(6)
    one = training(tmp_path, RESTLESS, lr=0.03)
    take(one, 6)
    turn(one, {"dropout": 0.0})
    assert take(one, 6) == losses


def test_a_loss_that_is_not_finite_stops_it_before_that_update(tmp_path: Path):
    t = training(tmp_path, REGRESSION)
    around = drawn()
    replica = Replica.fork(t, {"lr": 1e30})
    losses = replica.advance(100)
    assert not torch.isfinite(torch.tensor(losses[-1]))
    assert replica.stopped == f"loss is {losses[-1]:g} at step {len(losses)}"
    assert replica.step == len(losses) - 1
    assert replica.advance(5) == []
    assert drawn() == around


def test_one_that_raises_stops_with_a_sentence(tmp_path: Path):
    raising = (
        REGRESSION
        + """
def loss(prediction, target, worst: float = 1.0):
    error = (prediction - target).square().mean()
    if worst < 0: raise RuntimeError("worse than nothing")
    return error
"""
    )
    t = training(tmp_path, raising)
    take(t, 3)
    replica = Replica.fork(t, {"worst": -1.0})
    assert replica.advance(3) == []
    assert replica.stopped.startswith("loss() raised RuntimeError: worse than nothing")
    assert take(t, 3)


def test_at_step_0_each_gets_a_loader_of_its_own_and_later_none_can_be_copied(tmp_path: Path):
    t = training(tmp_path, LOADER)
    losses = Replica.fork(t, {"lr": 0.1}).advance(12)
    one = training(tmp_path, LOADER, lr=0.1)
    assert take(one, 12) == losses
    t = training(tmp_path, LOADER)
    take(t, 2)
    with pytest.raises(ValueError, match="DataLoader cannot be copied"):
        Replica.fork(t, {"lr": 0.2})


def test_a_loader_that_replicas_would_share_is_refused(tmp_path: Path):
    shared = LOADER.replace("def data():", "def make():").replace(
        "def model", "LOADER = make()\ndef data(): return LOADER\ndef model"
    )
    with pytest.raises(ValueError, match="inside data"):
        Replica.fork(training(tmp_path, shared), {"lr": 0.1})


def test_seeds_differ_from_step_0_alone(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    losses = Replica.fork(t, {"seed": 7}).advance(10)
    assert take(training(tmp_path, RESTLESS, seed=7), 10) == losses
    take(t, 1)
    with pytest.raises(ValueError, match="restart first"):
        Replica.fork(t, {"seed": 7})


def test_a_seed_that_waits_for_the_restart_is_not_used(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    turn(t, {"seed": 5})
    losses = Replica.fork(t, {}).advance(10)
    assert losses == take(t, 10)


def test_equal_data_is_shared_and_a_model_that_writes_into_its_batch_spoils_none(tmp_path: Path):
    writing = """
import torch
from torch import nn
settings = {"valid": 0.0, "batch_size": 50, "lr": 0.01}
def data():
    x = torch.randn(20, 3)
    return x, x.sum(1, keepdim=True)
class Writing(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)
    def forward(self, x):
        x.mul_(0.5)
        return self.layer(x)
def model(): return Writing()
"""
    t = training(tmp_path, writing)
    x = t.returned[0].clone()
    replica = Replica.fork(t, {"lr": 0.5})
    replica.advance(3)
    assert replica.t.parts.train.fields[0] is t.parts.train.fields[0]  # type: ignore[attr-defined]
    assert torch.equal(t.returned[0], x)
    assert isinstance(replica.t.model, nn.Module)
    dismiss(replica.t)
