"""Rows that ask, help and leave."""

from ..entry import Entry
from ..state import ScreenState, ends_on_leaving, leaving

_E = Entry[ScreenState]

LEAVE: tuple[_E, ...] = (
    _E(
        "palette",
        ("colon", "ctrl+p"),
        "commands",
        "Every command by name.",
        footer=3,
        group="leave",
    ),
    _E("help", ("question_mark",), "help", "This help.", footer=1, group="leave"),
    _E(
        "quit",
        ("q",),
        leaving,
        "Close the topmost thing, or leave. A run that has taken a step is never ended by this.",
        footer=1,
        group="leave",
    ),
    _E(
        "quit_ask",
        ("Q",),
        "end",
        "Asks: leave the run as it is, stop it, or stop and delete it.",
        when=lambda s: s.attached and s.role == "driver" and not ends_on_leaving(s),
        footer=3,
        group="leave",
    ),
    _E("interrupt", ("ctrl+c",), "hint", "Never ends a run: says how to.", group="leave"),
)
