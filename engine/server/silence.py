"""When a session that should be working gives no sign of life, clients are told."""

from ..protocol.state import State

SILENCE_SECONDS = 3.0


def silence(state: State, seconds: float, *, idle: bool) -> str:
    """What to say of a session last heard of `seconds` ago: in what it is stuck, or nothing."""
    works = state.status in ("running", "warming up") and not idle
    if not works or seconds <= SILENCE_SECONDS:
        return ""
    doing = state.doing or state.phase
    return f"no answer for {seconds:.0f} s" + (f" ({doing})" if doing else "")
