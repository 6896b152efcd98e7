"""What `C` and `F` ask for, and what is offered and refused."""

from typing import Any

import pytest
from fakes_tui import KNOBS, FakeEngine, app_on, attached, seen, state_of, until
from foghill.engine.protocol.commands import Compare, FindRate
from foghill.tui.screens.ask import AskScreen
from foghill.tui.screens.comparing import offers, parsed
from foghill.tui.widgets.rows import Rows
from msgspec.structs import replace


async def test_one_key_and_enter_compare_with_three_times_the_rate():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("C", "enter")
        await until(pilot, lambda: engine.orders == [Compare(({"lr": 0.003},))])
        engine.push(pictures=("fit", "compare"), compared=("this run", "lr 0.003"))
        await until(pilot, lambda: seen(app).showing == "compare")


@pytest.mark.parametrize(("key", "rate"), [("x", 0.003), ("d", 0.000333)])
async def test_times_and_divided_have_keys_that_keyboards_have(key: str, rate: float):
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("C", key)
        await until(pilot, lambda: engine.orders == [Compare(({"lr": rate},))])


def test_every_key_offered_is_one_of_its_own_and_on_a_keyboard():
    keys = [offer.key for offer in offers(state_of(compared=("this run", "lr 0.1")))] + ["t"]
    assert len(keys) == len(set(keys))
    assert all(key.isascii() and key.islower() for key in keys)


async def test_every_combination_of_what_is_typed_is_compared():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("C", "t", *"0.01,0.1", "space", *"optimizer=sgd,adam", "enter")
        await pilot.pause()
        assert isinstance(app.screen, AskScreen)  # `lr=` was replaced by what was typed
        assert "NAME=VALUE" in app.screen.query_one("#wrong", Rows).text
        await pilot.press("home", *"lr=", "enter")
        await until(pilot, lambda: bool(engine.orders))
    pairs = [(lr, name) for lr in (0.01, 0.1) for name in ("sgd", "adam")]
    assert engine.orders == [Compare(tuple({"lr": lr, "optimizer": name} for lr, name in pairs))]


async def test_f_looks_for_a_rate_where_there_is_no_picture_and_shows_it_where_there_is():
    engine = FakeEngine()
    app = app_on(engine)
    async with app.run_test() as pilot:
        await attached(pilot)
        await pilot.press("F")
        await until(pilot, lambda: engine.orders == [FindRate()])
        engine.push(pictures=("fit", "rates"))
        await until(pilot, lambda: seen(app).showing == "rates")
        await pilot.press("F")
        await until(pilot, lambda: seen(app).showing == "fit")
        await pilot.press("F")
        await until(pilot, lambda: seen(app).showing == "rates")
        assert engine.orders == [FindRate()]


def labels(**changes: Any) -> list[str]:
    return [offer.label for offer in offers(state_of(**changes))]


def test_what_suits_the_run_is_offered():
    assert labels() == [
        "the same, at lr × 3",
        "the same, at lr ÷ 3",
        "6 rates around it",
        "with momentum 0.9",
        "with adam",
    ]
    assert labels(compared=("this run", "lr 0.1"))[-1] == "end the comparison"


def test_what_does_nothing_is_not_offered():
    knobs = tuple(
        replace(knob, unused="Adam has none") if knob.name == "momentum" else knob
        for knob in KNOBS
        if knob.name != "lr"
    )
    assert labels(knobs=knobs) == ["with adam"]


def test_offers_stay_within_the_knobs_bounds():
    knobs = tuple(replace(k, high=0.002) if k.name == "lr" else k for k in KNOBS)
    offered = offers(state_of(knobs=knobs))
    rates = [change["lr"] for o in offered for change in o.replicas if len(change) == 1
             and "lr" in change]  # fmt: skip
    assert rates
    assert all(isinstance(rate, float) and rate <= 0.002 for rate in rates)


def test_a_list_is_read_as_the_knobs_read_it():
    replicas = parsed(state_of(), "zero_grad=off,on batch_size=1e2")
    assert replicas == (
        {"zero_grad": False, "batch_size": 100},
        {"zero_grad": True, "batch_size": 100},
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "such as lr=0.01,0.1"),
        ("lr", "'lr' is not NAME=VALUE"),
        ("lr=", "'lr=' is not NAME=VALUE"),
        ("rate=1", "there is no knob 'rate'"),
        ("lr=fast", "lr takes a number"),
        ("lr=1,2,3,4,5 batch_size=1,2,3,4", "20 combinations; at most 16"),
    ],
)
def test_what_cannot_be_read_is_said(typed: str, said: str):
    with pytest.raises(ValueError, match=said.split("(")[0]):
        parsed(state_of(), typed)
