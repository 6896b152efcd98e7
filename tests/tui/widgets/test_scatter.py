"""Predicted against actual."""

from drawn import SCATTER, numbers, sizes
from foghill.engine.protocol.pictures import Scatter
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import scatter
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()


def test_few_points_are_whole_signs_and_many_are_dots():
    assert scatter.draw(SCATTER, 60, 14, PENS).text().count("●") == 3
    many = Scatter("y", [float(i) for i in range(400)], [float(i) for i in range(400)], [], [])
    assert "●" not in scatter.draw(many, 60, 14, PENS).text()


def test_the_diagonal_runs_from_corner_to_corner():
    alone = Scatter("y", [0.0, 1.0], [], [], [])
    lines = [line[7:] for line in scatter.draw(alone, 60, 14, PENS).text().split("\n")[1:12]]
    starts = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == 11


def test_one_wild_prediction_does_not_flatten_the_rest():
    wild = Scatter("y", [0.0, 1.0, 2.0], [0.0, 1.0, 1e12], [], [])
    assert "e12" not in scatter.draw(wild, 60, 14, PENS).text()


def test_the_words_say_how_far_off():
    words = scatter.words(Scatter("y", [1.0, 3.0], [2.0, 4.0], [], []))
    assert words == (
        "y, predicted against actual. "
        "train: 2 points, off by 1 on average (1 too high on the whole)."
    )
    empty = Scatter("y", [], [], [], [])
    assert "No predictions" in scatter.words(empty)
    assert "no predictions" in scatter.draw(empty, 40, 5, PENS).text()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(numbers, max_size=8),
    st.lists(numbers, max_size=8),
    st.lists(numbers, max_size=8),
    sizes,
    st.booleans(),
)
def test_any_numbers_fit_any_size(actual, predicted, held_out, size, ascii_only):
    view = Scatter("y", actual, predicted, held_out, held_out)
    grid = scatter.draw(view, *size, Palette(ascii=ascii_only))
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert scatter.words(view)
    assert scatter.title(view, PENS)
