"""The one door to plotext 5.3: strokes in, a grid of cells out.

plotext draws the lines on a bare canvas; axes and labels are ours, so that the canvas has
the same place whatever the numbers are. plotext keeps one global figure, raises on infinity
and walks every dot of a line, also those far outside: strokes are made finite and kept near
the bounds before they reach it.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .grid import Cell, Grid, Ink

_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
DOTS_ACROSS, DOTS_DOWN = 2, 4  # of a braille character
_OUTSIDE = 2.0  # how many canvas heights outside a stroke may go


@dataclass(frozen=True)
class Stroke:
    """One series: a line, broken at NaN, or with `marker` one such character at each point.

    `plain` is the character that stands for braille where there is none.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    ink: Ink
    joined: bool = True  # else dots
    marker: str = ""
    plain: str = "."


class Bounds(NamedTuple):
    """The rectangle of numbers a canvas shows."""

    left: float
    right: float
    bottom: float
    top: float


def plot(
    strokes: Sequence[Stroke], bounds: Bounds, width: int, height: int, *, ascii: bool = False
) -> Grid:
    """Draw `strokes` on `width` × `height` cells; later ones lie over earlier ones."""
    grid = Grid(width, height)
    if width < 1 or height < 1 or not _drawable(bounds):
        return grid
    import plotext  # its import takes 35 ms, which the first frame need not wait for

    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plotsize(width, height)
    plotext.frame(False)
    plotext.xfrequency(0)
    plotext.yfrequency(0)
    plotext.canvas_color("default")
    plotext.axes_color("default")
    plotext.xlim(0, 1)
    plotext.ylim(0, 1)
    inks: list[Ink] = []
    for stroke in strokes:
        for xs, ys in _pieces(stroke, bounds) if not stroke.marker else ():
            draw = plotext.plot if stroke.joined else plotext.scatter
            # The colour is only a tag: the number of the stroke.
            draw(xs, ys, marker=stroke.plain if ascii else "braille", color=len(inks) % 256)
            inks.append(stroke.ink)
    if inks:
        _read(plotext.build(), inks, grid)
    for stroke in strokes:
        if stroke.marker:
            _put_markers(grid, stroke, bounds)
    return grid


def cell_at(share: float, cells: int, dots: int) -> int:
    """The cell in which plotext puts the braille dot at this share of the canvas."""
    return math.floor(round(0.5 + (cells * dots - 1) * share, 8)) // dots


def _put_markers(grid: Grid, stroke: Stroke, bounds: Bounds) -> None:
    for xs, ys in _pieces(stroke, bounds):
        for x, y in zip(xs, ys, strict=True):
            column = cell_at(x, grid.width, DOTS_ACROSS)
            row = cell_at(y, grid.height, DOTS_DOWN)
            grid.put(column, grid.height - 1 - row, stroke.marker, stroke.ink)


def _drawable(bounds: Bounds) -> bool:
    return (
        all(math.isfinite(end) for end in bounds)
        and bounds.right - bounds.left > 0
        and bounds.top - bounds.bottom > 0
        and math.isfinite(bounds.right - bounds.left)
        and math.isfinite(bounds.top - bounds.bottom)
    )


def _pieces(stroke: Stroke, bounds: Bounds) -> list[tuple[list[float], list[float]]]:
    """The stroke in shares of the bounds, cut where a number is missing."""
    wide, tall = bounds.right - bounds.left, bounds.top - bounds.bottom
    pieces: list[tuple[list[float], list[float]]] = []
    xs: list[float] = []
    ys: list[float] = []
    for x, y in zip(stroke.xs, stroke.ys, strict=False):
        across = (x - bounds.left) / wide
        up = (y - bounds.bottom) / tall
        if math.isnan(across) or math.isnan(up):
            if xs:
                pieces.append((xs, ys))
                xs, ys = [], []
            continue
        xs.append(min(max(across, -_OUTSIDE), 1 + _OUTSIDE))
        ys.append(min(max(up, -_OUTSIDE), 1 + _OUTSIDE))
    if xs:
        pieces.append((xs, ys))
    return pieces


def _read(drawn: str, inks: Sequence[Ink], grid: Grid) -> None:
    """plotext's string, whose colours are numbers of strokes, into cells."""
    for y, line in enumerate(drawn.split("\n")[: grid.height]):
        x, ink, end = 0, Ink(), 0
        for escape in [*_ESCAPE.finditer(line), None]:
            text = line[end : escape.start() if escape else len(line)]
            for glyph in text:
                if glyph != " " and x < grid.width:
                    grid.rows[y][x] = Cell(glyph, ink)
                x += 1
            if escape:
                ink = _ink(escape.group(1), inks)
                end = escape.end()


def _ink(codes: str, inks: Sequence[Ink]) -> Ink:
    parts = codes.split(";")
    return inks[int(parts[2])] if len(parts) == 3 and int(parts[2]) < len(inks) else Ink()
