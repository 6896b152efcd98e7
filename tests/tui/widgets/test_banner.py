"""The banner: what is wrong, in words."""

from dataclasses import replace

from fakes_tui import state_of
from foghill.engine.protocol.state import Problem
from foghill.tui.state import ScreenState
from foghill.tui.widgets.banner import banner_rows
from foghill.tui.widgets.rows import width_of


def lines(screen: ScreenState, width: int = 60) -> list[str]:
    rows = banner_rows(screen, width)
    assert all(width_of(row) <= width for row in rows)
    return ["".join(text for text, _ in row) for row in rows]


def with_problem(problem: Problem) -> ScreenState:
    return ScreenState(state_of(problem=problem), connection="attached")


def test_nothing_wrong_is_no_banner():
    assert lines(ScreenState(state_of(), connection="attached")) == []


def test_sentence_place_and_source():
    said = lines(with_problem(Problem("division by zero", "train.py", 12, "  x = 1/0")))
    assert said == [" ! division by zero", "   train.py, line 12: x = 1/0"]


def test_the_place_is_not_said_twice():
    sentence = "division by zero (train.py, line 12: x = 1/0)"
    assert len(lines(with_problem(Problem(sentence, "train.py", 12, "x = 1/0")))) == 1


def test_long_sentences_are_wrapped_but_leave_room():
    said = lines(with_problem(Problem("something went wrong " * 40)))
    assert len(said) == 4
    assert said[-1].endswith("…")


def test_a_lost_engine():
    now = replace(ScreenState(state_of()), connection="lost", trouble="the engine is gone")
    assert lines(now) == [" ! the engine is gone"]
