"""Named numbers, such as the weights of a linear model, as bars left and right of zero."""

import math

from ...engine.protocol.views import Bars
from ..draw.axes import number
from ..draw.grid import Grid, Ink, cells, message, shorten
from ..draw.palette import Palette
from ..draw.xy import finite

_VALUE = 8  # cells of the number


def draw(view: Bars, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """One row a bar: name, number, and the bar from the zero line."""
    pairs = list(zip(view.names, view.values, strict=False))
    if not pairs:
        return message("no weights to show", width, height, Ink(pens.faint))
    grid = Grid(width, height)
    first = first_of(page, len(pairs), height)
    most = max((abs(value) for value in finite(view.values)), default=0.0) or 1.0
    named = min(max(cells(name) for name in view.names), max((width - _VALUE) // 3, 1))
    left = named + 1 + _VALUE + 1
    for y, (name, value) in enumerate(pairs[first : first + height]):
        grid.put_right(named, y, shorten(name, named), Ink(pens.text))
        colour = pens.bad if not math.isfinite(value) else _colour(value, pens)
        grid.put_right(named + 1 + _VALUE, y, _signed(value), Ink(colour))
        _bar(grid, left, y, value / most, pens)
    return grid


def first_of(page: int, total: int, height: int) -> int:
    """The first bar of a page; pages wrap around."""
    pages = max(math.ceil(total / max(height, 1)), 1)
    return page % pages * max(height, 1)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value)


def _colour(value: float, pens: Palette) -> str:
    return pens.train if value >= 0 else pens.valid


def _bar(grid: Grid, left: int, y: int, share: float, pens: Palette) -> None:
    room = grid.width - left
    if room < 3:
        return
    half = (room - 1) // 2
    zero = left + half
    if math.isfinite(share):
        full, rest = divmod(round(abs(share) * half * 8), 8)
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


def title(view: Bars, pens: Palette) -> str:
    """What the border says."""
    return view.title


def words(view: Bars) -> str:
    """The picture as sentences, the largest first."""
    pairs = sorted(
        zip(view.names, view.values, strict=False),
        key=lambda pair: -abs(pair[1]) if math.isfinite(pair[1]) else -math.inf,
    )
    if not pairs:
        return f"{view.title}: nothing to show."
    return f"{view.title}: " + ", ".join(f"{name} {number(value)}" for name, value in pairs) + "."
