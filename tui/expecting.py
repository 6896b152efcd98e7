"""What the screen expects of the engine, and how long words about it are true. Pure.

A key means what it means after everything the person has ordered, not what the last state that
happened to arrive would make of it: `R` and then `space` is restart and run, also in mid run.
"""

from dataclasses import replace

from ..engine.protocol.commands import Command, Pause, Restart, Run
from ..engine.protocol.state import State, Status
from .state import ScreenState


def ordered(screen: ScreenState, command: Command) -> ScreenState:
    """`command` is on its way to the engine."""
    return replace(screen, expected=status_after(command) or screen.expected)


def status_after(command: Command) -> Status | None:
    """How the run stands once this has come about; None where it depends."""
    match command:
        case Run():
            return "running"
        case Pause() | Restart():
            return "paused"
        case _:
            return None


def refused(screen: ScreenState, reason: str) -> ScreenState:
    """A key did nothing, and why: true as long as the run stands as it does."""
    return replace(screen, said=reason, refusal=reason)


def hushed(screen: ScreenState) -> ScreenState:
    """Another key was pressed: what was said of the one before is over."""
    return replace(screen, said="") if screen.said else screen


def seen(screen: ScreenState, run: State, *, answered: bool) -> ScreenState:
    """The run as it stands now; `answered` if every order so far has come about in it."""
    before, said = screen.run.status, screen.said
    if before != run.status and (before == "running" or said == screen.refusal):
        said = ""
    expected = None if answered else screen.expected
    return replace(screen, run=run, said=said, expected=expected)
