"""The footer: only keys that act, and what is known of the selected knob."""

from dataclasses import replace
from typing import Any

import pytest
from fakes_tui import state_of
from foghill.tui.commands import LIVE
from foghill.tui.state import ScreenState
from foghill.tui.widgets.footer import about, both, key_rows, said
from foghill.tui.widgets.rows import Row, width_of


def screen(**changes: Any) -> ScreenState:
    return ScreenState(state_of(**changes), connection="attached")


def text(*rows: Row) -> str:
    return "\n".join("".join(piece for piece, _ in row) for row in rows)


@pytest.mark.parametrize("width", [30, 60, 80, 120, 200])
@pytest.mark.parametrize("most", [1, 2])
def test_help_and_leave_are_always_there_and_rows_fit(width: int, most: int):
    rows = key_rows(LIVE, screen(touched=True), width, most)
    assert len(rows) <= most
    assert all(width_of(row) <= width for row in rows)
    if width * most >= 60:
        assert "? help" in text(*rows)
        assert "q leave" in text(*rows)


def test_only_keys_that_act():
    assert "space run" in text(*key_rows(LIVE, screen(), 120, 2))
    assert "space pause" in text(*key_rows(LIVE, screen(status="running"), 120, 2))
    assert "space" not in text(*key_rows(LIVE, screen(status="warming up"), 120, 2))
    pending = replace(screen(kind="file"), pending={"lr": 0.1})
    assert "enter apply" in text(*key_rows(LIVE, pending, 120, 2))
    assert "esc drop" in text(*key_rows(LIVE, pending, 120, 2))


def test_the_selected_knob_in_whole_clauses():
    now = replace(screen(), selected="lr")
    whole = text(about(now, 120))
    assert whole == " lr: a number, at least 0 · acts from the next step · step size"
    assert text(about(now, 60)) == " lr: a number, at least 0 · acts from the next step"


def test_the_latest_answer_then_the_reason_then_a_remark():
    now = screen(why="step>=200 was reached", notes=("own DataLoader",))
    assert "lr 1 → 2" in text(said(replace(now, said="lr 1 → 2"), 80))
    assert "step>=200" in text(said(now, 80))
    assert "note: own DataLoader" in text(said(screen(notes=("own DataLoader",)), 80))
    assert said(screen(), 80) == ()


def test_on_one_row_the_answer_comes_first_and_the_knob_takes_what_room_is_left():
    now = replace(screen(why="paused by hand"), selected="lr")
    assert text(both(now, 80)) == (
        " paused by hand · lr: a number, at least 0 · acts from the next step · step size"
    )
    assert text(both(replace(now, said="lr 1 → 2 at step 3"), 40)) == " lr 1 → 2 at step 3"
    assert text(both(screen(), 80)) == text(about(screen(), 80))
    long = replace(now, said="not done: " + "a very long reason " * 9)
    assert width_of(both(long, 80)) <= 80
