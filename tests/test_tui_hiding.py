"""What is hidden is not on the screen, and can be turned all the same."""

from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of, text_of, until
from foghill.engine.protocol.commands import Set
from foghill.tui.hiding import unknown, without_hidden


def test_hidden_knobs_and_pictures_are_left_out():
    run = state_of(hidden=("lr", "fit"), pictures=("fit", "hill"))
    shown = without_hidden(run, ("seed",))
    assert "lr" not in {knob.name for knob in shown.knobs}
    assert "seed" not in {knob.name for knob in shown.knobs}
    assert shown.pictures == ("hill",)
    assert len(shown.knobs) == len(run.knobs) - 2
    assert without_hidden(state_of()) == state_of()


def test_a_name_the_run_does_not_have_is_said():
    assert unknown(state_of(), ("lr", "fit")) == ""
    assert "did you mean momentum" in unknown(state_of(), ("momentun",))
    assert "there are optimizer, lr" in unknown(state_of(), ("xyz",))
    assert unknown(state_of(knobs=(), pictures=()), ("lr",)) == ""  # still warming up


async def test_the_screen_never_shows_them() -> None:
    engine = FakeEngine(state_of(hidden=("lr",)))
    app = app_on(engine, hide=("momentum",))
    async with app.run_test(size=(120, 40)) as pilot:
        await attached(pilot)
        engine.push(step=3)
        await until(pilot, lambda: seen(app).run.step == 3)
        assert "optimizer" in text_of(app, "#knobs")
        assert "lr" not in text_of(app, "#knobs")
        assert "momentum" not in text_of(app, "#knobs")
        assert live(app).whole.knob("lr") is not None
        live(app).apply({"lr": 0.5})
        await until(pilot, lambda: engine.orders == [Set({"lr": 0.5})])
