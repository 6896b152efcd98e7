"""Rows of inked text, the base of every text panel: only cells that changed are painted.

A row is a tuple of pieces `(text, ink)`. Inks are component classes (`rows--dim`), so that the
style sheet alone knows colours. What to show is computed elsewhere by pure functions.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ..theme import plain
from .cells import Sliced, changed_ranges

Piece = tuple[str, str]
Row = tuple[Piece, ...]

# "" is the widget's own style.
INKS = ("dim", "strong", "accent", "good", "warn", "bad", "cursor", "key")


def width_of(row: Row) -> int:
    """Cells a row takes."""
    return sum(cell_len(text) for text, _ in row)


def fitted(row: Row, width: int) -> Row:
    """The row in at most `width` cells, with `…` where something was cut off."""
    if width_of(row) <= width:
        return row
    kept: list[Piece] = []
    left = width - 1
    for text, ink in row:
        if cell_len(text) > left:
            kept.append((set_cell_size(text, left) + "…", ink) if left >= 0 else ("", ink))
            break
        kept.append((text, ink))
        left -= cell_len(text)
    return tuple(kept) if width > 0 else ()


def more_lines(count: int) -> str:
    """What a border says of lines that are further down; nothing where there are none."""
    return f"{count} more line{'s' if count > 1 else ''} ↓" if count > 0 else ""


def spread(left: Row, right: Row, width: int) -> Row:
    """Both in one row, the right one at the far end; it goes where there is no room."""
    gap = width - width_of(left) - width_of(right)
    if gap < 1:
        return fitted(left, width)
    return (*left, (" " * gap, ""), *right)


def wrapped(text: str, width: int, most: int = 1000) -> list[str]:
    """The text in lines of `width`; paragraphs are kept, the last line says if more was cut."""
    from textwrap import wrap

    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += wrap(paragraph, max(width, 1), break_on_hyphens=False) or [""]
    if len(lines) > most:
        lines = [*lines[: most - 1], set_cell_size(lines[most - 1], max(width - 1, 0)) + "…"]
    return lines


def paragraphs(text: str, width: int) -> list[str]:
    """A docstring's lines filled anew to `width`; what is laid out by hand stays as it is.

    Lines of an item after its first stand under its words.
    """
    lines: list[str] = []
    for indent, words in _blocks(text):
        margin = " " * min(indent, max(width - 20, 0))
        if "  " in words or not words:
            lines.append((margin + words)[:width])
            continue
        sign = _ITEM.match(words)
        under = len(sign[0]) if sign else 0
        first, *rest = wrapped("·" * under + words[under:], width - len(margin))
        lines.append(margin + words[:under] + first[under:])
        lines += [margin + line for line in _filled(" ".join(rest), width - len(margin), under)]
    return lines


def _filled(words: str, width: int, under: int) -> list[str]:
    return [" " * under + line for line in wrapped(words, max(width - under, 10))]


_ITEM = re.compile(r"([-*•]|\d+[.)]) ")


def _blocks(text: str) -> list[tuple[int, str]]:
    """(indent, words) of each paragraph; an empty line is a block of its own."""
    blocks: list[tuple[int, str]] = []
    for line in text.expandtabs().splitlines():
        words = line.strip()
        indent = len(line) - len(line.lstrip())
        alone = not words or "  " in words or _ITEM.match(words)
        before = blocks[-1] if blocks else (0, "")
        if not alone and _ITEM.match(before[1]) and indent > before[0] and "  " not in before[1]:
            blocks[-1] = (before[0], f"{before[1]} {words}")
        elif alone or not blocks or not blocks[-1][1] or blocks[-1][0] != indent:
            blocks.append((indent if words else 0, words))
        elif "  " in blocks[-1][1]:
            blocks.append((indent, words))
        else:
            blocks[-1] = (indent, f"{blocks[-1][1]} {words}")
    return blocks


def changed_cells(before: Row, after: Row) -> tuple[int, int] | None:
    """First and one past the last cell in which two rows differ; `None` where in none."""
    if before == after:
        return None
    old, new = _cells(before), _cells(after)
    longest = max(len(old), len(new))
    blank = (" ", "")
    old += [blank] * (longest - len(old))
    new += [blank] * (longest - len(new))
    differ = [place for place in range(longest) if old[place] != new[place]]
    return (differ[0], differ[-1] + 1) if differ else None


def _cells(row: Row) -> list[Piece]:
    cells: list[Piece] = []
    for text, ink in row:
        for sign in text:
            cells.append((sign, ink))
            cells += [("", ink)] * (_width(sign) - 1)
    return cells


@lru_cache(maxsize=1024)
def _width(sign: str) -> int:
    return cell_len(sign)


class Rows(Widget):
    """Rows of inked text; `paint` shows new ones."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{ink}" for ink in INKS}

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.rows: tuple[Row, ...] = ()

    def paint(self, rows: Sequence[Row]) -> None:
        """Show `rows` in place of those before."""
        new = tuple(tuple((self.signs(text), ink) for text, ink in row) for row in rows)
        old, self.rows = self.rows, new
        for y in range(max(len(old), len(new))):
            before = old[y] if y < len(old) else ()
            after = new[y] if y < len(new) else ()
            self.repaint(y, before, after)

    def repaint(self, y: int, before: Row, after: Row) -> None:
        """Row `y` is to be painted anew where it differs."""
        if cells := changed_cells(before, after):
            self.refresh(Region(cells[0], y, cells[1] - cells[0], 1))

    def signs(self, text: str) -> str:
        """`text` as this terminal can show it."""
        return plain(text) if getattr(self.app, "ascii", False) else text

    def render_line(self, y: int) -> Strip:
        return self.strip_of(y, self.rich_style)

    def strip_of(self, y: int, base: Style) -> Strip:
        """A row over the style `base`."""
        row = self.rows[y] if y < len(self.rows) else ()
        segments = [
            Segment(
                text,
                base + self.get_component_rich_style(f"rows--{ink}", partial=True) if ink else base,
            )
            for text, ink in row
            if text
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    @property
    def text(self) -> str:
        """What stands there, for tests and for the plain mode."""
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self.rows)


class SlicedRows(Sliced, Rows):
    """Rows of which several short parts change at a time: only those are sent."""

    def repaint(self, y: int, before: Row, after: Row) -> None:
        old, new = _cells(before), _cells(after)
        new += [(" ", "")] * (len(old) - len(new))
        self.send([(y, start, end) for start, end in changed_ranges(old, new)])

    def part(self, y: int, start: int, end: int, under: Style) -> Strip:
        return self.strip_of(y, under).crop(start, end)
