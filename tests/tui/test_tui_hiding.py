"""What is hidden is not on the screen, and can be turned all the same."""

from fakes_tui import FakeEngine, app_on, attached, live, seen, state_of, text_of, until
from foghill.engine.protocol.commands import Set
from foghill.engine.protocol.state import Advice
from foghill.tui.hiding import unknown, without_held_out, without_hidden


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


def test_without_held_out_data_nothing_is_told_of_them():
    metrics = {"accuracy": 0.5, "valid_accuracy": 0.9}
    seen = Advice("overfits", "validation 2 at step 9, lowest 1 at step 4; training 0.1, was 1")
    told = without_held_out(state_of(metrics=metrics, coach=seen))
    assert (dict(told.metrics), told.coach) == ({"accuracy": 0.5}, None)
    other = Advice("diverges", "loss 3e4 at step 40, was 12 at step 10")
    assert without_held_out(state_of(coach=other)).coach == other


async def test_hiding_what_is_held_out_hides_it_in_every_panel() -> None:
    advice = Advice(
        "overfits", "validation 2 at step 9, lowest 1 at step 4", "", "brake", {"lr": 1}
    )
    metrics = {"mae": 0.5, "valid_mae": 0.9}
    run = state_of(validation="validation", pictures=("fit",), coach=advice, metrics=metrics)
    engine = FakeEngine(run)
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await attached(pilot)
        assert "valid_mae 0.9" in text_of(app, "#step")
        assert "overfits" in text_of(app, "#coach")
        await pilot.press("V")
        await until(pilot, lambda: not text_of(app, "#coach"))
        assert "valid_mae" not in text_of(app, "#step")
        assert "mae 0.5" in text_of(app, "#step")
        await pilot.press("a")
        await pilot.pause()
        assert live(app).is_current
        await pilot.press("V")
        await until(pilot, lambda: "overfits" in text_of(app, "#coach"))
        assert "valid_mae 0.9" in text_of(app, "#step")


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
