"""The knobs panel: every dial of the run, the selected one, and what is turned but not applied."""

from typing import ClassVar

from ...engine.protocol.knob import Knob, format_value
from ..state import Panel, ScreenState
from .panel import RowPanel
from .rows import Row, fitted, width_of


class KnobPanel(RowPanel):
    """Select with up and down, turn with left and right."""

    HELP = (
        "Knobs. Up and down select, left and right turn, enter types a value or applies what is "
        "pending, esc drops it, u sets back. In a lesson a turn acts at once; elsewhere it is "
        "pending until enter. (value): does nothing at present. •: not the value it started with."
    )
    panel: ClassVar[Panel] = "knobs"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._top = 0

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        knobs = screen.run.knobs
        if not knobs:
            return [(("  not known yet", "dim"),)]
        chosen = screen.knob
        place = knobs.index(chosen) if chosen in knobs else 0
        self._top = scrolled(self._top, place, height, len(knobs))
        shown = knobs[self._top : self._top + height]
        names = max(len(knob.name) for knob in knobs)
        return [
            knob_row(screen, knob, width, min(names, max(12, width // 2)), knob is chosen)
            for knob in shown
        ]

    def title(self, screen: ScreenState) -> str:
        if screen.pending:
            return f"knobs · {len(screen.pending)} pending"
        hidden = len(screen.run.knobs) - self.size.height
        if hidden <= 0 or not self.size.height or screen.knob is None:
            return "knobs"
        place = screen.run.knobs.index(screen.knob) + 1
        return f"knobs {place}/{len(screen.run.knobs)}"


def scrolled(top: int, place: int, height: int, count: int) -> int:
    """The first row to show so that `place` is in sight, moving as little as possible."""
    if height <= 0:
        return 0
    top = min(max(top, place - height + 1), place)
    return max(0, min(top, count - height))


def knob_row(screen: ScreenState, knob: Knob, width: int, names: int, chosen: bool) -> Row:
    """One knob: cursor, mark if it was changed, name, value, and what it would become.

    Names have `names` cells; a longer one takes what its value leaves.
    """
    ink = "cursor" if chosen else "dim" if knob.unused else ""
    mark = "▸" if chosen else " "
    turned = "•" if knob.value != knob.default else " "
    right = _value(screen, knob, width, names, ink if chosen else "")
    left = width - width_of(right)
    name = fitted(((knob.name, ink),), max(names, left - 3))
    row: Row = ((mark, ink), (turned, ink if chosen else "accent"), *name, (" ", ink))
    padding = " " * (names + 3 - width_of(row)) if names + 3 <= left else ""
    row = fitted((*row, (padding, ink), *right), width)
    missing = width - width_of(row)
    return (*row, (" " * missing, ink)) if chosen and missing > 0 else row


def _value(screen: ScreenState, knob: Knob, width: int, names: int, ink: str) -> Row:
    """What the knob is and would become; only the latter where the name needs the room."""
    said = format_value(knob.value)
    now: Row = ((f"({said})" if knob.unused else said, ink or ("dim" if knob.unused else "")),)
    value = screen.value(knob)
    if value == knob.value:
        return now
    new = (format_value(value), ink or "accent")
    arrow: Row = (*now, (" → ", now[0][1]), new)
    short: Row = (("→ ", now[0][1]), new)
    room = width - 3 - min(len(knob.name), width * 2 // 3)
    return arrow if width_of(arrow) <= room else short


def detail(screen: ScreenState) -> list[str]:
    """What there is to know of the selected knob, most important first."""
    knob = screen.knob
    if knob is None:
        return []
    said = [f"{knob.name}: {knob.accepts()}"]
    if knob.unused:
        said.append(f"does nothing now: {knob.unused}")
    if knob.effective is not None and knob.effective != knob.value:
        said.append(f"acts as {format_value(knob.effective)} just now")
    said.append(_when(knob))
    if knob.previous is not None:
        said.append(f"before: {format_value(knob.previous)}")
    if knob.help:
        said.append(knob.help)
    return said


_WHEN = {
    "next phase": "acts from the next phase",
    "next step": "acts from the next step",
    "optimizer called again": "the optimizer is called again",
    "data rebuilt": "the data are rebuilt",
    "model rebuilt": "the model is rebuilt",
    "data and model rebuilt": "data and model are rebuilt",
    "split again": "the data are split again",
    "converted at once": "converted at once",
    "next restart": "acts at the next restart (R)",
}


def _when(knob: Knob) -> str:
    return _WHEN[knob.effect]
