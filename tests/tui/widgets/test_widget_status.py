"""The status line."""

from dataclasses import replace
from typing import Any

import pytest
from fakes_tui import state_of
from foghill.engine.protocol.state import Memory
from foghill.tui.state import ScreenState
from foghill.tui.widgets.rows import width_of
from foghill.tui.widgets.status import duration, pace, status_row

GIB = 2**30


def line(width: int = 80, role: Any = "driver", **changes: Any) -> str:
    screen = ScreenState(state_of(**changes), role, "attached")
    row = status_row(screen, width)
    assert width_of(row) <= width
    return "".join(text for text, _ in row)


def test_a_paused_lesson():
    assert line(step=7, seconds=7.2).split(" · ")[:4] == [
        " parabola",
        "paused",
        "step 7/200",
        "epoch 0",
    ]
    assert line(seconds=7.2).endswith("0:07 ")


def test_what_takes_long_is_said_next_to_the_state_before_the_first_step():
    assert "warming up: importing torch" in line(status="warming up", doing="importing torch")
    said = line(120, status="running", doing="validating 3/12", steps_per_second=9.0)
    assert said.index("running · step") < said.index("validating 3/12")


def test_memory_of_an_accelerator():
    said = line(width=120, memory=Memory(GIB, 2 * GIB, 80 * GIB))
    assert "mem 1.0 peak 2.0 of 80 GiB" in said


def test_time_left_where_the_end_is_known():
    assert "1:00 −1:01:01" in line(seconds=60.0, seconds_left=3661.0)


@pytest.mark.parametrize("width", range(0, 130, 7))
def test_it_fits_any_width_and_the_state_goes_last(width: int):
    said = line(width, status="running", step=123_456, steps_per_second=9_123.4, doing="x" * 30)
    if width >= 40:
        assert "running" in said
        assert "step 123,456" in said


def test_pace():
    assert pace(state_of(pace=30.0)) == "≤30/s"
    assert pace(state_of(pace=0.0)) == "no limit"
    running = {"status": "running", "steps_per_second": 29.84}
    assert pace(state_of(pace=30.0, **running)) == "29.8/s (≤30/s)"
    assert pace(state_of(pace=0.0, status="running", steps_per_second=9123.4)) == "9,123/s"


def test_duration():
    assert [duration(s) for s in (0, 7, 754, 11_045)] == ["0:00", "0:07", "12:34", "3:04:05"]
    assert duration(float("inf")) == duration(3.6e8)


def test_a_lost_engine_and_a_watcher_are_said():
    assert "watching" in line(role="watcher")
    lost = replace(ScreenState(state_of()), connection="lost")
    assert "engine lost" in "".join(text for text, _ in status_row(lost, 80))
