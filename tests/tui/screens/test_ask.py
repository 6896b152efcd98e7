"""A value is asked for in one line."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, state_of, until
from foghill.engine.protocol.commands import Set, Step
from foghill.tui.app import FoghillApp
from foghill.tui.screens.ask import AskScreen
from foghill.tui.widgets.rows import Rows
from textual.events import Key


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


async def test_what_is_typed_after_enter_is_meant_for_what_lies_below():
    engine = FakeEngine(state_of(step=3, touched=True))
    app = app_on(engine)
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        await attached(pilot)
        await app.push_screen(AskScreen("How many?"), answers.append)
        await pilot.pause()
        for key in ("4", "2", "enter", "s", "s"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: len(engine.orders) >= 2)
        assert engine.orders == [Step("step"), Step("step")]
        assert answers == ["42"]
        assert app.screen is live(app)


@pytest.mark.parametrize("burst", range(3))
async def test_a_value_typed_in_one_go_with_the_key_that_asks_for_it(burst: int):
    engine = FakeEngine(state_of())
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("down")
        for key in ("enter", "0", "full_stop", "0", "0", "7", "enter", "s"):
            sign = {"full_stop": ".", "enter": None}.get(key, key)
            app.post_message(Key(key, sign))
        await until(pilot, lambda: len(engine.orders) >= 2)
        assert engine.orders == [Set({"lr": 0.007}), Step("step")]
