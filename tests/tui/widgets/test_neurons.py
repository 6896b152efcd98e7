"""A small network neuron by neuron, in any size."""

import pytest
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets.neurons import activations, draw_neurons, layout, reading
from msgspec.structs import replace
from networks import LARGE, PLANAR

PENS = Palette()


@pytest.mark.parametrize(("width", "height"), [(54, 8), (78, 18), (118, 30), (30, 5)])
def test_everything_has_its_place_inside_and_nothing_overlaps(width: int, height: int):
    place = layout(PLANAR, width, height)
    assert place is not None
    taken: set[tuple[int, int]] = set()
    for layer, column in enumerate(PLANAR.columns):
        for index in range(len(column)):
            rows = place.size(PLANAR, layer)
            top, left = place.y(PLANAR, layer, index), place.x(layer)
            assert top >= 0
            assert top + rows <= height
            assert left >= 0
            assert left + 2 * rows <= width
            cells = {(top + y, left + x) for y in range(rows) for x in range(2 * rows)}
            assert not cells & taken
            taken |= cells


def test_more_room_makes_larger_neurons_and_too_little_makes_none():
    small, large = layout(PLANAR, 60, 10), layout(PLANAR, 118, 30)
    assert small is not None
    assert large is not None
    assert large.rows > small.rows
    assert layout(PLANAR, 10, 3) is None
    assert layout(LARGE, 118, 30) is None


def test_units_are_shaded_by_what_they_answer():
    place = layout(PLANAR, 78, 18)
    assert place is not None
    grid = draw_neurons(PLANAR, place, 78, 18, PENS)
    row = grid.rows[place.y(PLANAR, 0, 0)]
    left, right = row[place.x(0)], row[place.x(0) + 2 * place.rows - 1]
    assert left.ink.back != right.ink.back
    assert left.ink.back.startswith("#")


def test_inputs_and_columns_are_named():
    place = layout(PLANAR, 78, 18)
    assert place is not None
    text = draw_neurons(PLANAR, place, 78, 18, PENS).text()
    assert {"X1", "X2"} <= set(text.split())
    assert text.split("\n")[0].split() == ["inputs", "3", "relu", "output", "tanh"]
    assert activations(PLANAR) == ["relu", "tanh"]


def test_the_last_line_reads_out_what_the_cursor_is_on():
    assert reading(PLANAR) == "solid pulls up, dotted pulls down, bright is strong"
    assert reading(replace(PLANAR, at=1)) == "X2 to unit 1 of layer 1: -0.5   1.weight[0,1]"
    assert reading(replace(PLANAR, at=5)) == "bias of unit 2 of layer 1: -0.2   1.bias[1]"
    assert reading(replace(PLANAR, at=9)) == "unit 1 to output: 2   3.weight[0,0]"


def test_the_cursors_line_stands_out():
    place = layout(PLANAR, 78, 18)
    assert place is not None
    plain = draw_neurons(PLANAR, place, 78, 18, PENS)
    marked = draw_neurons(replace(PLANAR, at=3), place, 78, 18, PENS)
    bold = [cell for row in marked.rows for cell in row if cell.ink.bold]
    assert bold
    assert not [cell for row in plain.rows for cell in row if cell.ink.bold]
