"""Strokes with axes around them."""

from foghill.tui.draw.grid import Ink
from foghill.tui.draw.palette import Palette
from foghill.tui.draw.plot import Bounds, Stroke
from foghill.tui.draw.xy import finite, widened, xy_chart


def test_ranges_have_a_margin_and_never_collapse():
    assert widened([0.0, 10.0], 0.1) == (-1.0, 11.0)
    assert widened([]) == (0.0, 1.0)
    low, high = widened([3.0, 3.0])
    assert low < 3.0 < high
    assert widened([0.0]) == (-1.0, 1.0)


def test_only_finite_values_count():
    assert finite([1.0, float("nan"), float("inf")]) == [1.0]


def test_the_axes_carry_numbers_and_names():
    stroke = Stroke([0, 10], [0, 5], Ink())
    text = xy_chart([stroke], Bounds(0, 10, 0, 5), 50, 12, Palette(), "time", "height").text()
    assert "height" in text
    assert "time" in text.split("\n")[-1] or "10" in text.split("\n")[-1]
    assert "4┤" in text
