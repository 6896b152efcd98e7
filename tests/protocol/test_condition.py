"""Conditions: what is read, when it holds, and what is known about the end."""

import math

import pytest
from foghill.engine.protocol import condition
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "values", "held"),
    [
        ("step>=200", {"step": 200}, True),
        ("step>=200", {"step": 199}, False),
        ("step > 200", {"step": 200}, False),
        ("valid_loss<0.1", {"valid_loss": 0.05}, True),
        ("valid_loss<=1e-3", {"valid_loss": 1e-3}, True),
        ("accuracy>=0.9 or step>=10", {"step": 10, "accuracy": None}, True),
        ("accuracy>=0.9 or step>=10", {"step": 9, "accuracy": 0.91}, True),
        ("accuracy>=0.9 or step>=10", {"step": 9, "accuracy": 0.89}, False),
        ("time>=2m", {"time": 120.0}, True),
        ("time>=2m", {"time": 119.9}, False),
        ("top-5/acc > .5", {"top-5/acc": 0.6}, True),
    ],
)
def test_holds(text: str, values: dict[str, float | None], held: bool):
    assert condition.parse(text).holds(values) is held


@pytest.mark.parametrize("value", [None, math.nan])
@pytest.mark.parametrize("operator", [">=", ">", "<=", "<"])
def test_what_is_not_known_satisfies_nothing(value: float | None, operator: str):
    parsed = condition.parse(f"loss{operator}0")
    assert not parsed.holds({"loss": value})
    assert not parsed.holds({})


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("90", 90), ("10s", 10), ("5m", 300), ("5min", 300), ("2h", 7200), ("1.5h", 5400)],
)
def test_time_takes_units(typed: str, seconds: float):
    assert condition.parse(f"time>={typed}").terms[0].bound == seconds


@pytest.mark.parametrize(
    "text",
    [
        "step",
        "step>=",
        ">=3",
        "step==3",
        "step>=ten",
        "step>=10s",
        "time>=5d",
        "loss<nan",
        "loss<inf",
        "step>=1 and loss<2",
        "step>=1 or",
        "step>=1 or or loss<1",
        "step>>1",
        "step>=1=",
    ],
)
def test_what_is_no_condition_gets_one_sentence_with_an_example(text: str):
    with pytest.raises(ValueError, match="step>=200") as refused:
        condition.parse(text)
    assert "\n" not in str(refused.value)


def test_an_empty_condition_never_holds():
    parsed = condition.parse("  ")
    assert not parsed.holds({"step": 1e9})
    assert parsed.step_bound is None


@pytest.mark.parametrize(
    ("text", "step", "epoch"),
    [
        ("step>=200", 200, None),
        ("step>200", 201, None),
        ("step>=10.5", 11, None),
        ("step>10.5", 11, None),
        ("epoch>=3", None, 3),
        ("step>=200 or step>=100 or epoch>2", 100, 3),
        ("loss<0.1", None, None),
        ("step<5", None, None),
    ],
)
def test_the_end_is_known_where_steps_or_epochs_are_counted(
    text: str, step: int | None, epoch: int | None
):
    parsed = condition.parse(text)
    assert (parsed.step_bound, parsed.epoch_bound) == (step, epoch)


@given(st.integers(0, 10**6), st.sampled_from([">", ">="]))
def test_the_step_bound_is_the_first_step_that_holds(bound: int, operator: str):
    parsed = condition.parse(f"step{operator}{bound}")
    first = parsed.step_bound
    assert first is not None
    assert parsed.holds({"step": first})
    assert not parsed.holds({"step": first - 1})


def test_names():
    assert condition.parse("step>=1 or accuracy>0.5").names == {"step", "accuracy"}


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_value_error(text: str):
    try:
        parsed = condition.parse(text)
    except ValueError:
        return
    assert parsed.text == text.strip()
