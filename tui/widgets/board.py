"""A canvas to draw one input on with the keys, and the model's answer beside it.

`Sketch` is what was drawn, a value; `draw` paints it. The screen is `screens/predict.py`.
"""

from dataclasses import dataclass, replace
from typing import Literal

from ...engine.protocol.pictures import Prediction
from ..draw.grid import Cell, Grid, Ink, message, shorten
from ..draw.palette import Palette
from . import predict

Pen = Literal["up", "draw", "erase"]
_LEAST = (24, 5)  # cells for a canvas and an answer
_SOFT_FROM = 16  # side of an image from which strokes have a soft edge


@dataclass(frozen=True)
class Sketch:
    """Numbers of one input, and for an image where the pen is. `own`: no longer the example."""

    values: tuple[float, ...] = ()
    x: int = 0
    y: int = 0
    pen: Pen = "up"
    own: bool = False


def moved(sketch: Sketch, view: Prediction, across: int, down: int) -> Sketch:
    """The pen one pixel on; it leaves its mark where it is down."""
    high, wide = predict.side(view.shape) or (1, 1)
    x = min(max(sketch.x + across, 0), wide - 1)
    y = min(max(sketch.y + down, 0), high - 1)
    return marked(replace(sketch, x=x, y=y), view)


def pressed(sketch: Sketch, view: Prediction) -> Sketch:
    """Pen down: it draws on dark pixels and erases on bright ones; pen up again."""
    if sketch.pen != "up":
        return replace(sketch, pen="up")
    level = predict.grey(list(sketch.values), view)[sketch.y][sketch.x]
    return marked(replace(sketch, pen="erase" if level > 0.5 else "draw"), view)


def marked(sketch: Sketch, view: Prediction) -> Sketch:
    """What the pen does where it is."""
    if sketch.pen == "up":
        return sketch
    high, wide = predict.side(view.shape) or (1, 1)
    strokes = [(sketch.x, sketch.y, 1.0)]
    if sketch.pen == "draw" and high >= _SOFT_FROM:
        around = ((1, 0), (-1, 0), (0, 1), (0, -1))
        strokes += [(sketch.x + dx, sketch.y + dy, 0.6) for dx, dy in around]
    values = list(sketch.values)
    for x, y, share in strokes:
        if not (0 <= x < wide and 0 <= y < high):
            continue
        for place in range(y * wide + x, len(values), high * wide):
            ink = view.low + share * (view.high - view.low)
            values[place] = view.low if sketch.pen == "erase" else max(values[place], ink)
    return replace(sketch, values=tuple(values), own=True)


def cleared(sketch: Sketch, view: Prediction) -> Sketch:
    """An empty canvas."""
    return replace(sketch, values=(view.low,) * len(sketch.values), pen="up", own=True)


def draw(view: Prediction, sketch: Sketch, width: int, height: int, pens: Palette) -> Grid:
    """The canvas in its frame, and the answer."""
    if width < _LEAST[0] or height < _LEAST[1]:
        return message(view.answer, width, height, Ink(pens.text))
    grid = Grid(width, height)
    room = height - 1
    if predict.side(view.shape) is None:
        area = predict.inputs(view, max(width // 2, 12), room, pens)
        grid.lay(area, 1, 0)
        left = area.width + 1
    else:
        wide, high = max(width - 30, 8), room - 2
        area = predict.image(list(sketch.values), view, wide, high, pens)
        _frame(grid, area, pens)
        _cursor(area, view, sketch, wide, high, pens)
        grid.lay(area, 1, 1, clear=True)
        left = area.width + 2
    start = left + predict.MARGIN
    grid.lay(predict.answer(view, width - start, room, pens), start, 0)
    ink = Ink(pens.faint if predict.unchanged(view) else pens.bad)
    grid.put(0, height - 1, shorten(predict.proof(view), width), ink)
    return grid


def _frame(grid: Grid, area: Grid, pens: Palette) -> None:
    """A border, so that the edges of a dark canvas can be seen."""
    ink, signs = Ink(pens.faint), pens.signs
    corners = "++++" if pens.ascii else "┌┐└┘"
    line, right, bottom = signs.line_x * area.width, area.width + 1, area.height + 1
    grid.put(0, 0, corners[0] + line + corners[1], ink)
    for y in range(1, bottom):
        grid.put(0, y, signs.beam, ink)
        grid.put(right, y, signs.beam, ink)
    grid.put(0, bottom, corners[2] + line + corners[3], ink)


def _cursor(
    area: Grid, view: Prediction, sketch: Sketch, width: int, height: int, pens: Palette
) -> None:
    """Where the pen is: brackets around the pixel, or its half of a cell in another colour."""
    level = predict.grey(list(sketch.values), view)[sketch.y][sketch.x]
    size = predict.scale(view, width, height)
    if size:
        ink = Ink(pens.accent, pens.grey(level) if pens.colour else "", bold=True)
        y = sketch.y * size + (size - 1) // 2
        area.put(2 * size * sketch.x, y, "[", ink)
        area.put(2 * size * (sketch.x + 1) - 1, y, "]", ink)
        return
    high, wide = predict.side(view.shape) or (1, 1)
    x, y = sketch.x * area.width // wide, sketch.y * 2 * area.height // (high + high % 2)
    if pens.ascii or not pens.colour:
        area.put(x, y // 2, "+", Ink(pens.accent, bold=True))
    elif 0 <= y // 2 < area.height:
        other = predict.grey(list(sketch.values), view)
        below = min(sketch.y + 1, high - 1) if y % 2 == 0 else sketch.y
        above = sketch.y if y % 2 == 0 else sketch.y - 1
        upper = pens.accent if y % 2 == 0 else pens.grey(other[above][sketch.x])
        lower = pens.accent if y % 2 else pens.grey(other[below][sketch.x])
        area.rows[y // 2][x] = Cell(pens.signs.upper_half, Ink(upper, lower))
