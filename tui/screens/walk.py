"""Slow motion: the live screen asks for one phase after another until it is told to stop.

It is the screen that walks, not the engine: a screen that goes away leaves the run paused.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from ...engine.protocol.commands import Step
from ..when import can_step

if TYPE_CHECKING:
    from textual.timer import Timer

    from .live import LiveScreen

SECONDS = 0.8  # a phase, at first
PACES = (3.2, 1.6, 0.8, 0.4, 0.2)
_ENDS = ("run", "phase", "step", "steps", "epoch", "until", "restart")  # rows that take over


class Walk:
    """The slow motion of one screen; whether it goes is in the screen's state."""

    def __init__(self, screen: "LiveScreen") -> None:
        self._screen = screen
        self._timer: Timer | None = None

    def toggle(self) -> None:
        """Begin, or stop."""
        if self._screen.state.walking:
            self.stop()
            return
        self._screen.state = replace(self._screen.state, walking=SECONDS)
        self.step()

    def step(self) -> None:
        """The next phase, and later the one after it."""
        screen = self._screen
        if not can_step(screen.state) or screen.state.run.status == "failed":
            self.stop()
            return
        screen.order(Step("phase"))
        self._timer = screen.set_timer(screen.state.walking, self.step)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._screen.state = replace(self._screen.state, walking=0.0)

    def takes(self, name: str) -> bool:
        """While walking: whether the row `name` means the walk; other ways to train end it."""
        state = self._screen.state
        if not state.walking:
            return False
        if name in ("slower", "faster"):
            place = PACES.index(state.walking) + (1 if name == "faster" else -1)
            pace = PACES[max(0, min(place, len(PACES) - 1))]
            said = f"slow motion: {pace:g} s a phase"
            self._screen.state = replace(state, walking=pace, said=said)
            return True
        if name in _ENDS:
            self.stop()
        return name == "run"
