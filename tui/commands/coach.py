"""Rows of the coach: hear more and take its advice; the bell."""

from dataclasses import replace

from ..entry import Entry
from ..state import ScreenState

_E = Entry[ScreenState]

COACH: tuple[_E, ...] = (
    _E(
        "advice",
        ("a",),
        lambda s: (s.told.coach.remedy or "coach") if s.told.coach else "coach",
        "What the coach sees, from which numbers, and what would help; enter there takes it.",
        when=lambda s: s.told.coach is not None and not s.tiny,
        footer=2,
        group="coach",
    ),
    _E(
        "bell",
        (),
        lambda s: "bell off" if s.bell else "bell on",
        "Ring the terminal's bell the moment the loss leaves its band, or stay silent.",
        group="coach",
        turn=lambda s: replace(s, bell=not s.bell, said=f"the bell is {'off' if s.bell else 'on'}"),
    ),
)
