"""The weights at the best validation, against a plain note of every validation."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.best import Best
from plain import take, training


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_it_keeps_the_lowest_and_copies_it(tmp_path: Path):
    t, best = training(tmp_path), Best()
    kept: list[tuple[float, dict[str, torch.Tensor]]] = []
    for loss in (3.0, 1.0, 2.0, 1.0):
        take(t, 1)
        best.seen(t, loss)
        kept.append((loss, {k: v.clone() for k, v in t.model.state_dict().items()}))
    assert (best.loss, best.step) == (1.0, 2)
    assert all(torch.equal(best.state[name], value) for name, value in kept[1][1].items())
    best.begin()
    assert (best.step, best.state) == (0, {})


def test_a_large_model_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("foghill.engine.callbacks.best.LARGEST", 10)
    t, best = training(tmp_path), Best()
    best.seen(t, 1.0)
    assert best.state == {}


def test_a_validation_that_is_not_finite_is_none(tmp_path: Path):
    t, best = training(tmp_path), Best()
    best.seen(t, float("nan"))
    assert best.state == {}
