"""What is said of a session that gives no sign of life."""

import pytest
from foghill.engine.protocol.state import State, Status
from foghill.engine.server.silence import silence


@pytest.mark.parametrize(
    ("status", "seconds", "idle", "said"),
    [
        ("running", 12.0, False, "no answer for 12 s (validating 3/12)"),
        ("warming up", 4.4, False, "no answer for 4 s (validating 3/12)"),
        ("running", 2.9, False, ""),
        ("running", 12.0, True, ""),
        ("paused", 12.0, False, ""),
        ("failed", 12.0, False, ""),
    ],
)
def test_silence(status: Status, seconds: float, idle: bool, said: str) -> None:
    state = State(run="r", directory="", experiment="x", status=status, doing="validating 3/12")
    assert silence(state, seconds, idle=idle) == said


def test_names_the_phase_where_nothing_else_is_known() -> None:
    state = State(run="r", directory="", experiment="x", status="running", phase="backward")
    assert silence(state, 7.0, idle=False) == "no answer for 7 s (backward)"
