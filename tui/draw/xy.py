"""Strokes with both axes around them: what fits, scatters and drawn lines have in common."""

import math
from collections.abc import Iterable, Sequence

from .axes import canvas, ruled
from .grid import Grid, Ink
from .palette import Palette
from .plot import Bounds, Stroke, plot

GUTTER = 7


def finite(values: Iterable[float]) -> list[float]:
    """The finite ones of `values`."""
    return [value for value in values if math.isfinite(value)]


def widened(values: Sequence[float], margin: float = 0.08) -> tuple[float, float]:
    """The range of finite `values` with a margin on both sides; (0, 1) where there are none."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = (high - low) * margin
    if room <= abs(high) * 1e-9 + 1e-200:
        room = abs(high) * 0.1 if abs(high) > 1e-200 else 1.0
    return low - room, high + room


def xy_chart(
    strokes: Sequence[Stroke],
    bounds: Bounds,
    width: int,
    height: int,
    pens: Palette,
    x_name: str = "",
    y_name: str = "",
) -> Grid:
    """The strokes in a frame with numbers; the axes' names stand at their ends."""
    grid = Grid(width, height)
    place = canvas(width, height, gutter=GUTTER)
    drawn = plot(strokes, bounds, place.width, place.height, ascii=pens.ascii)
    grid.lay(drawn, place.x, place.y)
    ruled(grid, place, bounds, pens)
    if place.x and height > place.height:
        _name(grid, width - len(x_name) - 1, height - 1, x_name, pens)
        _name(grid, place.x + 1, 0, y_name, pens)
    return grid


def _name(grid: Grid, x: int, y: int, name: str, pens: Palette) -> None:
    """An axis' name where it covers nothing."""
    if name and all(grid.is_blank(x + i, y) for i in range(-1, len(name))):
        grid.put(x, y, name, Ink(pens.faint))
