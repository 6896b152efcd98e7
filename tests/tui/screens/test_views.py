"""Views: which are wanted, and where each goes."""

from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of, text_of, until
from foghill.engine.protocol.frames import Shown
from foghill.engine.protocol.views import (
    CurveRequest,
    Failed,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    StateRequest,
)
from foghill.tui.widgets.framed import PaintedPanel


async def test_a_view_that_failed_is_said_where_it_would_be():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await until(pilot, lambda: len(engine.looked) == 4)
        engine.links[0].give(Shown(PhasesRequest(), Failed("phases went wrong")))
        await pilot.pause()
        assert "phases went wrong" in text_of(app, "#step")
        picture = next(r for r in engine.looked if isinstance(r, PictureRequest))
        engine.links[0].give(Shown(picture, Failed("no memory for it")))
        await pilot.pause()
        assert "no memory for it" in live(app).query_one(PaintedPanel).in_words()


async def test_a_late_view_of_another_picture_is_not_shown():
    engine = FakeEngine(state_of(pictures=("fit", "weights")))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("2")
        await until(pilot, lambda: any(getattr(r, "name", "") == "weights" for r in engine.looked))
        engine.links[0].give(Shown(PictureRequest("fit", 10, 10), Failed("too late")))
        await pilot.pause()
        assert "too late" not in live(app).query_one(PaintedPanel).in_words()


async def test_the_chart_asks_anew_when_it_zooms():
    engine = FakeEngine(state_of(touched=True, step=100))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)

        def window() -> CurveRequest:
            return next(r for r in engine.looked if isinstance(r, CurveRequest))

        await until(pilot, lambda: len(engine.looked) == 4)
        before = window()
        await pilot.press("plus")
        await until(pilot, lambda: window() != before)
        assert window().last - window().first < before.last - before.first


async def test_output_is_asked_for_only_while_it_is_seen():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("o")
        await until(pilot, lambda: OutputRequest() in engine.looked)
        await pilot.press("o")
        await until(pilot, lambda: OutputRequest() not in engine.looked)
        assert seen(app).showing == "fit"


async def test_the_chart_follows_a_run_that_leaves_its_window():
    engine = FakeEngine(state_of(status="running", touched=True, step=5, end_step=0))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await until(pilot, lambda: len(engine.looked) == 4)
        engine.state = state_of(status="running", touched=True, step=9_000, end_step=0)
        engine.links[0].give(Shown(StateRequest(), engine.state))
        await until(
            pilot,
            lambda: any(isinstance(r, CurveRequest) and r.last >= 9_000 for r in engine.looked),
        )
