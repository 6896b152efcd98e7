"""What keys mean after what was ordered, and how long words are true."""

from dataclasses import replace
from typing import Any

import pytest
from fakes_tui import state_of
from foghill.engine.protocol.commands import Command, Pause, Restart, Run, Set, Step
from foghill.tui.expecting import hushed, ordered, refused, seen, status_after
from foghill.tui.state import ScreenState
from foghill.tui.when import can_step


def live(**changes: Any) -> ScreenState:
    return ScreenState(state_of(**changes), connection="attached")


@pytest.mark.parametrize(
    ("command", "status"),
    [(Run(), "running"), (Pause(), "paused"), (Restart("data"), "paused"), (Step(), None),
     (Set({"lr": 1.0}), None)],
)  # fmt: skip
def test_how_the_run_stands_after(command: Command, status: str | None):
    assert status_after(command) == status


def test_what_was_ordered_counts_until_its_state_is_here():
    now = ordered(live(status="running"), Restart())
    assert (now.standing, can_step(now)) == ("paused", True)
    now = seen(now, state_of(status="running", step=9), answered=False)
    assert now.standing == "paused", "this state was on its way already"
    now = seen(now, state_of(status="running", step=1), answered=True)
    assert now.standing == "running", "somebody else let it run"


def test_a_refusal_lasts_as_long_as_its_reason():
    now = refused(live(status="warming up"), "not yet")
    assert seen(now, state_of(status="warming up", doing="x"), answered=True).said == "not yet"
    assert seen(now, state_of(), answered=True).said == ""


def test_what_came_of_an_order_outlives_a_step_but_not_the_end_of_the_run():
    now = replace(live(), said="lr 1 → 2 at step 3")
    now = seen(now, state_of(status="running"), answered=True)
    assert now.said
    assert seen(now, state_of(step=4, why="step>=4 reached"), answered=True).said == ""


def test_the_next_key_ends_what_was_said_of_the_last():
    assert hushed(refused(live(), "no such picture")).said == ""
