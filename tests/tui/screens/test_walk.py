"""Slow motion: phase after phase by itself. The timer is the test's: nobody waits."""

from collections.abc import Callable

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, until
from foghill.engine.protocol.commands import Run, Step
from foghill.tui.screens.live import LiveScreen
from foghill.tui.screens.walk import PACES, SECONDS


class Timer:
    """What the screen was asked to call later."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self.seconds, self.call, self.stopped = seconds, call, False

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[Timer]:
    made: list[Timer] = []

    def set_timer(self: LiveScreen, seconds: float, call: Callable[[], None]) -> Timer:
        made.append(Timer(seconds, call))
        return made[-1]

    monkeypatch.setattr(LiveScreen, "set_timer", set_timer)
    return made


async def test_it_takes_one_phase_after_another(timers: list[Timer]):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("w")
        for taken in range(1, 9):
            await until(pilot, lambda n=taken: engine.orders == [Step("phase")] * n)
            assert timers[-1].seconds == SECONDS
            timers[-1].call()
        assert seen(app).run.step == 1


@pytest.mark.parametrize("key", ["space", "w"])
async def test_space_and_w_stop_it_and_do_nothing_else(timers: list[Timer], key: str):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("w")
        await until(pilot, lambda: bool(engine.orders))
        await pilot.press(key)
        assert seen(app).walking == 0
        assert timers[-1].stopped
        assert engine.orders == [Step("phase")]


async def test_another_way_to_train_ends_it(timers: list[Timer]):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("w", "s")
        await until(pilot, lambda: len(engine.orders) == 2)
        assert engine.orders == [Step("phase"), Step("step")]
        assert seen(app).walking == 0
        await pilot.press("space")
        await until(pilot, lambda: engine.orders[-1] == Run())


async def test_its_pace_is_changed_as_that_of_a_run(timers: list[Timer]):
    app = app_on(FakeEngine())
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("w")
        await pilot.press(*["greater_than_sign"] * 9)
        assert seen(app).walking == PACES[-1]
        await pilot.press(*["less_than_sign"] * 9)
        assert seen(app).walking == PACES[0]
        assert "3.2 s a phase" in seen(app).said


async def test_a_run_that_failed_is_not_walked_on(timers: list[Timer]):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("w")
        await until(pilot, lambda: bool(engine.orders))
        engine.push(status="failed")
        await until(pilot, lambda: seen(app).run.status == "failed")
        timers[-1].call()
        assert seen(app).walking == 0
        assert live(app).walk is not None
        assert engine.orders == [Step("phase")]
