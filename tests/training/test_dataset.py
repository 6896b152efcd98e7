"""What `data()` may return, which part is held out, and what is wrong with it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from foghill.engine.experiment.randomness import held_out_rows
from foghill.engine.training.dataset import interpret
from foghill.engine.training.loader import Loader
from foghill.engine.training.sampler import DataError, Items, Tensors
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import REGRESSION, measured, order, training
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

X, Y = torch.randn(10, 3), torch.randn(10)


def parts(returned: Any, valid: float = 0.2, seed: int = 0) -> Any:
    return interpret(returned, torch.device("cpu"), valid, seed, 4, 0)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.floats(0, 0.9), st.integers(0, 2**32 - 1))
def test_the_first_of_order_minus_one_are_held_out(n: int, valid: float, seed: int):
    train, held_out = held_out_rows(n, valid, seed)
    chosen = set(order(seed, -1, n)[: round(valid * n)].tolist())
    assert held_out.tolist() == sorted(chosen)
    assert train.tolist() == [row for row in range(n) if row not in chosen]


def test_pairs_of_tensors_are_split():
    found = parts((X, Y), 0.3, seed=8)
    held = sorted(order(8, -1, 10)[:3].tolist())
    rest = [row for row in range(10) if row not in held]
    assert torch.equal(found.held_out.rows(99)[0], X[held])
    assert torch.equal(found.train.rows(99)[1], Y[rest])
    assert (found.splits, found.describe()) == (True, "3 held out, 7 train")


def test_a_dataset_is_split_as_tensors_are():
    found = parts(TensorDataset(X, Y), 0.3, seed=8)
    same = parts((X, Y), 0.3, seed=8)
    for ours, theirs in ((found.train, same.train), (found.held_out, same.held_out)):
        assert isinstance(ours, Items)
        assert torch.equal(ours.rows(99)[0], theirs.rows(99)[0])


@pytest.mark.parametrize("valid", [0.0, 0.04])
def test_nothing_is_held_out_where_the_share_is_less_than_half_an_example(valid: float):
    assert parts((X, Y), valid).held_out is None
    assert parts((X, Y), valid).describe() == "no validation"


def test_the_split_follows_the_seed_of_the_data(tmp_path: Path):
    t = training(tmp_path, REGRESSION, seed=3, data_seed=6, valid=0.2)
    held = sorted(order(6, -1, 50)[:10].tolist())
    assert torch.equal(t.parts.held_out.rows(99)[0], t.returned[0][held])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("returned", "train", "held_out"),
    [
        (X, Tensors, Tensors),
        ([X, Y], Tensors, Tensors),
        ((X, Y, Y), Tensors, Tensors),
        ({"a": X, "b": Y}, Tensors, Tensors),
        ((X.numpy(), Y.numpy()), Tensors, Tensors),
        (((X, Y), (X[:2], Y[:2])), Tensors, Tensors),
        (((X, Y), None), Tensors, type(None)),
        (({"a": X}, {"a": X}), Tensors, Tensors),
        ((TensorDataset(X), TensorDataset(X)), Items, Items),
        ((TensorDataset(X), None), Items, type(None)),
        (DataLoader(TensorDataset(X)), Loader, type(None)),
        ((DataLoader(TensorDataset(X)), TensorDataset(X)), Loader, Items),
        ((DataLoader(TensorDataset(X)), (X, Y)), Loader, Tensors),
    ],
)
def test_every_form_is_understood(returned: Any, train: type, held_out: type):
    found = parts(returned)
    assert (type(found.train), type(found.held_out)) == (train, held_out)


def test_numpys_own_float64_becomes_torchs_float32():
    found = parts((np.arange(6.0).reshape(6, 1), np.arange(6)), 0.0)
    x, y = found.train.rows(99)
    assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
    assert parts((X.double(), Y), 0.0).train.rows(9)[0].dtype == torch.float64  # as the user chose


WITH_NAN = X.clone()
WITH_NAN[4, 1] = float("nan")


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "must return .*, a Dataset or a DataLoader; data.. is None"),
        ("text", "data.. is a str"),
        ((X, "text"), "a tuple of Tensor, str"),
        (((X, Y), "text"), "a tuple of tuple, str"),
        ((), "a tuple of"),
        ((X, Y[:9]), "unequal length: x has 10, y has 9 rows"),
        ({"a": X, "b": Y[:3]}, "a has 10, b has 3 rows"),
        ((X, torch.tensor(1.0)), "y is a single number"),
        ((X[:0], Y[:0]), "no examples"),
        (TensorDataset(X[:0]), "no examples"),
        ((WITH_NAN, Y), "x with 1 value that is not finite .first: nan in row 4, column 1"),
        ((X, Y / 0), "y with 10 values that are not finite"),
        (((X, Y), (WITH_NAN, Y)), "valid returned x with 1 value"),
        ((None, (X, Y)), "train is None"),
    ],
)
def test_what_cannot_be_trained_on_says_so(returned: Any, said: str):
    with pytest.raises(DataError, match=said):
        parts(returned)


def test_holding_out_everything_is_refused():
    with pytest.raises(DataError, match=r"valid=0\.9 holds out all 1 examples"):
        parts((X[:1], Y[:1]), 0.9)


def test_a_dataset_without_a_length_says_so():
    class Endless(torch.utils.data.Dataset[Any]):
        def __getitem__(self, index: int) -> int:
            return index

    with pytest.raises(DataError, match="without a length"):
        parts(Endless())


def test_the_held_out_loss_is_that_of_the_held_out_rows(tmp_path: Path):
    t = training(tmp_path, REGRESSION, valid=0.3)
    held = sorted(order(0, -1, 50)[:15].tolist())
    x, y = t.returned
    with torch.no_grad():
        expected = nn.functional.mse_loss(t.model(x[held])[:, 0], y[held]).item()
    assert measured(t)["valid_loss"] == expected
