"""A box of rows: as large as they are, made anew when the terminal's size changes."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, state_of
from foghill.engine.protocol.state import Advice
from foghill.tui.commands import LIVE
from foghill.tui.screens.advice import AdviceScreen
from foghill.tui.screens.confirm import Choice, ChoiceScreen
from foghill.tui.screens.dialog import RowsDialog
from foghill.tui.screens.help import HelpScreen
from foghill.tui.widgets.rows import Row, Rows, width_of

ADVICE = Advice("overfits", "validation 0.2", "Why it is so. " * 20, "stop early", {"patience": 10})
CHOICES = tuple(Choice(f"{n}", f"answer {n}", help="words " * 20) for n in range(40))


class Three(RowsDialog[None]):
    def rows(self, width: int, height: int) -> list[Row]:
        return [((f"{width} by {height}", ""),), (), (("x" * min(width, 30), ""),)]


async def test_the_box_is_as_large_as_its_rows_at_every_size():
    app = app_on(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await app.push_screen(Three())
        box = app.screen.query_one(Rows)
        assert box.text.startswith("76 by 22")
        assert box.size == (30, 3)
        await pilot.resize_terminal(20, 6)
        await pilot.pause()
        assert box.text.startswith("16 by 4")
        assert box.size.width == 16


@pytest.mark.parametrize("name", ["advice", "confirm", "help"])
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (30, 8), (3, 2)])
async def test_every_dialog_fits_and_follows_the_terminal(name: str, size: tuple[int, int]):
    app = app_on(FakeEngine(state_of()))
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        dialogs: dict[str, RowsDialog[object]] = {
            "advice": AdviceScreen(ADVICE),
            "confirm": ChoiceScreen("Which?", CHOICES),
            "help": HelpScreen(LIVE, live(app).state, "About. " * 30),
        }
        await app.push_screen(dialogs[name])
        await pilot.resize_terminal(*size)
        await pilot.pause()
        box = app.screen.query_one(Rows)
        assert box.rows
        if size[0] >= 80:
            assert max(map(width_of, box.rows)) <= box.size.width
            assert len(box.rows) == box.size.height
