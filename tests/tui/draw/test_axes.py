"""Axes: round bounds that stay, ticks and labels a person can read."""

import math

import pytest
from foghill.tui.draw.axes import (
    Place,
    canvas,
    count,
    frame,
    growing_end,
    linear_bounds,
    log_bounds,
    log_labels,
    log_ticks,
    number,
    round_up,
    spread,
    ticks,
)
from foghill.tui.draw.grid import Grid
from foghill.tui.draw.palette import Palette
from foghill.tui.draw.plot import Bounds
from hypothesis import given
from hypothesis import strategies as st

reals = st.floats(-1e200, 1e200, allow_nan=False)


@pytest.mark.parametrize(
    ("given_", "expected"), [(1, 1), (3, 5), (200, 200), (201, 500), (0.3, 0.5)]
)
def test_round_numbers_are_one_two_five(given_, expected):
    assert round_up(given_) == pytest.approx(expected)


def test_the_axis_of_a_short_run_is_whole_from_the_start_and_others_grow_seldom():
    assert growing_end(1, 200) == 200
    assert growing_end(100, 10**6) == 100
    ends = {growing_end(n) for n in range(1, 100_000)}
    assert len(ends) <= 14
    assert all(growing_end(n) >= n for n in range(1, 1000))


@given(reals, reals)
def test_linear_bounds_hold_the_values_and_leave_little_room(a, b):
    low, high = min(a, b), max(a, b)
    bottom, top = linear_bounds(low, high)
    assert bottom <= low + (top - bottom) * 1e-6
    assert high <= top + (top - bottom) * 1e-6
    assert bottom < top


@given(reals, reals)
def test_ticks_lie_inside_and_are_few(a, b):
    low, high = min(a, b), max(a, b)
    found = ticks(low, high, 6)
    room = (high - low) * 1e-6
    assert len(found) <= 6
    assert all(low - room <= tick <= high + room for tick in found)


def test_bounds_stay_while_the_values_fit_well():
    before = linear_bounds(0.1, 2.3)
    assert linear_bounds(0.2, 2.2, before) == before
    assert linear_bounds(0.1, 0.2, before) != before
    assert linear_bounds(0.1, 99.0, before) != before
    logs = log_bounds(-2.0, 0.4)
    assert log_bounds(-1.9, 0.3, logs) == logs


@given(st.floats(-300, 300), st.floats(-300, 300))
def test_log_bounds_hold_the_exponents(a, b):
    low, high = min(a, b), max(a, b)
    bottom, top = log_bounds(low, high)
    assert bottom <= low + 1e-9
    assert high <= top + 1e-9
    assert bottom < top
    assert len(log_ticks(bottom, top, 5)) <= 5


def test_whole_decades_are_labelled_as_powers():
    powers = Palette().signs.powers
    assert log_labels([3.0, -12.0], powers) == ["10³", "10⁻¹²"]
    assert log_labels([3.0, 4.0]) == ["1e3", "1e4"]
    assert log_labels([], powers) == []


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ((3, 1), ["3", "1"]),
        ((0.5, 0.1), ["0.5", "0.1"]),
        ((5000, 1000, 20), ["5000", "1000", "20"]),
        ((30_000, 10_000, 3000, 1000, 300), ["30k", "10k", "3k", "1k", "300"]),
        ((2e6, 1e6, 500_000), ["2M", "1M", "500k"]),
        ((3e-4, 1e-3, 1e-2), ["3e-4", "1e-3", "1e-2"]),
        ((3e7, 1e7), ["3e7", "1e7"]),
    ],
)
def test_the_ticks_of_one_axis_are_of_one_kind(values, labels):
    assert log_labels([math.log10(value) for value in values], Palette().signs.powers) == labels


@pytest.mark.parametrize(
    ("value", "text"),
    [(626.61, "627"), (0.01234, "0.0123"), (9812.0, "9812"), (12345.0, "12.3k"), (1.5e6, "1.5M")],
)
def test_numbers_are_short(value, text):
    assert number(value) == text


@given(st.floats())
def test_a_number_takes_few_cells(value):
    assert len(number(value)) <= 9


def test_steps_are_counted_in_thousands_and_millions():
    assert [count(n) for n in (0, 200, 5000, 20_000, 1_500_000)] == [
        "0", "200", "5000", "20k", "1.5M",
    ]  # fmt: skip


def test_labels_that_want_one_row_are_spread():
    assert spread([3, 3, 3], 0, 9) == [3, 4, 5]
    assert sorted(spread([9, 9], 0, 9)) == [8, 9]


@given(st.integers(0, 80), st.integers(0, 30))
def test_the_frame_fits_any_size(width, height):
    grid, place = Grid(width, height), canvas(width, height)
    assert place.x + place.width <= width or place.width == 0
    frame(grid, place, Bounds(0, 10, 0, 1), [(0, "0"), (10, "10")], [(0, "0"), (1, "1")], Palette())
    assert [len(row) for row in grid.rows] == [width] * height


def test_both_ends_of_the_axes_are_labelled():
    grid, place = Grid(40, 8), canvas(40, 8)
    frame(grid, place, Bounds(0, 50, 0, 1), [(0, "0"), (50, "50")], [(0, "0"), (1, "1")], Palette())
    lines = grid.text().split("\n")
    assert lines[0].startswith("    1┤")
    assert lines[5].startswith("    0┤")
    assert lines[7].split() == ["0", "50"]
    assert isinstance(place, Place)


def test_a_range_too_wide_for_a_round_number_has_no_ticks():
    assert ticks(0.0, 9.99999999e307, 1) == []
