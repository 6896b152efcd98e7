"""The door to plotext: whatever the numbers are, a canvas of exactly the size asked for."""

import math

from foghill.tui.draw.grid import Ink
from foghill.tui.draw.plot import DOTS_DOWN, Bounds, Stroke, cell_at, plot
from hypothesis import given, settings
from hypothesis import strategies as st

A, B = Ink("#aaaaaa"), Ink("#bbbbbb")
UNIT = Bounds(0, 1, 0, 1)


def test_a_rising_line_rises_in_braille():
    lines = plot([Stroke([0, 1], [0, 1], A)], UNIT, 8, 2).text().split("\n")
    assert lines[0].strip()
    assert lines[1][0] != " "
    assert all(glyph == " " or 0x2800 <= ord(glyph) <= 0x28FF for line in lines for glyph in line)


def test_strokes_keep_their_inks_and_later_ones_lie_above():
    grid = plot([Stroke([0, 1], [0.5, 0.5], A), Stroke([0.5, 1], [0.5, 0.5], B)], UNIT, 10, 1)
    inks = [cell.ink for cell in grid.rows[0]]
    assert inks[0] == A
    assert inks[-1] == B


def test_nan_leaves_a_gap_and_infinity_does_not_raise():
    ys = [0.5, 0.5, math.nan, 0.5, math.inf]
    text = plot([Stroke([0, 0.3, 0.5, 0.7, 1], ys, A)], UNIT, 20, 3).text()
    assert " " in text.split("\n")[1].strip()


def test_ascii_has_no_braille():
    assert plot([Stroke([0, 1], [0, 1], A, plain="*")], UNIT, 8, 4, ascii=True).text().isascii()


def test_markers_stand_in_the_cell_of_the_braille_dot():
    for height in (1, 3, 7, 20):
        for y in (0.0, 0.2, 0.49, 0.73, 1.0):
            dot = plot([Stroke([0.5], [y], A, joined=False)], UNIT, 9, height).text()
            mark = plot([Stroke([0.5], [y], A, marker="o")], UNIT, 9, height).text()
            row = [bool(line) for line in dot.split("\n")]
            assert row == [bool(line) for line in mark.split("\n")]
            assert row.index(True) == height - 1 - cell_at(y, height, DOTS_DOWN)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(), st.floats()), max_size=12),
    st.tuples(st.floats(), st.floats(), st.floats(), st.floats()),
    st.integers(0, 30),
    st.integers(0, 12),
)
def test_any_numbers_at_any_size_give_a_canvas_of_that_size(points, bounds, width, height):
    stroke = Stroke([x for x, _ in points], [y for _, y in points], A)
    grid = plot([stroke], Bounds(*bounds), width, height)
    assert [len(row) for row in grid.rows] == [width] * height
