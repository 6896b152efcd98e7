"""The base of every drawn widget: it holds rows of cells and sends only those that changed.

A frame goes to the terminal as a few short ranges. Textual repaints a changed row from the
widget's left edge to the end of the change, so the rows are shown through upright slices
(child widgets), and a change costs only its slice.
"""

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.markup import escape
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..draw.grid import BLANK, Cell, Grid, Ink
from ..draw.palette import Palette, palette_of
from ..theme import plain

_GAP = 3  # unchanged cells between two changes that are cheaper sent than skipped
Row = list[Cell]


class RequestChanged(Message):
    """The widget now needs another view; ask it for its request."""


# Cells of any kind: the sign, "" for the right half of a wide one, and how it is painted.
Signs = Sequence[tuple[str, object]]
Ranges = list[tuple[int, int, int]]  # row, first cell, one past the last


def changed_ranges(before: Signs, after: Signs) -> list[tuple[int, int]]:
    """Half-open ranges of cells that differ, close ones joined; whole wide characters."""
    ranges: list[tuple[int, int]] = []
    for x, cell in enumerate(after):
        if x < len(before) and before[x] == cell:
            continue
        if ranges and x - ranges[-1][1] <= _GAP:
            ranges[-1] = (ranges[-1][0], x + 1)
        else:
            ranges.append((x, x + 1))
    return [(_start(before, after, start), _end(before, after, end)) for start, end in ranges]


def _start(before: Signs, after: Signs, x: int) -> int:
    while x > 0 and any(x < len(row) and not row[x][0] for row in (before, after)):
        x -= 1
    return x


def _end(before: Signs, after: Signs, x: int) -> int:
    while any(x < len(row) and not row[x][0] for row in (before, after)):
        x += 1
    return x


def _plain(cell: Cell) -> Cell:
    """The cell in ASCII: names and numbers in it may hold anything."""
    return cell if cell.glyph.isascii() and cell.glyph else Cell(plain(cell.glyph) or " ", cell.ink)


@lru_cache(maxsize=4096)
def style_of(ink: Ink) -> Style:
    """The terminal style of an ink."""
    return Style(color=ink.colour or None, bgcolor=ink.back or None, bold=ink.bold or None)


def strip_of(row: Row, under: Style) -> Strip:
    """A row of cells as a strip over the widget's own style, equal neighbours joined."""
    segments: list[Segment] = []
    text, ink = "", None
    for cell in row:
        if cell.ink != ink and not (cell.glyph == " " and ink and cell.ink.back == ink.back):
            if text and ink is not None:
                segments.append(Segment(text, under + style_of(ink)))
            text, ink = "", cell.ink
        text += cell.glyph
    if text and ink is not None:
        segments.append(Segment(text, under + style_of(ink)))
    return Strip(segments, len(row))


class Slice(Widget):
    """An upright part of a `Sliced` widget, so that Textual repaints rows in short pieces."""

    DEFAULT_CSS = "Slice { width: 1fr; height: 1fr; }"

    def render_line(self, y: int) -> Strip:
        left = self.left
        return self._owner.part(y, left, left + self.size.width, self.rich_style)

    @property
    def _owner(self) -> "Sliced":
        owner = self.parent
        assert isinstance(owner, Sliced)
        return owner

    @property
    def left(self) -> int:
        """Its first column in the owner's content."""
        return self.region.x - self._owner.content_region.x

    def send(self, ranges: Ranges) -> None:
        """Repaint what of (y, start, end) lies in this slice, one piece a row.

        Textual sends a piece from the slice's left edge on, so two pieces would cost more.
        """
        left, right = self.left, self.left + self.size.width
        pieces: dict[int, tuple[int, int]] = {}
        for y, start, end in ranges:
            if start < right and end > left:
                inside = max(start, left) - left, min(end, right) - left
                known = pieces.get(y, inside)
                pieces[y] = min(known[0], inside[0]), max(known[1], inside[1])
        if pieces:
            self.refresh(*(Region(x1, y, x2 - x1, 1) for y, (x1, x2) in pieces.items()))


class Sliced(Widget):
    """Shows its rows through slices; subclasses give a `part` of a row and `send` what changed."""

    DEFAULT_CSS = "Sliced { layout: horizontal; overflow: hidden; }"
    SLICES = 10

    def compose(self) -> ComposeResult:
        for _ in range(self.SLICES):
            yield Slice()

    def part(self, y: int, start: int, end: int, under: Style) -> Strip:
        """Cells of a row as shown, over the style `under`."""
        raise NotImplementedError

    def send(self, ranges: Ranges) -> None:
        """Repaint these cells."""
        for part in self.query_children(Slice) if ranges else ():
            part.send(ranges)

    def render_line(self, y: int) -> Strip:
        return Strip.blank(self.size.width, self.rich_style)


class CellsWidget(Sliced):
    """Shows a grid; subclasses draw one in `drawn` and call `redraw` when it may differ."""

    def __init__(
        self,
        *,
        ascii: bool = False,
        palette: Palette | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii = ascii
        self._palette = palette
        self._given = palette is not None
        self._rows: list[Row] = []
        self._title = ""

    @property
    def pens(self) -> Palette:
        """The palette given, else that of the app's theme."""
        if self._palette is None:
            self._palette = palette_of(
                self.app.theme_variables, ascii=self._ascii, colour=not self.app.no_color
            )
        return self._palette

    def drawn(self, width: int, height: int) -> Grid:
        """The present picture in exactly this size. Subclasses say what it is."""
        return Grid(width, height)

    def in_words(self) -> str:
        """What is shown, said in words."""
        return ""

    def redraw(self) -> None:
        """Draw anew and send the cells that changed."""
        if not self.is_mounted or not self.size:
            return
        rows = self.drawn(self.size.width, self.size.height).rows
        if self.pens.ascii:
            rows = [[_plain(cell) for cell in row] for row in rows]
        before, self._rows = self._rows, rows
        if len(before) != len(rows) or (rows and len(before[0]) != len(rows[0])):
            for part in self.query_children(Slice):
                part.refresh()
            return
        self.send(
            [
                (y, start, end)
                for y, row in enumerate(rows)
                if row != before[y]
                for start, end in changed_ranges(before[y], row)
            ]
        )

    def part(self, y: int, start: int, end: int, under: Style) -> Strip:
        return strip_of(self.cells(y, start, end), under)

    def cells(self, y: int, start: int, end: int) -> Row:
        """Cells of a row as shown, blank where there are none."""
        row = self._rows[y][start:end] if 0 <= y < len(self._rows) and start >= 0 else []
        if row and not row[0].glyph:
            row[0] = BLANK  # the right half of a character that begins in the slice before
        return [*row, *[BLANK] * (end - start - len(row))]

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def set_title(self, title: str) -> None:
        """Set the border's title if it differs: Textual repaints the whole widget for it."""
        if title != self._title:
            self._title = title
            self.border_title = escape(plain(title) if self.pens.ascii else title)

    def resized(self) -> None:
        """The size changed; subclasses may want more than a new drawing."""
        self.redraw()

    def _theme_changed(self, _: object) -> None:
        if not self._given:
            self._palette = None
        self._rows = []
        self.redraw()

    def on_resize(self, _: events.Resize) -> None:
        self.resized()
