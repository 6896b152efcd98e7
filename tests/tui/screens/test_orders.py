"""Keys act on what the person has ordered, however late the engine is."""

import asyncio
from dataclasses import replace

import pytest
from fakes_tui import (
    FakeEngine,
    FakeLink,
    app_on,
    attached,
    live,
    seen,
    shown,
    state_of,
    text_of,
    until,
)
from foghill.engine.protocol.commands import Answer, Command, Pause, Restart, Run, Set, Step
from foghill.tui.link import OnFrame, OnLost
from foghill.tui.screens.orders import MOST_HELD
from foghill.tui.widgets.rows import Rows


class Late(FakeEngine):
    """Takes orders in turn, and none before it is let."""

    def __init__(self, **changes: object) -> None:
        super().__init__(state_of(**changes))
        self.let = asyncio.Event()
        self._queue = asyncio.Lock()

    def launch(self, _: object = None, role: str = "driver") -> object:
        launch = super().launch(_, role)  # type: ignore[arg-type]
        open_ = launch.open

        async def opened(on_frame: OnFrame, on_lost: OnLost) -> tuple[FakeLink, object]:
            link, welcome = await open_(on_frame, on_lost)
            send = link.send

            async def late(command: Command) -> Answer:
                async with self._queue:
                    await self.let.wait()
                    if isinstance(command, Restart):
                        self.push(status="paused", why="restarted", step=0)
                    return await send(command)

            link.send = late
            return link, welcome

        launch.open = opened
        return launch


async def test_restart_and_space_in_mid_run_is_restart_and_run():
    engine = Late(status="running", step=400, touched=True)
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("R", "s", "space")
        engine.push(step=401)  # still running, as far as the screen can see
        await pilot.pause()
        engine.let.set()
        await until(pilot, lambda: engine.orders == [Restart(), Run()])
        await until(pilot, lambda: "running" in text_of(app, "#status"))
        assert seen(app).expected is None
        await pilot.press("space")
        await until(pilot, lambda: engine.orders[2:] == [Pause()])


async def test_a_step_after_a_pause_that_is_on_its_way_is_a_step():
    engine = Late(status="running", step=400, touched=True)
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("space", "s")
        engine.let.set()
        await until(pilot, lambda: engine.orders == [Pause(), Step("step")])


async def test_a_step_is_asked_for_while_another_is_under_way():
    engine = FakeEngine(state_of(status="running", stepping="step", step=4, touched=True))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("s", "s")
        await until(pilot, lambda: engine.orders == [Step("step"), Step("step")])


async def test_keys_that_train_are_kept_until_the_engine_is_warm():
    engine = FakeEngine(state_of(status="warming up"))
    engine.ready.clear()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        await pilot.press("s")
        engine.ready.set()
        await attached(pilot)
        await pilot.press("space", "H")
        assert engine.orders == []
        await pilot.press("space")
        assert "as soon as the engine is warm: run, step" in text_of(app, "#footer")
        engine.push(status="paused")
        await until(pilot, lambda: engine.orders == [Step("step"), Run(), Pause()])
        assert "warm" not in text_of(app, "#footer")


async def test_no_more_keys_are_kept_than_somebody_can_mean():
    engine = FakeEngine(state_of(status="warming up"))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press(*["s"] * (MOST_HELD + 5))
        engine.push(status="paused")
        await until(pilot, lambda: len(engine.orders) >= MOST_HELD)
        assert engine.orders == [Step("step")] * MOST_HELD


async def test_a_watcher_keeps_nothing():
    engine = FakeEngine(state_of(status="warming up"))
    app = app_on(engine, watch=True)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("s")
        engine.push(status="paused")
        await pilot.press("space")
        await pilot.pause()
        assert engine.orders == []


async def test_a_refusal_goes_with_the_next_key():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await attached(pilot)
        await pilot.press("d")
        await until(pilot, lambda: "no picture gradients here: it takes" in text_of(app, "#footer"))
        await pilot.press("1")
        await until(pilot, lambda: "gradients" not in text_of(app, "#footer"))


@pytest.mark.parametrize(
    ("key", "order"), [("space", Run()), ("right", Set({"optimizer": "adam"}))]
)
async def test_an_order_is_on_its_way_before_anything_on_the_screen_changes(
    key: str, order: Command, monkeypatch: pytest.MonkeyPatch
):
    app = app_on(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await attached(pilot)
        screen = live(app)
        screen.state = replace(screen.state, said="said of the key before")
        happened: list[object] = []
        send = FakeLink.send
        monkeypatch.setattr(FakeLink, "send", lambda s, c: happened.append(c) or send(s, c))
        monkeypatch.setattr(Rows, "paint", lambda *_: happened.append("painted"))
        await pilot.press(key)
        await until(pilot, lambda: "painted" in happened)
        assert happened[0] == order
        await until(pilot, lambda: not seen(app).said or "→" in seen(app).said)
