"""Chart and pictures as panels."""

from fakes_tui import FakeEngine, app_on, attached, live
from foghill.tui.widgets.framed import ChartPanel, PaintedPanel


async def test_the_chart_keeps_its_brackets_when_its_title_changes():
    app = app_on(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        chart = live(app).query_one(ChartPanel)
        assert not str(chart.border_title).startswith(r"\[")
        await pilot.press("tab", "tab", "y")
        await pilot.pause()
        assert str(chart.border_title).startswith((r"\[loss · linear", "[loss · linear"))


async def test_the_picture_names_the_choices():
    app = app_on(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        title = live(app).query_one(PaintedPanel).border_title
        assert title == "▸1 fit  0 text  o output"


async def test_the_choices_follow_the_room_there_is():
    app = app_on(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.resize_terminal(34, 24)
        await pilot.press("1")
        await pilot.pause()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        await pilot.pause()
        assert "o output" in str(live(app).query_one(PaintedPanel).border_title)
