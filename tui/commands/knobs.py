"""Rows that turn knobs."""

from dataclasses import replace

from ...engine.protocol.commands import SetBack
from ..entry import Entry
from ..state import ScreenState
from ..when import can_set_back, can_turn, wide

_E = Entry[ScreenState]


def _dropped(screen: ScreenState) -> ScreenState:
    """What `esc` does: drop what is pending, else leave the zoom."""
    if screen.pending:
        return replace(screen, pending={}, said="")
    return replace(screen, zoomed=False, said="")


KNOBS: tuple[_E, ...] = (
    _E(
        "enter",
        ("enter",),
        lambda s: "apply" if s.pending else "type",
        "Apply what is pending; without anything pending, type a value for the selected knob.",
        when=lambda s: can_turn(s) or (s.drives and bool(s.pending)),
        footer=1,
        group="knobs",
    ),
    _E(
        "escape",
        ("escape",),
        lambda s: "drop" if s.pending else "close",
        "Drop what is pending, or close the topmost thing.",
        when=lambda s: bool(s.pending) or (s.zoomed and wide(s)),
        footer=1,
        group="knobs",
        turn=_dropped,
    ),
    _E(
        "set_back",
        ("u",),
        "set back",
        "Give the selected knob its previous value again.",
        when=can_set_back,
        footer=2,
        group="knobs",
        order=lambda s: SetBack(s.knob.name if s.knob else ""),
    ),
)
