"""Time spent training, and the pace, with a clock that stands still."""

import time

import pytest
from foghill.engine.session.clock import CATCH_UP, Clock


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    stands = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: stands[0])
    return stands


def test_only_time_between_start_and_stop_counts(now: list[float]) -> None:
    clock = Clock()
    now[0] += 5
    clock.start()
    now[0] += 2
    clock.start()  # again: it goes on
    assert clock.seconds == 2
    clock.stop()
    now[0] += 7
    clock.stop()
    clock.start()
    now[0] += 1
    assert clock.seconds == 3
    clock.reset()
    now[0] += 1
    assert clock.seconds == 0


def test_steps_come_at_the_pace(now: list[float]) -> None:
    clock = Clock()
    clock.set_pace(10.0)
    clock.start()
    assert clock.wait() == 0
    assert clock.wait() == pytest.approx(0.1)
    now[0] += 0.04
    assert clock.wait() == pytest.approx(0.06)
    now[0] += 0.06001
    assert clock.wait() == 0


def test_what_came_late_is_made_up_for_but_not_for_ever(now: list[float]) -> None:
    clock = Clock()
    clock.set_pace(100.0)
    clock.start()
    clock.wait()
    now[0] += 60
    taken = 0
    while not clock.wait():
        taken += 1
    assert CATCH_UP * 100 <= taken <= CATCH_UP * 100 + 2


def test_a_new_pace_acts_at_once(now: list[float]) -> None:
    clock = Clock()
    clock.set_pace(0.001)
    clock.start()
    clock.wait()
    assert clock.wait() > 900
    clock.set_pace(1.0)
    assert clock.wait() == 0
