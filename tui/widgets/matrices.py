"""Weight matrices of a network: as numbers where there is room, else as shades."""

import math

from ...engine.protocol.pictures import Matrix, Network
from ..draw.axes import number
from ..draw.grid import Grid, Ink, shorten
from ..draw.links import colour_of
from ..draw.palette import Palette
from ..draw.shade import dense, sampled
from ..draw.xy import finite
from .numbers import Chosen, chosen

_CELL = 7  # cells of a number


def draw_matrices(view: Network, width: int, height: int, pens: Palette) -> Grid:
    """The matrix that the cursor is in, the first without one; rows are outputs."""
    grid = Grid(width, height)
    at = chosen(view, view.at)
    matrix = view.matrices[at.matrix if at else 0]
    outputs, inputs = len(matrix.values), len(matrix.values[0])
    heading = f"{matrix.name} {outputs}×{inputs}: a row for each output"
    if matrix.bias:
        heading += ", its bias at the end"
    grid.put(0, 0, shorten(heading, width), Ink(pens.faint))
    room = height - 2
    columns = inputs + bool(matrix.bias)
    if columns * _CELL + 3 <= width and outputs <= room:
        _numbers(grid, matrix, at, pens)
    else:
        _shades(grid, matrix, at, room, pens)
    grid.put(0, height - 1, shorten(_reading(view, at), width), Ink(pens.faint))
    return grid


def _numbers(grid: Grid, matrix: Matrix, at: Chosen | None, pens: Palette) -> None:
    most = _most(matrix)
    for i, row in enumerate(_rows(matrix)):
        for j, value in enumerate(row):
            here = at is not None and (at.row, at.column) == (i, j)
            text = ("+" if value >= 0 else "") + number(value, 3)
            back = pens.tint(colour_of(value, pens), 0.08 + 0.4 * _level(value, most))
            x = j * _CELL + (2 if j == len(matrix.values[0]) else 0)
            ink = Ink(pens.text, back, bold=here)
            grid.put(x, 1 + i, " " * (_CELL - 1), ink)
            grid.put_right(x + _CELL - 1, 1 + i, shorten(text, _CELL - 1), ink)
            if here:
                grid.put(x, 1 + i, "▸" if not pens.ascii else ">", Ink(pens.text, back, bold=True))


def _shades(grid: Grid, matrix: Matrix, at: Chosen | None, room: int, pens: Palette) -> None:
    """Averaged down to the area; + and − where there is no colour."""
    most = _most(matrix)
    wide, high = min(len(matrix.values[0]), grid.width), min(len(matrix.values), room)
    for y, row in enumerate(sampled(matrix.values, wide, high)):
        for x, value in enumerate(row):
            level = _level(value, most)
            if pens.ascii or not pens.colour:
                grid.put(x, 1 + y, dense(level) if value >= 0 else "-", Ink(pens.text))
            else:
                back = pens.tint(colour_of(value, pens), level)
                sign = " " if level < 0.5 else "+" if value > 0 else pens.signs.minus
                sign = sign if math.isfinite(value) else pens.signs.broken
                grid.put(x, 1 + y, sign, Ink(pens.text, back))
    if at is not None and at.column < len(matrix.values[0]):
        x, y = at.column * wide // len(matrix.values[0]), at.row * high // len(matrix.values)
        grid.put(x, 1 + y, "X", Ink(pens.text, pens.back, bold=True))


def _rows(matrix: Matrix) -> list[list[float]]:
    biases = [[value] for value in matrix.bias] or [[] for _ in matrix.values]
    return [[*row, *bias] for row, bias in zip(matrix.values, biases, strict=True)]


def _most(matrix: Matrix) -> float:
    """The largest finite number."""
    return max(map(abs, finite(v for row in matrix.values for v in row)), default=0.0) or 1.0


def _level(value: float, most: float) -> float:
    return min(abs(value) / most, 1.0) if math.isfinite(value) else 1.0


def _reading(view: Network, at: Chosen | None) -> str:
    if at is None:
        return f"the first of {len(view.matrices)} matrices; the focused panel has a cursor"
    return f"{at.name} = {number(at.value, 4)}"
