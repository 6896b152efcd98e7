"""A line played on the live screen: pressed for all to see, each key after the one before."""

import asyncio

import pytest
from fakes_tui import FakeEngine, app_on, attached, seen, state_of, until
from foghill.engine.protocol.commands import Rejected, Restart, Run, Set, Step
from foghill.tui import player
from foghill.tui.keys import read
from foghill.tui.player import Player, play


async def test_orders_come_in_the_order_of_the_line() -> None:
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await asyncio.wait_for(play(live(app), read("s*2 lr=0.25 . R w p"), 0.0), 20)
        assert engine.orders == [
            Step("step"),
            Step("step"),
            Set({"lr": 0.25}),
            Step("phase"),
            Restart("weights"),
        ]
        assert app.screen is live(app)


async def test_space_before_until_is_that_run(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, looked, settled = FakeEngine(), 0, Player._settled

    def look(playing: Player) -> bool:
        nonlocal looked
        looked += bool(engine.orders)
        return settled(playing)

    monkeypatch.setattr(Player, "_settled", look)
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        playing = asyncio.create_task(play(live(app), read("space until:step>=40 s"), 0.0))
        await until(pilot, lambda: engine.orders == [Run("step>=40")])
        await until(pilot, lambda: looked >= 3)  # it has looked again and again whether it may
        assert engine.orders == [Run("step>=40")]  # s waits while it runs
        engine.push(status="paused", step=40)
        await asyncio.wait_for(playing, 20)
        assert engine.orders == [Run("step>=40"), Step("step")]


async def test_pictures_and_focus_do_not_wait_for_training() -> None:
    engine = FakeEngine(state_of(status="running"))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await asyncio.wait_for(play(live(app), read("0 tab z"), 0.0), 20)
        assert seen(app).showing == "text"
        assert seen(app).zoomed
        assert engine.orders == []


async def test_what_is_refused_is_said_and_the_line_goes_on() -> None:
    engine = FakeEngine()
    engine.refuse = lambda command: Rejected(0, "no") if isinstance(command, Set) else None
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await asyncio.wait_for(play(live(app), read("lr=0.5 nothing=1 lr=high s"), 0.0), 20)
        assert engine.orders == [Set({"lr": 0.5}), Step("step")]


async def test_text_is_typed_into_a_dialog() -> None:
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await asyncio.wait_for(play(live(app), read("S type:25 enter"), 0.0), 20)
        await until(pilot, lambda: engine.orders == [Step("step", 25)])


async def test_the_line_ends_with_the_engine() -> None:
    engine = FakeEngine(state_of(status="running"))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        playing = asyncio.create_task(play(live(app), read("s s s"), 0.0))
        await pilot.pause()
        engine.lose()
        await asyncio.wait_for(playing, 20)
        assert engine.orders == []


async def test_a_move_takes_its_time_to_be_seen(monkeypatch: object) -> None:
    assert player.SECONDS > 0
    assert Player(None, (), 0.0)._moves == []  # type: ignore[arg-type]


def live(app: object) -> object:
    from fakes_tui import live as screen

    return screen(app)  # type: ignore[arg-type]
