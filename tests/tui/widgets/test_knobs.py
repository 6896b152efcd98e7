"""The knobs panel's rows."""

from dataclasses import replace
from typing import Any

import pytest
from fakes_tui import KNOBS, state_of
from foghill.engine.protocol.knob import Knob
from foghill.tui.state import ScreenState
from foghill.tui.widgets.knobs import detail, knob_row, scrolled
from foghill.tui.widgets.rows import width_of

BY_NAME = {knob.name: knob for knob in KNOBS}


def said(screen: ScreenState, knob: Knob, width: int = 23) -> str:
    row = knob_row(screen, knob, width, 12, knob is screen.knob)
    assert width_of(row) <= width
    return "".join(text for text, _ in row).rstrip()


def screen(**changes: Any) -> ScreenState:
    return ScreenState(state_of(**changes), connection="attached")


def test_a_row_shows_what_the_knob_is():
    now = screen()
    assert said(now, BY_NAME["optimizer"]) == "▸ optimizer    sgd"
    assert said(now, BY_NAME["lr"]) == "  lr           0.001"
    assert said(now, BY_NAME["nesterov"]) == "  nesterov     (off)", "it does nothing at present"
    assert said(now, BY_NAME["batch_size"]) == " •batch_size   20", "it was 32"


@pytest.mark.parametrize(
    ("name", "value", "width", "words"),
    [
        ("lr", 0.002, 40, "  lr           0.001 → 0.002"),
        ("lr", 0.002, 23, "  lr 0.001 → 0.002"),
        ("batch_size", 1_000, 23, " •batch_size 20 → 1000"),
        ("batch_size", 123_456_789, 23, " •batch_size → 1234567…"),
    ],
)
def test_pending_values_are_shown_in_any_width(name: str, value: float, width: int, words: str):
    now = replace(screen(kind="file"), pending={name: value})
    assert said(now, BY_NAME[name], width) == words


def test_a_long_name_takes_what_its_value_leaves():
    knob = Knob(name="requires_grad", kind="bool", value=True, default=True)
    assert said(screen(), knob) == "  requires_grad on"
    pending = replace(screen(kind="file"), pending={"requires_grad": False})
    assert said(pending, knob) == "  requires_grad → off"
    choice = Knob(name="regularisation", kind="choice", value="none", default="none")
    assert said(screen(), choice) == "  regularisation none"
    assert said(screen(), Knob(name="a" * 30, kind="float", value=0.5, default=0.5)) == (
        "  " + "a" * 16 + "… 0.5"
    )


def test_scrolling_moves_as_little_as_possible():
    assert scrolled(0, 3, 5, 20) == 0
    assert scrolled(0, 7, 5, 20) == 3
    assert scrolled(3, 4, 5, 20) == 3
    assert scrolled(3, 1, 5, 20) == 1
    assert scrolled(18, 19, 5, 20) == 15
    assert scrolled(4, 2, 50, 20) == 0
    assert scrolled(4, 2, 0, 20) == 0


def test_the_detail_tells_bounds_effect_and_effective_value():
    knob = Knob(
        name="lr", kind="float", value=0.1, default=0.1, low=0, high=1,
        effective=0.05, previous=0.2, unused="", help="how far a step goes",
    )  # fmt: skip
    assert detail(screen(knobs=(knob,))) == [
        "lr: a number from 0 to 1",
        "acts as 0.05 just now",
        "acts from the next step",
        "before: 0.2",
        "how far a step goes",
    ]
    now = replace(screen(), selected="nesterov")
    assert "does nothing now: momentum is 0" in detail(now)
    assert detail(screen(knobs=())) == []
