"""What all panels of rows share."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, state_of
from foghill.tui.widgets.cells import Slice
from foghill.tui.widgets.panel import panel_title
from foghill.tui.widgets.rows import Rows
from foghill.tui.widgets.step import StepPanel
from msgspec.structs import replace


def test_the_focused_title_is_in_brackets_that_are_no_markup():
    assert panel_title("knobs", False) == "knobs"
    assert panel_title("knobs", True) == r"\[knobs]"


async def test_a_state_that_changes_nothing_a_panel_shows_repaints_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
):
    app = app_on(FakeEngine(state_of(status="running", step=7)))
    async with app.run_test(size=(120, 40)) as pilot:
        await attached(pilot)
        screen = live(app)
        repainted: list[str | None] = []
        monkeypatch.setattr(Rows, "refresh", lambda self, *_, **__: repainted.append(self.id))
        monkeypatch.setattr(Slice, "refresh", lambda s, *_, **__: repainted.append(s.parent.id))
        screen.take(replace(screen.whole, step=8))
        assert set(repainted) == {"status"}
        repainted.clear()
        screen.take(screen.whole)
        screen.query_one(StepPanel).show()
        assert not repainted
