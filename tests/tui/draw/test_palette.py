"""The command palette, made from the table."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, until
from foghill.engine.protocol.commands import Step
from textual.command import CommandPalette


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_does_what_the_table_says(key: str):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"epoch")
        palette = app.screen
        from textual.command import CommandList

        await until(pilot, lambda: palette.query_one(CommandList).option_count >= 1)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, CommandPalette))
        await until(pilot, lambda: engine.orders == [Step("epoch")])
