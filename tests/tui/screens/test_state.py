"""The frozen state of the live screen, and every way it changes."""

from dataclasses import replace
from typing import Any

import pytest
from fakes_tui import state_of
from foghill.engine.protocol.commands import Applied, Change, Rejected
from foghill.engine.protocol.knob import Knob
from foghill.engine.protocol.state import PACES, Problem
from foghill.tui import state
from foghill.tui.state import PANELS, ScreenState


def screen(**changes: Any) -> ScreenState:
    return ScreenState(state_of(**changes), connection="attached")


def test_tab_goes_round():
    now = screen()
    seen = []
    for _ in PANELS:
        seen.append(now.focus)
        now = state.focused(now, 1)
    assert tuple(seen) == PANELS
    assert now.focus == PANELS[0]
    assert state.focused(now, -1).focus == PANELS[-1]


def test_selecting_stops_at_both_ends():
    now = screen()
    assert state.selected(now, -1).selected == "optimizer"
    assert state.selected(now, 100).selected == "seed"


def test_turning_back_is_nothing_pending():
    now = replace(screen(kind="file"), selected="lr")
    up, values = state.turned(now, 1)
    assert (dict(up.pending), values) == ({"lr": 0.002}, {})
    assert not state.turned(up, -1)[0].pending


def test_a_turn_at_the_bound_says_what_is_accepted():
    now = replace(screen(), selected="momentum")
    same, values = state.turned(now, -1)
    assert values == {}
    assert "from 0 to 1" in same.said


def test_text_is_typed_not_turned():
    typed = Knob(name="device", kind="text", value="auto", default="auto")
    same, values = state.turned(screen(knobs=(typed,)), 1)
    assert values == {}
    assert "enter" in same.said


def test_an_answer_takes_effect_before_the_next_state_arrives():
    now = state.sent(screen(), {"lr": 0.002})
    answer = Applied(1, 7, "loss", (Change("lr", 0.001, 0.002, 0.0015),), "cosine")
    now = state.answered(now, answer, {"lr": 0.002})
    assert not now.asked
    knob = now.run.knob("lr")
    assert knob is not None
    assert (knob.value, knob.previous) == (0.002, 0.001)
    assert now.said == "lr 0.001 → 0.002 (now 0.0015) at step 7, after loss · cosine"


def test_an_older_answer_does_not_undo_a_newer_turn():
    now = state.sent(state.sent(screen(), {"lr": 0.002}), {"lr": 0.005})
    now = state.answered(now, Applied(1, 7), {"lr": 0.002})
    assert now.asked == {"lr": 0.005}


def test_a_refusal_says_what_would_be_accepted():
    now = state.answered(screen(), Rejected(1, "no such knob", "lr, momentum"))
    assert now.said == "not done: no such knob (lr, momentum)"


def test_paces_go_down_and_up_through_the_same_steps():
    pace, down = 0.0, []
    while pace != 1.0:
        pace = state.slower(pace)
        down.append(pace)
    assert down == [p for p in PACES if p]
    assert state.slower(1.0) == 1.0
    assert state.faster(1000.0) == 0.0
    assert state.faster(0.0) == 0.0
    assert state.faster(20.0) == 30.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "leave (ends)"),
        ({"drivers": 2}, "leave (stays paused)"),
        ({"kind": "file"}, "leave (stays paused)"),
        ({"touched": True}, "leave (stays paused)"),
        ({"touched": True, "status": "running"}, "leave (run goes on)"),
        ({"touched": True, "status": "finished"}, "leave (stays finished)"),
    ],
)
def test_what_q_will_do(changes: dict[str, Any], words: str):
    assert state.leaving(screen(**changes)) == words


def test_q_before_the_engine_answers():
    now = replace(screen(kind="file"), connection="starting")
    assert state.leaving(replace(now, fresh=True)) == "leave (ends)"
    assert state.leaving(now) == "leave"


def test_parting_of_a_failed_run():
    early = Problem("no model", before_first_step=True)
    assert state.parting(screen(status="failed", problem=early)) == ("no model", 2)
    late = Problem("out of memory")
    words, code = state.parting(screen(status="failed", problem=late, touched=True, step=9))
    assert code == 1
    assert words.startswith("out of memory")
    assert "foghill attach parabola" in words


def test_the_first_picture_is_shown_until_another_is_chosen():
    now = screen(pictures=("fit", "weights"))
    assert now.showing == "fit"
    assert replace(now, picture="weights").showing == "weights"
    assert replace(now, picture="gone").showing == "fit"
    assert screen(pictures=()).showing == state.TEXT


def test_small_terminals_show_less():
    now = screen()
    assert now.visible == set(PANELS)
    assert replace(now, width=50).visible == {"knobs"}
    assert replace(now, width=20, height=5).visible == frozenset()


def test_the_hill_begins_in_fog_and_a_key_decides():
    hill = screen(experiment="hill", kind="lesson")
    assert hill.in_fog
    assert not replace(hill, fog=False).in_fog
    assert not screen(experiment="hill", kind="file").in_fog
    assert not screen(experiment="line", kind="lesson").in_fog
    assert replace(screen(experiment="line", kind="lesson"), fog=True).in_fog
