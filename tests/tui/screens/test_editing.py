"""A weight turned by hand, keys only, against a fake engine."""

import pytest
from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of, text_of, until
from foghill.engine.protocol.commands import Answer, Applied, Command, Edit
from foghill.engine.protocol.pictures import Bars, Drawing
from foghill.engine.protocol.views import PictureRequest, Request, View
from foghill.tui.screens.ask import AskScreen
from foghill.tui.screens.editing import Written
from foghill.tui.widgets.framed import PaintedPanel
from foghill.tui.widgets.numbers import Chosen
from networks import PLANAR
from textual.widgets import Input

BARS = Bars("weights", ("age", "bias"), [1.0, -2.0], (("weight", 0), ("bias", 0)), [0.5, -0.1])


class Weights(FakeEngine):
    """Shows weights as bars and a network; writes nothing back unless told to."""

    def __init__(self, **changes: object) -> None:
        super().__init__(state_of(pictures=("fit", "weights", "network"), touched=True, **changes))

    def view(self, request: Request) -> View:
        if isinstance(request, PictureRequest) and request.name in ("weights", "network"):
            return BARS if request.name == "weights" else PLANAR
        return super().view(request)

    def obey(self, number: int, command: Command) -> Answer:
        answer = super().obey(number, command)
        if isinstance(command, Edit):
            return Applied(number, 7, note="weight 1 → 1.2 · loss here 0.5")
        return answer


async def on_weights(pilot: object, app: object, key: str = "E") -> None:
    await attached(pilot)  # type: ignore[arg-type]
    await pilot.press(key)  # type: ignore[attr-defined]
    await until(pilot, lambda: live(app).query_one(PaintedPanel).number is not None)  # type: ignore


async def test_the_key_goes_to_the_weights_and_then_asks_for_one():
    engine = Weights()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_weights(pilot, app)
        assert seen(app).showing == "weights"
        assert seen(app).focus == "picture"
        await pilot.press("down", "E")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert app.screen.query_one(Input).value == "-2"
        app.screen.query_one(Input).value = "nan"
        await pilot.press("enter")
        assert isinstance(app.screen, AskScreen)
        app.screen.query_one(Input).value = "0.75"
        await pilot.press("enter")
        await until(pilot, lambda: engine.orders == [Edit("bias", 0, 0.75)])
        await until(pilot, lambda: "loss here 0.5" in text_of(app, "#footer"))


async def test_brackets_turn_it_and_a_key_held_down_goes_on():
    engine = Weights()
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_weights(pilot, app)
        await pilot.press(*["right_square_bracket"] * 3, "left_square_bracket")
        await until(pilot, lambda: len(engine.orders) == 4)
        assert engine.orders == [Edit("weight", 0, value) for value in (1.2, 1.4, 1.6, 1.4)]
        await pilot.press("down", "left_square_bracket")
        await until(pilot, lambda: engine.orders[-1] == Edit("bias", 0, -2.2))


async def test_while_it_trains_a_turn_starts_from_what_is_seen():
    engine = Weights(status="running")
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await on_weights(pilot, app)
        await pilot.press(*["right_square_bracket"] * 2)
        await until(pilot, lambda: len(engine.orders) == 2)
        assert engine.orders == [Edit("weight", 0, 1.2)] * 2


async def test_in_the_network_arrows_choose_and_sheets_turn():
    engine = Weights()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await on_weights(pilot, app, "n")
        picture = live(app).query_one(PaintedPanel)
        await pilot.press("right", "down")
        assert picture.number is not None
        assert picture.number.name == "3.weight[0,1]"
        await pilot.press("pagedown")
        assert picture.number is None  # the layers have no cursor
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert engine.orders == []
        await pilot.press("E")
        assert picture.number is not None
        assert picture.number.name == "3.weight[0,1]"
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: engine.orders == [Edit("3.weight", 1, -0.8)])


async def test_elsewhere_brackets_move_the_chart():
    engine = Weights(step=200)
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("plus", "left_square_bracket")
        await pilot.pause()
        assert engine.orders == []


async def test_the_boundarys_switches_are_the_screens_own():
    engine = FakeEngine(state_of(pictures=("boundary",), validation="4 held out"))
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        picture = live(app).query_one(PaintedPanel)
        await pilot.press("b", "V")
        assert (seen(app).hard, seen(app).held_out) == (True, False)
        assert (picture.look.hard, picture.look.held_out) == (True, False)
        await pilot.press("b", "V")
        assert (picture.look.hard, picture.look.held_out) == (False, True)
        assert engine.orders == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Chosen("w", 0, 1.0, "w"), (1.0, 1.2)),  # the old one is still shown
        (Chosen("w", 0, 1.2000000477, "w"), (1.0, 1.2)),  # as the model rounds it
        (Chosen("w", 0, 0.3, "w"), (0.3,)),  # somebody else wrote it
        (Chosen("w", 1, 1.0, "w"), (1.0,)),
    ],
)
def test_what_was_written_counts_until_something_else_is_seen(
    number: Chosen, expected: tuple[float, ...]
):
    assert Written("w", 0, (1.0, 1.2)).base(number) == expected


async def test_a_picture_that_only_has_the_name_is_not_edited():
    engine = Weights(step=200)
    paint = engine.view
    drawn = Drawing((), (), texts=(("", "shape 10×64"),))

    def view(request: Request) -> View:
        own = isinstance(request, PictureRequest) and request.name == "weights"
        return drawn if own else paint(request)

    engine.view = view  # type: ignore[method-assign]
    app = app_on(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(pilot)
        await pilot.press("2", "tab", "tab", "tab")
        await until(pilot, lambda: seen(app).editable == {"fit": False, "weights": False})
        assert "arrows choose a weight" not in text_of(app, "#footer")
        await pilot.press("plus", "left_square_bracket")
        assert engine.orders == []
        await pilot.press("E")  # the network is left
        await until(pilot, lambda: seen(app).editable.get("network", False))
        assert seen(app).showing == "network"
        engine.push(pictures=("fit", "weights"))
        await until(pilot, lambda: seen(app).run.pictures == ("fit", "weights"))
        await pilot.press("E")
        await until(pilot, lambda: "no picture of this run has weights" in text_of(app, "#footer"))
