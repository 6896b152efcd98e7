"""A table: headings, words to the left, numbers to the right, marked rows, notes beneath.

`picture` draws it; `drawing` uses `draw` for the tables among what a view returned.
"""

import re
from dataclasses import dataclass

from ...engine.protocol.pictures import Table
from ..draw.grid import Grid, Ink, cells, message, shorten
from ..draw.palette import Palette
from .rows import wrapped

_NUMBER = re.compile(r"[-+−]?(\d[\d,.]*([eE][-+]?\d+)?|nan|inf)(\s?\S{1,6})?|–|-|")
_NARROWEST = 8  # cells of a column of words that had to be cut
_MARK = 2  # cells of the sign before a marked row
_TREE = " │├└"  # signs of a tree, which are not read out
_SAID = 8  # rows read out


@dataclass(frozen=True)
class _Columns:
    """Which columns are shown, how wide, and which are numbers."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    right: tuple[bool, ...]
    gap: int
    dropped: tuple[str, ...]


def draw(view: Table, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The rows from number `page` on, or with a chosen row those around it."""
    if not view.rows:
        words = " ".join(view.notes) or view.title or "an empty table"
        return message(words, width, height, Ink(pens.faint))
    grid = Grid(width, height)
    columns = _columns(view, width - _MARK)
    _heading(grid, view, columns, pens)
    notes = _notes(view, columns, width)
    room, pinned = _room(view, notes, height)
    top = _top(view, page, room, max(_reach(view, notes, pinned) - room, 0))
    for y in range(room):
        place = top + y - view.first
        if 0 <= place < len(view.rows):
            _row(grid, view, columns, place, y + 1, pens)
        elif not pinned and top + y >= (view.total or len(view.rows)):
            line = top + y - (view.total or len(view.rows))
            if line < len(notes):
                grid.put(_MARK, y + 1, notes[line], Ink(pens.faint))
    if pinned:
        passed = min(_past(view, page), _unseen(view, notes, room, height))
        _beneath(grid, view, notes[passed:], room, top, pens)
    return grid


def last(view: Table, width: int, height: int) -> int:
    """How far the arrows go: to the last row that may be chosen and through the notes that did
    not fit below it, or to the last line that may be the first one shown."""
    notes = _notes(view, _columns(view, width - _MARK), width)
    room, pinned = _room(view, notes, height)
    if view.at >= 0:
        return _last_row(view) + _unseen(view, notes, room, height)
    return max(_reach(view, notes, pinned) - room, 0)


def below(view: Table, width: int, height: int, page: int) -> int:
    """Lines out of sight further down; rows that the table itself counts are not among them."""
    if not view.rows:
        return 0
    notes = _notes(view, _columns(view, width - _MARK), width)
    room, pinned = _room(view, notes, height)
    if pinned:
        return max(_unseen(view, notes, room, height) - _past(view, page), 0)
    reach = _reach(view, notes, pinned)
    return max(reach - room - _top(view, page, room, max(reach - room, 0)), 0)


def size(view: Table, width: int) -> int:
    """Rows of the screen that show all of it."""
    notes = _notes(view, _columns(view, width - _MARK), width)
    return 1 + len(view.rows) + len(notes)


def title(view: Table, pens: Palette) -> str:
    """What the caption says."""
    total = view.total or len(view.rows)
    return f"{view.title} {pens.signs.dot} {total} rows" if total > 12 else view.title


def words(view: Table) -> str:
    """The chosen or marked rows first, then the others, each as name and value."""
    chosen = [view.at - view.first] if view.at >= view.first else []
    first = [row for row in dict.fromkeys([*chosen, *view.marked]) if row < len(view.rows)]
    others = [row for row in range(len(view.rows)) if row not in first]
    said = [_said(view, row) for row in (first + others)[:_SAID]]
    left = (view.total or len(view.rows)) - len(said)
    if left > 0:
        said.append(f"{left} more rows.")
    return " ".join([f"{view.title}:", *(said or ["no rows."]), *view.notes])


def _said(view: Table, row: int) -> str:
    pairs = zip(view.columns, view.rows[row], strict=False)
    parts = [f"{name} {word.lstrip(_TREE)}".strip() for name, word in pairs if word]
    marked = "marked: " if row in view.marked else ""
    return f"{marked}{', '.join(parts)}."


def _room(view: Table, notes: list[str], height: int) -> tuple[int, bool]:
    """Rows of the screen for rows of the table, and whether the notes stay in sight."""
    below = height - 1  # under the heading
    if len(view.rows) + len(notes) <= below and not view.total > len(view.rows):
        return len(view.rows), True
    pinned = len(notes) + 1 <= below // 2 or view.at >= 0
    if not pinned:
        return max(below, 1), False
    total = view.total or len(view.rows)
    spare = below - total  # rows of the table leave so much free
    kept = min(len(notes), spare if spare >= below // 2 else max(below // 2 - 1, 0))
    return max(min(below - kept - (total > below - kept), total), 1), True


def _last_row(view: Table) -> int:
    return max((view.total or len(view.rows)) - 1, 0)


def _unseen(view: Table, notes: list[str], room: int, height: int) -> int:
    """Lines of notes for which there is no room beneath the rows."""
    counted = room < (view.total or len(view.rows))
    return max(len(notes) - max(height - 1 - room - counted, 0), 0)


def _past(view: Table, page: int) -> int:
    """How far the arrows went on after the last row was chosen."""
    return max(page - _last_row(view), 0) if view.at >= 0 else 0


def _reach(view: Table, notes: list[str], pinned: bool) -> int:
    return (view.total or len(view.rows)) + (0 if pinned else len(notes))


def _top(view: Table, page: int, room: int, most: int) -> int:
    """The first row shown, counted from the first of all."""
    if view.at < 0:
        return min(max(most - page if view.from_end else page, 0), most)
    return min(max(view.at - room // 2, 0), most)


def _columns(view: Table, width: int) -> _Columns:
    """Words are shortened first, then the last columns go; the first one stays."""
    natural, right = _natural(view)
    shown = list(range(len(view.columns)))
    gap = 2
    while True:
        widths = [natural[c] for c in shown]
        gap = 2 if sum(widths) + 2 * (len(shown) - 1) <= width else 1
        over = sum(widths) + gap * (len(shown) - 1) - width
        widths = _squeezed(widths, [right[c] for c in shown], over, width)
        if sum(widths) + gap * (len(shown) - 1) <= width or len(shown) <= 1:
            break
        shown.pop()
    dropped = tuple(view.columns[c] for c in range(len(view.columns)) if c not in shown)
    return _Columns(tuple(shown), tuple(widths), tuple(right[c] for c in shown), gap, dropped)


def _natural(view: Table) -> tuple[list[int], list[bool]]:
    widths, right = [cells(name) for name in view.columns], [True] * len(view.columns)
    for row in view.rows:
        for c, word in enumerate(row[: len(widths)]):
            widths[c] = max(widths[c], cells(word))
            right[c] = right[c] and bool(_NUMBER.fullmatch(word))
    return widths, right


def _squeezed(widths: list[int], right: list[bool], over: int, room: int) -> list[int]:
    """Columns of words cut, the widest first, until `over` cells are saved or none is wide.

    The first says what a row is of, so it keeps a third of the room.
    """
    widths, narrowest = list(widths), [_NARROWEST] * len(widths)
    narrowest[0] = max(room // 3, _NARROWEST)
    while over > 0:
        cut = [c for c, w in enumerate(widths) if not right[c] and w > narrowest[c]]
        if not cut:
            break
        widest = max(cut, key=lambda c: (widths[c], c))  # rather the last of equals
        widths[widest] -= 1
        over -= 1
    return widths


def _heading(grid: Grid, view: Table, columns: _Columns, pens: Palette) -> None:
    ink = Ink(pens.faint, bold=True)
    _put(grid, columns, [view.columns[c] for c in columns.shown], 0, ink)


def _row(grid: Grid, view: Table, columns: _Columns, place: int, y: int, pens: Palette) -> None:
    row, chosen = view.rows[place], view.first + place == view.at
    marked = place in view.marked
    if chosen or marked:
        sign = ("> " if pens.ascii else "▸ ") if chosen else pens.signs.mark
        grid.put(0, y, sign, Ink(pens.accent, bold=True))
    ink = Ink(pens.accent if marked or chosen else pens.text, bold=marked or chosen)
    _put(grid, columns, [row[c] if c < len(row) else "" for c in columns.shown], y, ink)


def _put(grid: Grid, columns: _Columns, row: list[str], y: int, ink: Ink) -> None:
    x = _MARK
    for word, width, right in zip(row, columns.widths, columns.right, strict=True):
        shown = shorten(word, width)
        if right:
            grid.put_right(x + width, y, shown, ink)
        else:
            grid.put(x, y, shown, ink)
        x += width + columns.gap


def _notes(view: Table, columns: _Columns, width: int) -> list[str]:
    notes = [line for note in view.notes for line in wrapped(note, max(width - _MARK, 8))]
    if columns.dropped:
        notes += wrapped(
            f"not shown for want of room: {', '.join(columns.dropped)}", max(width - _MARK, 8)
        )
    return notes


def _beneath(grid: Grid, view: Table, notes: list[str], room: int, top: int, pens: Palette) -> None:
    """Which rows these are, where they are not all, and the notes that stay in sight."""
    y, total = room + 1, view.total or len(view.rows)
    if room < total:
        end = min(top + room, total)
        words = f"rows {top + 1} to {end} of {total}"
        grid.put(_MARK, y, words, Ink(pens.faint))
        y += 1
    for line, note in enumerate(notes):
        grid.put(_MARK, y + line, note, Ink(pens.text))
