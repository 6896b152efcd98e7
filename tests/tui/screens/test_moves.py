"""Arrows in the focused panel, and the chart's keys."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of
from foghill.tui.widgets.framed import ChartPanel, PaintedPanel


async def test_arrows_act_in_the_focused_panel_only():
    engine = FakeEngine(state_of(touched=True, step=40))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        chart = live(app).query_one(ChartPanel)
        await pilot.press("down")
        assert seen(app).selected == "lr"
        assert chart.cursor is None
        await pilot.press("tab", "tab", "left", "left")
        assert chart.cursor is not None
        assert seen(app).selected == "lr"
        assert engine.orders == []
        pages: list[int] = []
        picture = live(app).query_one(PaintedPanel)
        picture.page = picture.move_rows = pages.append  # type: ignore[method-assign]
        await pilot.press("tab", "right", "left", "down", "up")
        assert pages == [1, -1, 1, -1]


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("plus", ("zoom_in",)),
        ("minus", ("zoom_out",)),
        ("g", ("first",)),
        ("G", ("last",)),
        ("y", ("toggle_log",)),
        ("m", ("cycle_smoothing",)),
        ("left_square_bracket", ("pan", -1)),
        ("right_square_bracket", ("pan", 1)),
    ],
)
async def test_chart_keys_act_whatever_is_focused(key: str, call: tuple[object, ...]):
    engine = FakeEngine(state_of(touched=True, step=40))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        chart = live(app).query_one(ChartPanel)
        calls: list[tuple[object, ...]] = []
        setattr(chart, str(call[0]), lambda *given: calls.append((call[0], *given)))
        await pilot.press(key)
        assert calls == [call]
