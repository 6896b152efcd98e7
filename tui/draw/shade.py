"""Areas of shade: images and heat maps, in half blocks of grey or in dense characters."""

import math
from collections.abc import Callable, Sequence

from .grid import Cell, Grid, Ink
from .palette import Palette

_DENSE = " .:-=+*#%@"  # from dark to light
Levels = Sequence[Sequence[float]]  # rows of numbers, row 0 at the top; NaN is no number
Colour = Callable[[float], str]  # a level, 0 to 1, as #rrggbb


def sampled(levels: Levels, width: int, height: int) -> list[list[float]]:
    """`levels` at `width` × `height`: averaged where there are more, repeated where fewer."""
    if not levels or not levels[0] or width < 1 or height < 1:
        return [[math.nan] * max(width, 0) for _ in range(max(height, 0))]
    columns = _spans(len(levels[0]), width)
    return [
        [_mean([levels[y][x] for y in ys for x in xs if x < len(levels[y])]) for xs in columns]
        for ys in _spans(len(levels), height)
    ]


def _spans(have: int, want: int) -> list[range]:
    """Which of `have` entries make each of `want`."""
    starts = [i * have // want for i in range(want)]
    return [range(a, max((i + 1) * have // want, a + 1)) for i, a in enumerate(starts)]


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def scaled(levels: Levels) -> tuple[list[list[float]], float, float]:
    """Levels brought to 0 … 1, and the lowest and highest number there was."""
    known = [value for row in levels for value in row if math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    span = high - low
    if not span or not math.isfinite(span):
        span = 1.0
    out = [[_level(value, low, span) for value in row] for row in levels]
    return out, low, high


def _level(value: float, low: float, span: float) -> float:
    if math.isnan(value):
        return math.nan
    return min(max((value - low) / span, 0.0), 1.0)


def shaded(levels: Levels, width: int, height: int, pens: Palette, colour: Colour) -> Grid:
    """Levels 0 … 1 as an area of `width` × `height` cells, two levels to a cell.

    Where there is no colour (or only ASCII), one level to a cell, as a denser character.
    """
    grid = Grid(width, height)
    if pens.ascii or not pens.colour:
        for y, row in enumerate(sampled(levels, width, height)):
            for x, level in enumerate(row):
                grid.put(x, y, dense(level), Ink(pens.text))
        return grid
    fine = sampled(levels, width, 2 * height)
    for y in range(grid.height):
        for x, (upper, lower) in enumerate(zip(fine[2 * y], fine[2 * y + 1], strict=True)):
            grid.rows[y][x] = _half_block(upper, lower, pens, colour)
    return grid


def _half_block(upper: float, lower: float, pens: Palette, colour: Colour) -> Cell:
    if math.isnan(upper) or math.isnan(lower):
        return Cell(pens.signs.broken, Ink(pens.bad))
    above, below = colour(upper), colour(lower)
    if above == below:
        return Cell(" ", Ink(back=above))
    return Cell(pens.signs.upper_half, Ink(above, below))


def dense(level: float) -> str:
    """A character for a level, denser for lighter; `?` where there is no number."""
    return "?" if math.isnan(level) else _DENSE[min(int(level * len(_DENSE)), len(_DENSE) - 1)]


def image(pixels: bytes, width: int, height: int) -> list[list[float]]:
    """Grey bytes, row by row, as levels; missing ones are black."""
    known = pixels.ljust(width * height, b"\0")
    return [[known[y * width + x] / 255 for x in range(width)] for y in range(height)]
