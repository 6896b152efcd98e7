"""A value is asked for in one line."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, until
from foghill.tui.app import FoghillApp
from foghill.tui.screens.ask import AskScreen
from foghill.tui.widgets.rows import Rows


@pytest.fixture
def app() -> FoghillApp:
    return app_on(FakeEngine())


async def test_a_wrong_answer_is_said_in_place(app: FoghillApp):
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        await attached(pilot)
        ask = AskScreen("How many?", ("a hint",), "", lambda text: "" if text == "7" else "not 7")
        await app.push_screen(ask, answers.append)
        await pilot.press("8", "enter")
        assert "! not 7" in ask.query_one("#wrong", Rows).text
        await pilot.press("backspace")
        await pilot.pause()
        assert "not 7" not in ask.query_one("#wrong", Rows).text
        await pilot.press("7", "enter")
        await until(pilot, lambda: answers == ["7"])
