"""Named numbers, such as the weights of a linear model, as bars left and right of zero."""

import math
from typing import NamedTuple

from ...engine.protocol.pictures import Bars
from ..draw.axes import number
from ..draw.grid import Grid, Ink, cells, message, shorten
from ..draw.palette import Palette
from ..draw.xy import finite

_VALUE = 8  # cells of the number
_ARROW = 7  # cells of the longest arrow
_SLOPE_FROM = 50  # cells of width from which gradients stand there as numbers, too


class Scaled(Bars, tag="bars", frozen=True):
    """Bars with the steepest gradient there was so far: what the longest arrow stands for."""

    steepest: float = 0.0


def scaled(view: Bars, before: float) -> Scaled:
    """`view` against all gradients so far, of which `before` was the steepest: arrows that are
    only compared with each other would look the same at the start and at the minimum."""
    fields = {name: getattr(view, name) for name in Bars.__struct_fields__}
    return Scaled(**fields, steepest=max([before, *map(abs, finite(view.gradients))]))


def _steepest(view: Bars) -> float:
    steepest = view.steepest if isinstance(view, Scaled) else 0.0
    return steepest or max(map(abs, finite(view.gradients)), default=0.0)


def below(view: Bars, width: int, height: int, page: int) -> int:
    """Bars on the pages after this one."""
    return max(len(view.names) - _first(view, height, page) - height, 0)


class _Room(NamedTuple):
    """Columns for the bars, and how far an arrow may reach beyond one."""

    left: int
    right: int
    reach: int


def draw(view: Bars, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """One row a bar: name, number, the bar from the zero line, and an arrow at its end that says
    where a step would move it: against its gradient."""
    pairs = list(zip(view.names, view.values, strict=False))
    if not pairs:
        return message("no weights to show", width, height, Ink(pens.faint))
    grid = Grid(width, height)
    first = _first(view, height, page)
    most = max((abs(value) for value in finite(view.values)), default=0.0) or 1.0
    named = min(max(cells(name) for name in view.names), max((width - _VALUE) // 3, 1))
    room = _room(view, 2 + named + 1 + _VALUE + 1, width)
    for y, (name, value) in enumerate(pairs[first : first + height]):
        here = first + y == view.at
        if here:
            grid.put(0, y, ">" if pens.ascii else "▸", Ink(pens.accent, bold=True))
        grid.put_right(2 + named, y, shorten(name, named), Ink(pens.text, bold=here))
        colour = pens.bad if not math.isfinite(value) else _colour(value, pens)
        grid.put_right(2 + named + 1 + _VALUE, y, _signed(value), Ink(colour, bold=here))
        tip = _bar(grid, y, value / most, room, pens)
        if first + y < len(view.gradients):
            _slope(grid, y, view, first + y, tip, room, pens)
    return grid


def _room(view: Bars, left: int, width: int) -> _Room:
    numbers = _VALUE + 2 if view.gradients and width >= _SLOPE_FROM else 0
    right = width - numbers
    return _Room(left, right, min(_ARROW, (right - left) // 6) if view.gradients else 0)


def _first(view: Bars, height: int, page: int) -> int:
    return first_of(page if view.at < 0 else view.at // max(height, 1), len(view.names), height)


def first_of(page: int, total: int, height: int) -> int:
    """The first bar of a page; pages wrap around."""
    pages = max(math.ceil(total / max(height, 1)), 1)
    return page % pages * max(height, 1)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value)


def _colour(value: float, pens: Palette) -> str:
    return pens.train if value >= 0 else pens.valid


def _bar(grid: Grid, y: int, share: float, room: _Room, pens: Palette) -> int:
    """Returns the column after the bar's end, away from zero."""
    half = (room.right - room.left - 1) // 2
    zero = room.left + half
    if half < 1:
        return -1
    full = rest = 0
    if math.isfinite(share):
        full, rest = divmod(round(abs(share) * max(half - room.reach, 1) * 8), 8)
        ink, lefts = Ink(_colour(share, pens)), pens.signs.lefts
        tip = lefts[rest]
        if share >= 0:
            grid.put(zero + 1, y, (lefts[8] * full + tip).rstrip(), ink)
        else:
            grid.put(zero - full, y, lefts[8] * full, ink)
            if rest and pens.ascii:
                grid.put(zero - full - 1, y, tip.strip(), ink)
            elif rest:  # blocks grow from the left: the tip is the rest of a cell, turned over
                grid.put(zero - full - 1, y, lefts[8 - rest], Ink(pens.back, ink.colour))
    grid.put(zero, y, pens.signs.beam, Ink(pens.faint))
    return zero + (1 if share >= 0 else -1) * (full + bool(rest) + 1)


def _slope(
    grid: Grid, y: int, view: Bars, number: int, tip: int, room: _Room, pens: Palette
) -> None:
    """The gradient as a number, and an arrow from the bar's end against it."""
    slope = view.gradients[number]
    if room.right < grid.width:
        grid.put_right(grid.width, y, _signed(slope), Ink(pens.faint))
    if not slope or not math.isfinite(slope) or not room.reach:
        return
    outwards = 1 if view.values[number] >= 0 else -1
    way = -1 if slope > 0 else 1
    start = tip if way == outwards else tip - outwards  # towards zero it lies over the bar
    length = max(round(abs(slope) / _steepest(view) * room.reach), 1)
    _arrow(grid, y, start, way * length, room, pens)


def _arrow(grid: Grid, y: int, start: int, length: int, room: _Room, pens: Palette) -> None:
    """So many cells to the right (below 0: to the left), with its head on the last one."""
    way = 1 if length > 0 else -1
    glyphs = ("<", "-", ">") if pens.ascii else ("◂", "─", "▸")
    last = start + length - way
    for x in range(start, last + way, way):
        if room.left <= x < room.right:
            before = grid.rows[y][x]
            covered = before.glyph == pens.signs.lefts[8]
            back = before.ink.colour if covered else before.ink.back
            ink = Ink(pens.back if covered else pens.text, back, bold=True)
            grid.put(x, y, glyphs[1 + way] if x == last else glyphs[1], ink)


def title(view: Bars, pens: Palette) -> str:
    """What the border says."""
    if not view.gradients:
        return view.title
    dot = pens.signs.dot
    longest = number(_steepest(view))
    return f"{view.title} {dot} arrows downhill, longest: {longest} (max so far)"


def words(view: Bars) -> str:
    """The picture as sentences, the largest first."""
    pairs = sorted(
        zip(view.names, view.values, strict=False),
        key=lambda pair: -abs(pair[1]) if math.isfinite(pair[1]) else -math.inf,
    )
    if not pairs:
        return f"{view.title}: nothing to show."
    said = f"{view.title}: " + ", ".join(f"{name} {number(value)}" for name, value in pairs) + "."
    slopes = list(zip(view.names, view.gradients, strict=False))
    if slopes:
        said += " Gradients: " + ", ".join(f"{n} {number(g)}" for n, g in slopes) + "."
    return said
