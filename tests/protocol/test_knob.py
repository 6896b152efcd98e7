"""Knobs: what a person types or turns is judged the same on the screen and in the engine."""

import math

import pytest
from foghill.engine.protocol.knob import Knob, Value, format_number, format_value
from hypothesis import assume, given, settings
from hypothesis import strategies as st

LR = Knob(name="lr", kind="float", value=0.01, default=0.01, low=0.0, log=True)
MOMENTUM = Knob(name="momentum", kind="float", value=0.0, default=0.0, low=0.0, high=1.0)
NOISE = Knob(name="noise", kind="float", value=1.0, default=1.0)
DEGREE = Knob(name="degree", kind="int", value=2, default=2, low=1, high=9)
BATCH = Knob(name="batch_size", kind="int", value=32, default=32, low=1, log=True)
SHUFFLE = Knob(name="shuffle", kind="bool", value=True, default=True)
LOSS = Knob(name="loss", kind="choice", value="mse", default="mse", choices=("mse", "mae", "huber"))
STOP = Knob(name="stop", kind="text", value="", default="")
KNOBS = [LR, MOMENTUM, NOISE, DEGREE, BATCH, SHUFFLE, LOSS, STOP]


def values(knob: Knob) -> st.SearchStrategy[Value]:
    """Everything this knob accepts."""
    match knob.kind:
        case "bool":
            return st.booleans()
        case "choice":
            return st.sampled_from(knob.choices)
        case "text":
            return st.text("abc<>=0.1", max_size=8)
        case "int":
            low = None if knob.low is None else int(knob.low)
            high = None if knob.high is None else int(knob.high)
            return st.integers(low, high if high is not None else 2**32 - 1)
        case "float":
            high = knob.high if knob.high is not None else 1e12
            return st.floats(knob.low if knob.low is not None else -1e12, high)


pairs = st.sampled_from(KNOBS).flatmap(lambda knob: st.tuples(st.just(knob), values(knob)))


@settings(print_blob=True)
@given(pairs)
def test_what_is_shown_can_be_typed_back(pair: tuple[Knob, Value]) -> None:
    knob, value = pair
    again = knob.parse(format_value(value))
    if isinstance(value, float):
        assert again == pytest.approx(value, rel=1e-5)
    else:
        assert again == value
    assert type(again) is type(value)


@settings(print_blob=True)
@given(pairs, st.integers(-50, 50))
def test_a_nudge_stays_within_what_is_accepted(pair: tuple[Knob, Value], ticks: int) -> None:
    knob, value = pair
    nudged = knob.nudged(value, ticks)
    assert knob.check(nudged) == nudged
    assert type(nudged) is type(value)


@settings(print_blob=True)
@given(pairs, st.sampled_from([-1, 1]))
def test_a_nudge_moves_the_right_way_or_stands_at_a_bound(
    pair: tuple[Knob, Value], sign: int
) -> None:
    knob, value = pair
    assume(isinstance(value, int | float) and not isinstance(value, bool))
    nudged = knob.nudged(value, sign)
    assert isinstance(nudged, int | float)
    bound = knob.high if sign > 0 else knob.low
    assert (nudged > value if sign > 0 else nudged < value) or value == bound


def walk(knob: Knob, value: Value, ticks: int, count: int) -> list[Value]:
    seen = [value]
    for _ in range(count):
        seen.append(knob.nudged(seen[-1], ticks))
    return seen[1:]


def test_a_learning_rate_is_turned_in_steps_of_one_two_five() -> None:
    assert walk(LR, 0.01, 1, 4) == [0.02, 0.05, 0.1, 0.2]
    assert walk(LR, 0.01, -1, 4) == [0.005, 0.002, 0.001, 0.0005]
    assert LR.nudged(0.013, 1) == 0.02
    assert LR.nudged(0.013, -1) == 0.01
    assert LR.nudged(0.013, 3) == 0.1
    assert walk(LR, 2e-6, -1, 3) == [1e-6, 0.0, 0.0]
    assert LR.nudged(0.0, 1) == 1e-6
    assert walk(LR, 1e-8, 1, 2) == [2e-8, 5e-8]


def test_other_numbers_are_turned_in_round_steps_of_their_range() -> None:
    assert walk(MOMENTUM, 0.0, 1, 3) == [0.05, 0.1, 0.15]
    assert walk(MOMENTUM, 0.93, 1, 3) == [1.0, 1.0, 1.0]
    assert walk(NOISE, 1.0, 1, 2) == [1.1, 1.2]
    assert NOISE.nudged(0.0, -1) == -0.1
    assert walk(DEGREE, 8, 1, 2) == [9, 9]
    assert walk(BATCH, 32, 1, 2) == [64, 128]
    assert walk(BATCH, 5, -1, 3) == [2, 1, 1]


@pytest.mark.parametrize("tiny", [1e-8, 1e-12, 1e-30])
def test_a_tiny_number_can_be_turned_too(tiny: float) -> None:
    assert NOISE.nudged(tiny, 1) == pytest.approx(1.1 * tiny)


def test_switches_flip_and_choices_go_round() -> None:
    assert walk(SHUFFLE, True, 1, 2) == [False, True]
    assert SHUFFLE.nudged(True, 2) is True
    assert walk(LOSS, "mse", 1, 3) == ["mae", "huber", "mse"]
    assert LOSS.nudged("mse", -1) == "huber"
    assert STOP.nudged("loss<0.5", 1) == "loss<0.5"


@pytest.mark.parametrize(
    ("knob", "typed", "value"),
    [
        (LR, "1e-3", 0.001),
        (LR, " 2 ", 2.0),
        (DEGREE, "3", 3),
        (BATCH, "1e3", 1000),
        (DEGREE, "4.0", 4),
        (SHUFFLE, "off", False),
        (SHUFFLE, "Yes", True),
        (LOSS, " mae ", "mae"),
        (STOP, "valid_loss<0.1", "valid_loss<0.1"),
        (STOP, "", ""),
    ],
)
def test_typed_values(knob: Knob, typed: str, value: Value) -> None:
    parsed = knob.parse(typed)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("knob", "typed", "accepted"),
    [
        (LR, "-1", "a number, at least 0"),
        (LR, "nan", "a number, at least 0"),
        (LR, "1e999", "a number, at least 0"),
        (LR, "fast", "a number, at least 0"),
        (LR, "", "a number, at least 0"),
        (MOMENTUM, "1.5", "a number from 0 to 1"),
        (DEGREE, "2.5", "a whole number from 1 to 9"),
        (DEGREE, "10", "a whole number from 1 to 9"),
        (BATCH, "0", "a whole number, at least 1"),
        (BATCH, "9" * 400, "a whole number, at least 1"),
        (SHUFFLE, "maybe", "on or off"),
        (LOSS, "l1", "one of mse, mae, huber"),
    ],
)
def test_what_is_not_accepted_is_told_with_what_would_be(
    knob: Knob, typed: str, accepted: str
) -> None:
    with pytest.raises(ValueError) as problem:
        knob.parse(typed)
    assert f"{knob.name} takes {accepted}, not " in str(problem.value)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        (SHUFFLE, 1),
        (DEGREE, True),
        (DEGREE, "3"),
        (LR, "0.1"),
        (LOSS, 1),
        (STOP, 0),
        (LR, math.inf),
    ],
)
def test_a_value_of_another_kind_is_not_accepted(knob: Knob, value: Value) -> None:
    with pytest.raises(ValueError, match=f"{knob.name} takes"):
        knob.check(value)


def test_a_whole_number_that_comes_as_a_float_is_one() -> None:
    checked = DEGREE.check(3.0)
    assert (checked, type(checked)) == (3, int)
    checked = LR.check(1)
    assert (checked, type(checked)) == (1.0, float)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.01, "0.01"),
        (1e-5, "1e-5"),
        (1.5e-7, "1.5e-7"),
        (20.0, "20"),
        (-1.0, "-1"),
        (1234567.0, "1.23457e6"),
        (2**32 - 1, "4294967295"),
        (-1e300, "-1e300"),
        (1 / 3, "0.333333"),
        (math.inf, "inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert format_number(number) == text


def test_values_as_they_are_shown() -> None:
    assert list(map(format_value, [None, True, False, "adam", 0.5, 3])) == [
        "–",
        "on",
        "off",
        "adam",
        "0.5",
        "3",
    ]


@pytest.mark.parametrize(
    ("text", "ticks", "nudged"),
    [
        ("step>=20", 1, "step>=50"),
        ("step >= 20", -1, "step >= 10"),
        ("epoch>=7", 2, "epoch>=20"),
        ("step>=1", -3, "step>=1"),
        ("step>=0", 1, "step>=2"),
        ("valid_loss<0.1", 1, "valid_loss<0.1"),
        ("step>=20 or loss<1", 1, "step>=20 or loss<1"),
        ("", 1, ""),
    ],
)
def test_a_text_that_ends_in_a_count_can_be_nudged(text: str, ticks: int, nudged: str) -> None:
    knob = Knob(name="stop", kind="text", value=text, default="")
    assert knob.nudged(text, ticks) == nudged
