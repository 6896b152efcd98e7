"""Shades: half blocks with colour, dense characters without."""

import math

from foghill.tui.draw.palette import Palette
from foghill.tui.draw.shade import dense, image, sampled, scaled, shaded
from hypothesis import given
from hypothesis import strategies as st

PENS = Palette()


def test_a_cell_holds_two_levels():
    grid = shaded([[0.0], [1.0]], 1, 1, PENS, PENS.grey)
    assert grid.rows[0][0].ink.colour == "#000000"
    assert grid.rows[0][0].ink.back == "#ffffff"


def test_without_colour_lighter_is_denser():
    grid = shaded([[0.0, 0.5, 1.0]], 3, 1, Palette(ascii=True), PENS.grey)
    assert grid.text() == " +@"
    assert shaded([[0.0, 1.0]], 2, 1, Palette(colour=False), PENS.grey).text() == " @"


def test_levels_are_scaled_between_lowest_and_highest():
    levels, low, high = scaled([[2.0, 4.0], [math.nan, 3.0]])
    assert (low, high) == (2.0, 4.0)
    assert levels[0] == [0.0, 1.0]
    assert math.isnan(levels[1][0])


def test_more_levels_than_cells_are_averaged_and_fewer_repeated():
    assert sampled([[0.0, 1.0, 2.0, 3.0]], 2, 1) == [[0.5, 2.5]]
    assert sampled([[7.0]], 2, 2) == [[7.0, 7.0], [7.0, 7.0]]


def test_missing_pixels_are_black():
    assert image(b"\xff", 2, 1) == [[1.0, 0.0]]


@given(
    st.lists(st.lists(st.floats(), max_size=5), max_size=5),
    st.integers(0, 12),
    st.integers(0, 6),
    st.booleans(),
)
def test_any_levels_fit_any_size(rows, width, height, ascii_only):
    pens = Palette(ascii=ascii_only)
    grid = shaded(scaled(rows)[0], width, height, pens, pens.grey)
    assert [len(row) for row in grid.rows] == [width] * height


def test_no_number_is_marked():
    assert dense(math.nan) == "?"
    assert shaded([[math.nan]], 1, 1, PENS, PENS.grey).text() == PENS.signs.broken
