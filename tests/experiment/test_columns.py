"""What columns hold and the numbers they become."""

import numpy as np
import pytest
from foghill.engine.experiment.columns import (
    features,
    missing,
    read_column,
    target_values,
)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", ""], "whole"),
        (["-1", "+2"], "whole"),
        (["1.0", "2"], "real"),
        (["1e3", "NA", "2"], "real"),
        (["True", "false", "nan"], "yes or no"),
        (["yes", "No"], "yes or no"),
        (["red", "2"], "text"),
        (["2024-01-01", "2024-01-02"], "text"),
        (["1,234", "12"], "real"),
    ],
)
def test_kinds(cells: list[str], kind: str):
    assert read_column("c", cells).kind == kind


def test_numbers_with_commas():
    assert read_column("c", ["1,5", "2"], decimal_comma=True).numbers.tolist() == [1.5, 2]
    assert read_column("c", ["1,234", "2,000,000.5"]).numbers.tolist() == [1234, 2000000.5]


def test_missing():
    assert all(missing(cell) for cell in ["", "NA", "n/a", "NaN", "null", "None", "?", "inf"])
    assert not missing("0")


def test_text_becomes_one_input_for_each_category():
    found = features([read_column("color", ["red", "blue", "", "red"])], notes := [])
    assert [f.name for f in found] == ["color=blue", "color=missing", "color=red"]
    assert np.stack([f.values for f in found], 1).sum(1).tolist() == [1, 1, 1, 1]
    assert not any(f.number for f in found)
    assert notes == ["color: 1 missing, kept as a category"]


@pytest.mark.parametrize(
    ("name", "cells", "note"),
    [
        ("empty", ["", "", ""], "no values"),
        ("same", ["4", "4", "4"], "the same in every row"),
        ("who", ["ann", "bob", "cy"], "3 different texts"),
        ("column 1", ["0", "1", "2"], "counts the rows"),
    ],
)
def test_what_says_nothing_is_left_out_and_reported(name: str, cells: list[str], note: str):
    assert features([read_column(name, cells)], notes := []) == []
    assert len(notes) == 1
    assert name in notes[0]
    assert note in notes[0]


def test_missing_numbers_are_reported():
    (found,) = features([read_column("n", ["1", "", "3", "NA"])], notes := [])
    assert np.isnan(found.values).tolist() == [False, True, False, True]
    assert notes == ["n: 2 missing values filled in with the mean"]


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (["b", "a", "b"], ("a", "b")),
        (["10", "9", "10", "9"], ("9", "10")),
        (["yes", "no"], ("no", "yes")),
        (["1.5", "2"], ()),
        (["1.0", "0.0", "1.0", "0.0"], ()),
        ([str(i) for i in range(21)] * 2, ()),
        (["100", "250", "90"], ()),  # prices of three houses
    ],
)
def test_the_target_is_a_number_or_classes(cells: list[str], classes: tuple[str, ...]):
    y, found = target_values(read_column("y", cells))
    assert found == classes
    if classes:
        assert [classes[i] for i in y] == cells
    else:
        assert y.tolist() == [float(cell) for cell in cells]
