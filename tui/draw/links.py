"""Signed lines between neurons: solid above 0, dotted below, bright where the weight is strong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .grid import Cell, Grid, Ink
from .palette import Palette

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille dot, by row
_BRAILLE = 0x2800
_THICK = 0.6  # strength from which a line is drawn twice
_FAINTEST = 0.04  # weaker ones are left out


@dataclass(frozen=True)
class Link:
    """A line between two cells' edges; `strength` is -1 … 1, or no number."""

    x1: int
    y1: float  # rows from the top, with fractions
    x2: int
    y2: float
    strength: float
    chosen: bool = False


def draw_links(grid: Grid, links: Sequence[Link], pens: Palette) -> None:
    """Draw over blank cells; the strongest last, so that a cell has its colour."""
    plain = pens.ascii
    dots: dict[tuple[int, int], int] = {}
    inks: dict[tuple[int, int], Ink] = {}
    glyphs: dict[tuple[int, int], str] = {}
    for link in sorted(links, key=lambda one: (one.chosen, _level(one))):
        level = _level(link)
        if level < _FAINTEST and not link.chosen:
            continue
        ink = _ink(link, level, pens)
        for x, y in _cells(link) if plain else ():
            glyphs[x, y], inks[x, y] = ("*" if link.chosen else _sign(link)), ink
        for x, y, bit in () if plain else _dots(link, level):
            dots[x, y] = dots.get((x, y), 0) | bit
            inks[x, y] = ink
    for (x, y), ink in inks.items():
        if grid.is_blank(x, y):
            glyph = glyphs[x, y] if plain else chr(_BRAILLE + dots[x, y])
            grid.rows[y][x] = Cell(glyph, ink)


def _level(link: Link) -> float:
    return min(abs(link.strength), 1.0) if math.isfinite(link.strength) else 1.0


def colour_of(value: float, pens: Palette) -> str:
    """Above 0 as class 1, below as class 0: the colours of a neuron's picture."""
    if not math.isfinite(value):
        return pens.bad
    return pens.of_class(1 if value >= 0 else 0)


def _ink(link: Link, level: float, pens: Palette) -> Ink:
    if link.chosen:
        return Ink(pens.text, bold=True)
    colour = colour_of(link.strength, pens)
    return Ink(pens.tint(colour, 0.2 + 0.8 * level) or colour)


def _sign(link: Link) -> str:
    return "+" if link.strength >= 0 else "-"


def _dots(link: Link, level: float) -> list[tuple[int, int, int]]:
    """Cells and the bit of each dot on the way."""
    left, right = 2 * link.x1, 2 * link.x2 - 1
    top, bottom = 4 * link.y1, 4 * link.y2
    steps = max(right - left, round(abs(bottom - top)), 1)
    rows = (0, 1) if link.chosen or level >= _THICK else (0,)
    found: list[tuple[int, int, int]] = []
    for i in range(steps + 1):
        if link.strength < 0 and not link.chosen and i // 2 % 2:
            continue
        x = left + round((right - left) * i / steps)
        y = round(top + (bottom - top) * i / steps)
        found += [(x // 2, row // 4, _BITS[row % 4][x % 2]) for dy in rows if (row := y + dy) >= 0]
    return found


def _cells(link: Link) -> list[tuple[int, int]]:
    wide = link.x2 - link.x1
    return [
        (link.x1 + i, int(link.y1 + (link.y2 - link.y1) * (i + 0.5) / wide)) for i in range(wide)
    ]
