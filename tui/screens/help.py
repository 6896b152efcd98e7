"""The help screen: what the focused panel is for, and every key from the command table."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from ..entry import Entry
from ..widgets.rows import Row, spread, wrapped
from .dialog import RowsDialog

_KEYS, _LABEL = 12, 16


class HelpScreen(RowsDialog[None]):
    """Every row of the table under its heading; rows that do nothing now are in brackets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup,b", "move(-10)", show=False),
        Binding("pagedown,space", "move(10)", show=False),
        Binding("escape,q,question_mark,enter", "dismiss(None)", show=False),
    ]
    BOX = "help"
    WIDEST = 96

    def __init__(self, entries: Iterable[Entry[Any]], state: object, about: str) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self._state = state
        self._about = about
        self._top = 0

    def action_move(self, step: int) -> None:
        self._top += step
        self.show_rows()

    def rows(self, width: int, height: int) -> list[Row]:
        rows = help_rows(self._entries, self._state, self._about, width)
        self._top = max(0, min(self._top, len(rows) - height))
        keys = "↑↓ scroll  q close" if len(rows) > height else "q close"
        self.box.border_title, self.box.border_subtitle = "help", self.box.signs(keys)
        shown = rows[self._top : self._top + height]
        return [spread(shown[0], ((" ", ""),), width), *shown[1:]]  # as wide wherever it is


def help_rows(entries: tuple[Entry[Any], ...], state: object, about: str, width: int) -> list[Row]:
    """Headings and rows, the help sentence wrapped beside its key."""
    rows: list[Row] = [((line, ""),) for line in wrapped(about, width)]
    group = None
    for entry in entries:
        if entry.group != group:
            group = entry.group
            rows += [(), ((group, "strong"),)]
        rows += _entry_rows(entry, state, width)
    rows += [(), (("[in brackets]: does nothing just now", "dim"),)]
    return rows


def _entry_rows(entry: Entry[Any], state: object, width: int) -> list[Row]:
    acts = entry.when(state)
    label = entry.id.replace("_", " ")
    if acts:
        label = entry.says(state)
    elif isinstance(entry.label, str):
        label = entry.label
    label = label if acts else f"[{label}]"
    named = max(_LABEL, len(label) + 1)
    sentence = wrapped(entry.help, max(width - _KEYS - named, 20)) or [""]
    keys = entry.every_key or ":"
    head: Row = (
        (f" {keys.ljust(_KEYS - 1)}", "key"),
        (label.ljust(named), "" if acts else "dim"),
        (sentence[0], "dim"),
    )
    return [head, *((((" " * (_KEYS + named) + line), "dim"),) for line in sentence[1:])]
