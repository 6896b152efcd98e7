"""Rows that look into a picture: its sheets, a weight turned by hand, how a boundary is drawn."""

from dataclasses import replace

from ..entry import Entry
from ..state import ScreenState
from ..when import can_edit

_E = Entry[ScreenState]


def _sheets(screen: ScreenState) -> bool:
    return screen.focus == "picture" and "picture" in screen.visible


def _maps(screen: ScreenState) -> bool:
    return screen.showing == "boundary" and "picture" in screen.visible


def _hardened(screen: ScreenState) -> ScreenState:
    said = "the boundary with its certainty" if screen.hard else "the boundary alone"
    return replace(screen, hard=not screen.hard, said=said)


def _with_held_out(screen: ScreenState) -> ScreenState:
    said = "held out is hidden" if screen.held_out else "held out is shown"
    return replace(screen, held_out=not screen.held_out, said=said)


WEIGHTS: tuple[_E, ...] = (
    _E(
        "edit",
        ("E",),
        "edit a weight",
        "Write one weight by hand: in the pictures of weights and network the arrows choose it, "
        "[ and ] turn it, E types it.",
        when=can_edit,
        footer=3,
        group="pictures",
    ),
    _E(
        "hard",
        ("b",),
        lambda s: "soft boundary" if s.hard else "hard boundary",
        "The boundary alone, or shaded by certainty.",
        when=_maps,
        footer=3,
        group="pictures",
        turn=_hardened,
    ),
    _E(
        "held_out",
        ("V",),
        lambda s: "hide held out" if s.held_out else "show held out",
        "Held-out data, or not: their line in the chart, their points, their numbers, what the "
        "coach sees by them.",
        when=lambda s: s.run.validation != "no validation" and not s.tiny,
        footer=3,
        group="pictures",
        turn=_with_held_out,
    ),
    _E(
        "sheet_on",
        ("pagedown",),
        "next sheet",
        "The next sheet or page of the picture, or of the text.",
        when=_sheets,
        group="pictures",
        method="sheet",
        argument=1,
    ),
    _E(
        "sheet_back",
        ("pageup",),
        "sheet before",
        "The sheet or page before.",
        when=_sheets,
        group="pictures",
        method="sheet",
        argument=-1,
    ),
)
