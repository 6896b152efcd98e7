"""Copies to measure on: what is done to them stays with them."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.coach.copies import (
    BATCHES,
    ROWS,
    Copies,
    dot,
    examples,
    norm,
    rms,
    steadied,
    unit,
)
from foghill.engine.training.eval_mode import looking
from plain import RESTLESS, differing, drawn, everything, take, training
from torch import nn

FLOATS = """
import torch
from torch import nn
class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3, 1))
    def forward(self, x): return torch.cat([x, torch.zeros(len(x), 1, dtype=torch.float32)], 1) @ self.w
def data(): return torch.randn(40, 2), torch.randn(40, 1)
def model(): return Own()
"""  # noqa: E501


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_nothing_of_the_training_changes(tmp_path: Path):
    t = training(tmp_path, RESTLESS, batch_size=8)
    take(t, 3)
    before, generators = everything(t), drawn()
    with looking(t.model):
        here = Copies(t, 1.0)
        with here.moved([torch.ones_like(p) for p in here.parameters], 5.0):
            here.loss(here.sample)
            here.gradient(here.sample)
    assert differing(before, everything(t)) == differing(generators, drawn()) == []


def test_weights_are_put_back_exactly_and_moved_by_what_was_said(tmp_path: Path):
    t = training(tmp_path, hidden=4)
    with looking(t.model):
        here = Copies(t, 1.0)
        by = [torch.randn_like(p) for p in here.parameters]
        with here.moved(by, 0.5):
            for p, at, b in zip(here.parameters, here.at, by, strict=True):
                assert torch.equal(p, at + 0.5 * b)
        assert all(torch.equal(p, at) for p, at in zip(here.parameters, here.at, strict=True))


def test_the_gradient_is_autograds(tmp_path: Path):
    t = training(tmp_path, batch_size=8)
    with looking(t.model):
        here = Copies(t, 1.0)
    x, y = t.parts.train.fields  # type: ignore[union-attr]
    loss = torch.nn.functional.mse_loss(t.model(x), y[:, None])
    expected = torch.autograd.grad(loss, list(t.model.parameters()))
    for ours, theirs in zip(here.whole, expected, strict=True):
        assert torch.allclose(ours.float(), theirs, atol=1e-6)


def test_a_model_that_makes_its_own_floats_is_measured_in_them(tmp_path: Path):
    t = training(tmp_path, FLOATS, batch_size=8)
    with looking(t.model):
        here = Copies(t, 1.0)
    assert {p.dtype for p in here.parameters} <= {torch.float32, torch.float64}
    assert here.loss(here.sample) > 0


def test_batches_have_the_runs_size_and_differ(tmp_path: Path):
    t = training(tmp_path, rows=2000, batch_size=16)
    sample, batches, everything_there = examples(t)
    assert len(sample[0]) == ROWS
    assert not everything_there
    assert [len(batch[0]) for batch in batches] == [16] * BATCHES
    assert not torch.equal(batches[0][0], batches[1][0])
    whole = training(tmp_path, rows=30, batch_size=64)
    sample, batches, everything_there = examples(whole)
    assert everything_there
    assert len(batches) == 1


def test_sums_over_vectors():
    v = [torch.tensor([3.0, 0.0]), torch.tensor([[4.0]])]
    assert norm(v) == 5
    assert dot(v, v) == 25
    assert norm(unit(v)) == pytest.approx(1)
    assert rms(torch.tensor([3.0, 4.0])) == pytest.approx(12.5**0.5)
    assert norm([]) == 0


def test_batch_norms_see_their_batch_and_dropout_is_left_out():
    net = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5))
    x = 5 + torch.randn(50, 2)
    assert torch.equal(steadied(net)(x), net(x))
    assert net(x).mean().item() == pytest.approx(0, abs=1e-5)
