"""The model used by hand: drawn with keys, typed, paged; the answer follows each stroke."""

from typing import Any

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of, until
from foghill.engine.protocol.pictures import Prediction
from foghill.engine.protocol.views import PredictRequest, Request, View
from foghill.tui.screens.predict import Board, PredictScreen
from foghill.tui.widgets.rows import Rows
from textual.pilot import Pilot


def engine(**changes: Any) -> FakeEngine:
    return FakeEngine(state_of(pictures=("fit", "predict"), **changes))


async def opened(pilot: Pilot[None]) -> PredictScreen:
    await attached(pilot)
    await pilot.press("p")
    assert seen(pilot.app).showing == "predict"  # type: ignore[arg-type]
    await pilot.press("p")
    await until(pilot, lambda: isinstance(pilot.app.screen, PredictScreen))
    screen = pilot.app.screen
    assert isinstance(screen, PredictScreen)
    await until(pilot, lambda: screen.query_one(Board).view is not None)
    return screen


async def test_a_drawing_is_asked_about_stroke_by_stroke() -> None:
    fake = engine()
    async with app_on(fake).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        board = screen.query_one(Board)
        assert board.view.answer == "b"  # type: ignore[union-attr]
        await pilot.press("c")
        await until(pilot, lambda: board.view.answer == "a")  # type: ignore[union-attr]
        await pilot.press("space", *["right"] * 7)
        for _ in range(3):
            await pilot.press("down", *["left"] * 7, "down", *["right"] * 7)
        await until(pilot, lambda: board.view.answer == "b")  # type: ignore[union-attr]
        assert sum(screen.request.values) > 20
        assert "an input of your own" in screen.query_one("#title", Rows).text
        assert "it draws" in screen.query_one("#keys", Rows).text
        assert "unchanged" in "\n".join(
            "".join(c.glyph for c in row) for row in board.drawn(80, 20).rows
        )
        assert fake.orders == []


async def test_examples_come_in_place_of_a_drawing() -> None:
    async with app_on(engine()).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("c", "right_square_bracket")
        await until(pilot, lambda: screen.request == PredictRequest((), 1))
        await until(pilot, lambda: screen.query_one(Board).sketch.values[-1] == 1.0)
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert screen.request == PredictRequest((), 4)


async def test_closing_goes_back_and_asks_no_more() -> None:
    fake = engine()
    app = app_on(fake)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert any(isinstance(request, PredictRequest) for request in fake.looked)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is live(app))
        await until(
            pilot, lambda: not any(isinstance(request, PredictRequest) for request in fake.looked)
        )
        assert live(app).using is None


class House(FakeEngine):
    """A model of numbers and a word."""

    def view(self, request: Request) -> View:
        if not isinstance(request, PredictRequest):
            return super().view(request)
        given = list(request.values) or [3.0, 1.0, 0.0]
        inputs = ("rooms", "city=Bonn", "city=Köln")
        return Prediction(inputs, given, (3,), f"price = {given[0]:g}", values=[given[0]], total=2)


@pytest.mark.parametrize(
    ("typed", "request_values"), [("5 Köln", (5.0, 0.0, 1.0)), ("4 bonn", (4.0, 1.0, 0.0))]
)
async def test_numbers_and_words_are_typed(typed: str, request_values: tuple[float, ...]) -> None:
    app = app_on(House(state_of(pictures=("fit", "predict"))))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("enter", "ctrl+u")
        for sign in typed:
            await pilot.press("space" if sign == " " else sign)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert screen.request.values == request_values
        answer = f"price = {request_values[0]:g}"
        await until(pilot, lambda: screen.query_one(Board).view.answer == answer)  # type: ignore[union-attr]


async def test_what_is_no_input_is_said_in_place() -> None:
    app = app_on(House(state_of(pictures=("fit", "predict"))))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("enter", "ctrl+u", "5", "enter")
        assert app.screen is not screen
        assert "2 to type" in app.screen.query_one("#wrong", Rows).text
