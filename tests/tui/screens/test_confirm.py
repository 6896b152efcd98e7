"""One of a few answers is asked for."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, state_of, until
from foghill.engine.protocol.commands import Restart, Step
from foghill.tui.app import FoghillApp
from foghill.tui.screens.ask import AskScreen
from foghill.tui.screens.confirm import Choice, ChoiceScreen
from foghill.tui.widgets.rows import Rows
from textual.events import Key

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


@pytest.mark.parametrize("burst", range(5))
async def test_keys_typed_ahead_reach_the_dialog_and_then_what_lies_below(burst: int):
    """`R s s s` in one go: the same start, and two steps."""
    engine = FakeEngine(state_of(step=3, touched=True))
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        for key in ("R", "s", "s", "s"):
            app.post_message(Key(key, key))
        await until(pilot, lambda: len(engine.orders) >= 3)
        assert engine.orders == [Restart("nothing"), Step("step"), Step("step")]
        assert app.screen is live(app)


async def test_a_letter_that_is_no_answer_answers_nothing(app: FoghillApp):
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        await attached(pilot)
        await app.push_screen(ChoiceScreen("Go?", (Choice("yes", "yes", "y"),)), answers.append)
        await pilot.press("n", "y")
        await until(pilot, lambda: answers == ["yes"])


def test_no_answer_has_a_key_that_moves_or_leaves():
    signs = {key for bound in ChoiceScreen.BINDINGS for key in bound.key.split(",")}  # type: ignore[union-attr]
    assert set("abcdefghilmnoprstuvwxyz0123456789jkq") <= signs


async def test_esc_answers_nothing(app: FoghillApp):
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        await attached(pilot)
        await app.push_screen(ChoiceScreen("Which?", COLUMNS), answers.append)
        await pilot.press("escape")
        await app.push_screen(AskScreen("What?"), answers.append)
        await pilot.press("x", "escape")
        await until(pilot, lambda: answers == [None, None])
