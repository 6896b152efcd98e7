"""What the live screen asks."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, seen, until
from foghill.engine.protocol.commands import Run
from foghill.tui.app import FoghillApp
from foghill.tui.screens.ask import AskScreen
from foghill.tui.widgets.rows import Rows


@pytest.fixture
def app() -> FoghillApp:
    return app_on(FakeEngine())


async def test_a_condition_is_asked_for():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        app.screen.action_command("until")  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press(*"epoch>=3", "enter")
        await until(pilot, lambda: engine.orders == [Run(until="epoch>=3")])


async def test_a_count_must_be_a_count(app: FoghillApp):
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("S", *"many", "enter")
        assert isinstance(app.screen, AskScreen)
        assert "whole number" in app.screen.query_one("#wrong", Rows).text
        await pilot.press("escape")
        assert seen(app).count == 10
