"""A grid of styled cells: what every drawing returns and what `widgets.cells` shows."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import get_character_cell_size


class Ink(NamedTuple):
    """How a cell looks. Empty colours are the terminal's (or the widget's) own."""

    colour: str = ""
    back: str = ""
    bold: bool = False


PLAIN = Ink()


class Cell(NamedTuple):
    """One cell. The right half of a wide character is the glyph ""."""

    glyph: str
    ink: Ink = PLAIN


BLANK = Cell(" ")
_HALF = ""


class Grid:
    """`height` rows of `width` cells. Writing outside is allowed and does nothing."""

    def __init__(self, width: int, height: int) -> None:
        self.width = max(width, 0)
        self.height = max(height, 0)
        self.rows: list[list[Cell]] = [[BLANK] * self.width for _ in range(self.height)]

    def put(self, x: int, y: int, text: str, ink: Ink = PLAIN) -> int:
        """Write `text` from (x, y) to the right; returns the column after it."""
        for glyph in text:
            size = 1 if glyph.isascii() else get_character_cell_size(glyph)
            if not glyph.isprintable():
                glyph, size = "?", 1
            if size == 0:
                continue
            self._set(x, y, glyph, ink, size)
            x += size
        return x

    def _set(self, x: int, y: int, glyph: str, ink: Ink, size: int) -> None:
        if not (0 <= y < self.height and 0 <= x < self.width):
            return
        row = self.rows[y]
        if x + size > self.width:
            glyph, size = " ", 1
        if row[x].glyph == _HALF and x:
            row[x - 1] = Cell(" ", row[x - 1].ink)
        after = x + size
        if after < self.width and row[after].glyph == _HALF:
            row[after] = Cell(" ", row[after].ink)
        row[x] = Cell(glyph, ink)
        if size == 2:
            row[x + 1] = Cell(_HALF, ink)

    def put_right(self, end: int, y: int, text: str, ink: Ink = PLAIN) -> None:
        """Write `text` so that it ends before column `end`."""
        self.put(end - cells(text), y, text, ink)

    def put_middle(self, centre: int, y: int, text: str, ink: Ink = PLAIN) -> None:
        """Write `text` around `centre`, moved so that it stays inside."""
        size = cells(text)
        self.put(max(min(centre - size // 2, self.width - size), 0), y, text, ink)

    def put_on(self, x: int, y: int, text: str, ink: Ink = PLAIN) -> None:
        """Write narrow `text` from (x, y) to the right; every cell keeps its background."""
        for i, glyph in enumerate(text):
            if 0 <= y < self.height and 0 <= x + i < self.width:
                self.put(x + i, y, glyph, ink._replace(back=self.rows[y][x + i].ink.back))

    def tint(self, x: int, y: int, back: str) -> None:
        """Give a cell another background, keeping its character."""
        if 0 <= y < self.height and 0 <= x < self.width:
            glyph, ink = self.rows[y][x]
            self.rows[y][x] = Cell(glyph, ink._replace(back=back))

    def lay(self, other: "Grid", x: int, y: int, *, clear: bool = False) -> None:
        """Lay `other` over this one with its top left at (x, y); blanks let through."""
        for dy, row in enumerate(other.rows):
            for dx, cell in enumerate(row):
                if (cell != BLANK or clear) and cell.glyph != _HALF:
                    self.put(x + dx, y + dy, cell.glyph, cell.ink)

    def glyph(self, x: int, y: int) -> str:
        """The character of a cell; "" outside."""
        return self.rows[y][x].glyph if 0 <= y < self.height and 0 <= x < self.width else ""

    def is_blank(self, x: int, y: int) -> bool:
        """Whether a cell is inside and empty."""
        return self.glyph(x, y) == " "

    def text(self) -> str:
        """The characters alone, for tests and for a look at it."""
        return "\n".join("".join(cell.glyph for cell in row).rstrip() for row in self.rows)


def cells(text: str) -> int:
    """How many cells `text` takes."""
    if text.isascii():
        return len(text)
    return sum(get_character_cell_size(glyph) if glyph.isprintable() else 1 for glyph in text)


def shorten(text: str, width: int, more: str = "…") -> str:
    """`text` in at most `width` cells."""
    if cells(text) <= width:
        return text
    if width <= 0:
        return ""
    room, kept = width - cells(more), ""
    for glyph in text:
        if cells(kept + glyph) > room:
            break
        kept += glyph
    return kept + more if room >= 0 else ""


def shorten_list(text: str, between: str, width: int, more: str = "…") -> str:
    """As many of its parts as fit whole: half a number would be another number."""
    if cells(text) <= width:
        return text
    first, *rest = text.split(between)
    kept = first
    for part in rest:
        if cells(f"{kept}{between}{part}{between}{more}") > width:
            break
        kept += between + part
    return shorten(f"{kept}{between}{more}", width)


def message(sentence: str, width: int, height: int, ink: Ink = PLAIN) -> Grid:
    """A sentence in the middle of an otherwise empty grid, wrapped to fit."""
    grid = Grid(width, height)
    lines = list(_wrapped(sentence, max(width - 2, 1)))[: max(height, 0)]
    top = max((height - len(lines)) // 2, 0)
    for y, line in enumerate(lines):
        grid.put_middle(width // 2, top + y, line, ink)
    return grid


def _wrapped(sentence: str, width: int) -> Iterable[str]:
    line = ""
    for word in sentence.split():
        longer = f"{line} {word}" if line else word
        if cells(longer) > width and line:
            yield line
            line = word
        else:
            line = longer
        while cells(line) > width:
            head = shorten(line, width, "") or line[0]
            yield head
            line = line[len(head) :]
    if line:
        yield line
