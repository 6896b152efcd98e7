"""The help screen, made from the table."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, state_of
from foghill.tui.app import FoghillApp
from foghill.tui.commands import LIVE
from foghill.tui.screens.help import HelpScreen, help_rows
from foghill.tui.state import ScreenState
from foghill.tui.widgets.rows import Rows, width_of


@pytest.fixture
def app() -> FoghillApp:
    return app_on(FakeEngine())


def test_help_has_a_row_for_every_command():
    screen = ScreenState(state_of(), connection="attached")
    for width in (40, 76, 96):
        rows = help_rows(LIVE, screen, "About this panel.", width)
        text = "\n".join("".join(piece for piece, _ in row) for row in rows)
        assert "About this panel." in text
        assert "[validate]" in text, "it does nothing without held-out data"
        assert all(width_of(row) <= max(width, 60) for row in rows)
        for entry in LIVE:
            assert entry.help.split()[0] in text


async def test_help_scrolls_and_closes(app: FoghillApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "Knobs." in app.screen.query_one(Rows).text
        await pilot.press(*["pagedown"] * 20)
        await pilot.pause()
        assert "does nothing just now" in app.screen.query_one(Rows).text
        await pilot.press("q")
        await pilot.pause()
        assert not isinstance(app.screen, HelpScreen)
        assert app.is_running
