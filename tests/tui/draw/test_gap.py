"""The best held-out loss and the gap after it."""

import math

import pytest
from foghill.engine.protocol.views import Curve, Line
from foghill.tui.draw.curve import Look, loss_chart
from foghill.tui.draw.gap import FEWEST, turned
from foghill.tui.draw.palette import Palette

PENS = Palette()
STEPS = list(range(1, 101))


def line(name: str, values: list[float]) -> Line:
    lowest = STEPS[values.index(min(values))]
    return Line(name, STEPS[: len(values)], values, values, values, [], lowest, values[-1])


TRAIN = line("loss", [math.exp(-s / 20) + 0.01 for s in STEPS])
TURNS = line("valid_loss", [math.exp(-s / 20) + 0.1 + 0.004 * s for s in STEPS])
FALLS = line("valid_loss", [math.exp(-s / 20) + 0.1 for s in STEPS])
BEST = min(range(100), key=lambda i: TURNS.low[i])


def drawn(*lines: Line, width: int = 80, height: int = 18, pens: Palette = PENS, log: bool = True):
    grid, _ = loss_chart(Curve(1, 100, 1, lines), Look(0, 100, log=log), width, height, pens)
    return grid


def test_what_has_turned_is_known_by_its_lowest_bin():
    found = turned((TRAIN, TURNS))
    assert found is not None
    assert found[2] == BEST
    assert turned((TRAIN, FALLS)) is None
    assert turned((TRAIN,)) is None
    assert turned((TRAIN, line("valid_loss", [1.0, 0.5, 0.9, 1.0][: FEWEST - 1]))) is None


@pytest.mark.parametrize("log", [True, False])
def test_the_best_is_marked_with_its_value_and_step(log: bool):
    text = drawn(TRAIN, TURNS, log=log).text()
    assert f"best {TURNS.low[BEST]:.3g} at {STEPS[BEST]}" in text
    assert PENS.signs.mark in text
    assert PENS.signs.shades[1] in text


def test_the_step_of_the_best_is_its_own_and_not_that_of_its_bin():
    steps = STEPS[::10]
    values = [TURNS.low[step - 1] for step in steps]
    held_out = Line("valid_loss", steps, values, values, values, [], BEST + 1, values[-1])
    grid, _ = loss_chart(Curve(1, 100, 10, (TRAIN, held_out)), Look(0, 100), 80, 18, PENS)
    assert f"at {BEST + 1}" in grid.text()


def test_nothing_is_marked_while_it_falls():
    text = drawn(TRAIN, FALLS).text()
    assert "best" not in text
    assert PENS.signs.shades[1] not in text


def test_the_shade_lies_right_of_the_best_between_the_lines():
    grid = drawn(TRAIN, TURNS, width=100, height=24)
    rows = grid.text().split("\n")
    mark = next(row.index(PENS.signs.mark) for row in rows if PENS.signs.mark in row)
    shaded = [
        (x, y) for y, row in enumerate(rows) for x, c in enumerate(row) if c == PENS.signs.shades[1]
    ]
    assert shaded
    assert min(x for x, _ in shaded) > mark


@pytest.mark.parametrize("size", [(20, 4), (6, 2), (1, 1), (200, 60)])
def test_it_fits_any_size_and_plain_characters(size: tuple[int, int]):
    grid = drawn(TRAIN, TURNS, width=size[0], height=size[1], pens=Palette(ascii=True))
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert grid.text().isascii()
