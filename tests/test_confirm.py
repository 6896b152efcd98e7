"""One of a few answers is asked for."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, until
from foghill.tui.app import FoghillApp
from foghill.tui.screens.ask import AskScreen
from foghill.tui.screens.confirm import Choice, ChoiceScreen
from foghill.tui.widgets.rows import Rows

COLUMNS = tuple(Choice(f"column {n}", f"column {n}") for n in range(60))


@pytest.fixture
def app() -> FoghillApp:
    return app_on(FakeEngine())


async def test_a_long_list_scrolls_with_the_choice(app: FoghillApp):
    answers: list[str | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await app.push_screen(ChoiceScreen("Which?", COLUMNS), answers.append)
        await pilot.press(*["pagedown"] * 4, "down", "j")
        await pilot.pause()
        assert "▸ column 42" in app.screen.query_one(Rows).text
        await pilot.press("enter")
        await until(pilot, lambda: answers == ["column 42"])


async def test_esc_answers_nothing(app: FoghillApp):
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        await attached(pilot)
        await app.push_screen(ChoiceScreen("Which?", COLUMNS), answers.append)
        await pilot.press("escape")
        await app.push_screen(AskScreen("What?"), answers.append)
        await pilot.press("x", "escape")
        await until(pilot, lambda: answers == [None, None])
