"""Rows that look into a step: the inspector, and slow motion."""

from dataclasses import replace

from ..entry import Entry
from ..state import ScreenState
from ..when import can_step

_E = Entry[ScreenState]


def _inspected(screen: ScreenState) -> ScreenState:
    """Open the inspector, or go back to where it was opened."""
    if screen.inspecting:
        return replace(screen, zoomed=False, focus=screen.came_from)
    came_from = screen.came_from if screen.focus == "step" else screen.focus
    return replace(screen, zoomed=True, focus="step", came_from=came_from)


INSPECT: tuple[_E, ...] = (
    _E(
        "inspect",
        ("i",),
        lambda s: "close" if s.inspecting else "inspect",
        "The step inspector: each phase with its line of code, its true tensors and formulas. "
        "Left and right choose the phase, up and down scroll.",
        when=lambda s: not s.tiny,
        footer=2,
        group="train",
        turn=_inspected,
    ),
    _E(
        "walk",
        ("w",),
        lambda s: "stop" if s.walking else "walk",
        "Slow motion: one phase after another by itself. < and > change its pace; space or w "
        "stops it.",
        when=lambda s: can_step(s) or bool(s.walking),
        footer=3,
        group="train",
    ),
)
