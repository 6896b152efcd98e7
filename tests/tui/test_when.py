"""When rows of the table act."""

from dataclasses import replace
from typing import Any

from fakes_tui import state_of
from foghill.tui import when
from foghill.tui.state import ScreenState


def live(**changes: Any) -> ScreenState:
    return ScreenState(state_of(**changes), connection="attached")


def test_training_needs_a_driver_and_a_session_that_is_ready():
    assert when.can_train(live())
    assert when.can_train(live(status="running"))
    assert not when.can_train(live(status="warming up"))
    assert when.can_train(live(status="failed")), "a step that raised may be tried again"
    assert not when.can_train(live(status="failed", knobs=())), "it never loaded"
    assert not when.can_train(replace(live(), role="watcher"))
    assert not when.can_train(replace(live(), connection="lost"))


def test_steps_are_taken_from_a_standstill():
    assert when.can_step(live())
    assert not when.can_step(live(status="running"))


def test_a_step_is_added_while_steps_are_taken_by_hand_and_to_nothing_else():
    assert when.can_add(live(), "step")
    stepping = live(status="running", stepping="step")
    assert when.can_add(stepping, "step")
    assert not when.can_add(stepping, "phase")
    assert not when.can_add(live(status="running"), "step")
    assert not when.can_add(replace(stepping, expected="running"), "step"), "space was pressed"
    assert not when.can_add(replace(stepping, role="watcher"), "step")


def test_knobs_turn_also_after_a_failure():
    assert when.can_turn(live(status="failed")), "it may put things right"
    assert not when.can_turn(replace(live(), focus="chart"))
    assert not when.can_turn(live(knobs=()))


def test_a_knob_is_set_back_where_it_was_turned():
    from msgspec.structs import replace as with_fields

    knob = with_fields(state_of().knobs[0], previous="adam")
    assert when.can_set_back(live(knobs=(knob,)))
    assert not when.can_set_back(live())


def test_the_charts_keys_act_while_it_is_seen():
    assert when.has_chart(live())
    assert not when.has_chart(replace(live(), zoomed=True, focus="knobs"))
    assert not when.has_chart(live(series=()))


def test_a_key_that_does_nothing_now_says_why():
    warming = live(status="warming up")
    assert "warming up" in when.why_not(warming, "train", "run")
    assert "held out" in when.why_not(live(validation="no validation"), "train", "validate")
    assert when.why_not(live(), "panels", "picture_7") == "there is no picture 7: this run has 1"
    assert "at most 64 numbers" in when.why_not(live(), "pictures", "picture_gradients")
    assert "hidden" in when.why_not(live(hidden=("hill",)), "pictures", "picture_hill")
    assert "warming up" in when.why_not(warming, "pictures", "picture_hill")
    assert when.why_not(live(), "panels", "zoom") == ""
