"""Tensors in words: all of the small ones, statistics and a histogram of the large ones."""

import math
from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.trace import number_names
from foghill.engine.protocol.commands import Edit
from foghill.engine.training.tensors import (
    BINS,
    each_number,
    factor,
    histogram,
    num,
    number_name,
    statistics,
    table,
    tensor,
)
from plain import training
from sessions import LINE, Live


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.66141, "0.6614"),
        (-54320.4, "−54320"),
        (1e-5, "1e−5"),
        (-3.25e-7, "−3.25e−7"),
        (20.0, "20"),
        (1.191e7, "1.191e7"),
        (0.0, "0"),
        (math.nan, "nan"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_short_and_have_a_true_minus(value: float, words: str):
    assert num(value) == words


def test_negative_factors_stand_in_brackets():
    assert (factor(-2.0), factor(2.0)) == ("(−2)", "2")


def test_a_small_tensor_shows_all_its_numbers_row_by_row():
    shown = tensor("w", torch.tensor([[1.0, 2.5], [-3.0, 0.125]]))
    assert (shown.text, shown.aside) == ("w", "2×2 f32")
    assert shown.rows == (("1", "2.5"), ("−3", "0.125"))
    assert shown.counts == ()


def test_a_column_is_shown_in_a_row_and_classes_as_whole_numbers():
    assert tensor("x", torch.tensor([[1.0], [2.0]])).rows == (("1", "2"),)
    assert tensor("y", torch.tensor([3, 7])).rows == (("3", "7"),)


def test_a_large_one_shows_its_spread():
    torch.manual_seed(0)
    values = torch.randn(100, 30)
    shown = tensor("x", values)
    assert shown.rows == ()
    assert sum(shown.counts) == 3000
    assert f"mean {num(values.mean().item())}" in shown.words
    assert f"std {num(values.std(correction=0).item())}" in shown.words
    assert f"max {num(values.max().item())}" in shown.words


def test_large_classes_are_counted():
    shown = tensor("y", torch.arange(500) % 10)
    assert shown.words == "from 0 to 9, 10 different"
    assert sum(shown.counts) == 500


def test_a_histogram_counts_what_numpy_counts():
    values = torch.linspace(0, 1, 97) ** 2
    low, high, counts = histogram(values)
    expected = torch.histogram(values, BINS, range=(0.0, 1.0)).hist
    assert (low, high) == ("0", "1")
    assert list(counts) == expected.int().tolist()
    assert histogram(torch.full((200,), 3.0)) == ("", "", ())


def test_what_is_not_finite_is_said():
    values = torch.ones(200)
    values[:3] = math.nan
    assert statistics(values).startswith("3 not finite  mean 1 ")
    assert sum(tensor("x", torch.cat([values, torch.zeros(5)])).counts) == 202


def test_a_long_table_says_how_much_is_left():
    shown = table(["a", "b"], [[str(i), "x"] for i in range(30)], 24)
    assert len(shown.rows) == 26
    assert shown.rows[-1] == ("… 6 more", "")


def test_numbers_are_named_by_their_place() -> None:
    assert number_name("w", (), 0) == "w"
    assert number_name("w", (1, 1), 0) == "w"
    assert number_name("w", (2, 3), 5) == "w[1,2]"


def test_a_number_has_one_name_wherever_it_is_shown(tmp_path: Path) -> None:
    text = LINE.replace(
        "nn.Sequential(nn.Linear(1, width), nn.Linear(width, 1))", "nn.Linear(2, 1)"
    )
    text = text.replace("torch.linspace(-1, 1, points)[:, None]", "torch.ones(points, 2)")
    t = training(tmp_path, text.replace("return x, 2 * x + 1", "return x, x.sum(1)"))
    names = ["weight[0,0]", "weight[0,1]", "bias"]
    assert number_names(t) == names
    tensors = [p.detach() for p in t.parameters]
    assert [name for name, _ in each_number(["weight", "bias"], tensors)] == names
    with Live(t.experiment.path) as live:
        live.ready()
        assert live.do(Edit("bias", 0, 2.0)).note.startswith("bias ")
        assert live.do(Edit("weight", 1, 2.0)).note.startswith("weight[0,1] ")
