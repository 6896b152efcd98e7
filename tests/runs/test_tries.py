"""The section Try: its items, the conditions that are never shown, and when they hold."""

import math
import re
from itertools import chain

import pytest
from foghill.engine.experiment import experiment
from foghill.engine.runs import catalog, tries
from foghill.engine.runs.directory import RunSpec
from foghill.engine.runs.tries import Term, condition, holds, read

TEXT = """See
  {not a condition} stays.

Try
  1. Set lr to 1.2 and take
     twenty steps. {lr >= 1.2
     and step >= 20}
  2. Look at the hill. {saw = hill}
  3. Think.

Read
  Somebody {1998}.
"""


def test_items_lose_their_conditions_and_nothing_else():
    shown, items = read(TEXT)
    assert shown.splitlines() == [
        "See",
        "  {not a condition} stays.",
        "",
        "Try",
        "  1. Set lr to 1.2 and take",
        "     twenty steps.",
        "  2. Look at the hill.",
        "  3. Think.",
        "",
        "Read",
        "  Somebody {1998}.",
    ]
    assert [(item.number, item.text) for item in items] == [
        (1, "Set lr to 1.2 and take twenty steps."),
        (2, "Look at the hill."),
        (3, "Think."),
    ]
    assert items[0].stages == ((Term("lr", ">=", "1.2"), Term("step", ">=", "20")),)
    assert items[1].stages == ((Term("saw", "=", "hill"),),)
    assert items[2].stages == ()


def test_what_comes_after_then_is_a_stage_of_its_own():
    assert condition("x <= -3 then x >= 3 and on = on") == (
        (Term("x", "<=", "-3"),),
        (Term("x", ">=", "3"), Term("on", "=", "on")),
    )


@pytest.mark.parametrize("text", ["", "Only words.", "Try\n  nothing numbered", "See\n  1. no"])
def test_a_text_without_items_stays_as_it_is(text: str):
    assert read(text) == (text, ())


def test_the_last_section_may_be_try():
    assert read("Try\n  1. Go. {step > 1}")[0] == "Try\n  1. Go."


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("lr", "'lr' is no condition; write name, one of"),
        ("", "'' is no condition"),
        ("lr >= 1 and", "lr >= '1 and': >= compares numbers"),
        ("lr => 1", "'lr => 1' is no condition"),
        ("lr >= 1 then", "lr >= '1 then': >= compares numbers"),
        ("lr >= 1 then lr", "'lr' is no condition"),
        ("lr >= fast", "lr >= 'fast': >= compares numbers"),
        ("a = 1 and b == 2", "'b == 2' is no condition"),
    ],
)
def test_what_is_no_condition_is_said(written: str, sentence: str):
    with pytest.raises(ValueError) as raised:
        condition(written)
    assert sentence in str(raised.value)
    _, (item,) = read(f"Try\n  1. Go. {{{written}}}")
    assert sentence in item.trouble
    assert item.text == "Go."


FACTS = {
    "lr": 0.1 + 0.2,
    "on": True,
    "optimizer": "adam",
    "step": 20.0,
    "loss": math.nan,
    "valid_loss": None,
    "saw": frozenset({"hill", "own view"}),
    "phases": 6,
}


def only(written: str) -> tries.Terms:
    (stage,) = condition(written)
    return stage


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("lr = 0.3", True),
        ("lr != 0.3", False),
        ("lr > 0.29 and step >= 20", True),
        ("lr > 0.29 and step > 20", False),
        ("step <= 20 and step < 21", True),
        ("on = on", True),
        ("on = off", False),
        ("on != off", True),
        ("on = yes", False),
        ("optimizer = adam", True),
        ("optimizer != sgd", True),
        ("optimizer = sgd", False),
        ("saw = hill and saw = own view", True),
        ("saw = network", False),
        ("loss > 1e30", True),
        ("valid_loss < 1", False),
        ("unknown = 1", False),
        ("optimizer > 1", False),
        ("phases >= 6", True),
        ("step = twenty", False),
    ],
)
def test_all_terms_must_hold_at_one_moment(written: str, expected: bool):
    assert holds(only(written), FACTS) is expected


def test_a_word_asks_for_the_knob_and_a_number_for_what_was_measured():
    facts = {"loss": "mae", f"{tries.MEASURED}loss": 0.25}
    assert holds(only("loss = mae and loss < 0.5"), facts)
    assert not holds(only("loss = mse"), facts)
    assert not holds(only("loss < 0.1"), facts)


def test_no_condition_never_holds():
    assert not holds((), FACTS)


KNOWN = {"step", "epoch", "loss", "valid_loss", tries.SAW, tries.STATUS, *tries.COUNTERS}


SHORT = 64  # cells of a try that any screen shows


@pytest.mark.parametrize(
    "name", ["tensor", "hill", "line", "parabola", "radio", "neuron", "bend", "playground"]
)
def test_what_to_press_comes_first_and_fits_in_one_line(name: str):
    (lesson,) = (lesson for lesson in catalog.lessons() if lesson.name == name)
    for item in lesson.tries:
        sentence = re.split(r"(?<=[.:?])\s", item.text.replace("Press . ", "Press * "))[0]
        assert len(sentence) <= SHORT, sentence


@pytest.mark.parametrize("lesson", catalog.lessons(), ids=lambda lesson: lesson.name)
def test_conditions_of_a_lesson_are_sound(lesson: catalog.Lesson):
    spec = RunSpec(name="l", directory="", experiment=lesson.name, kind="lesson", path=lesson.path)
    loaded = experiment.load(spec)
    assert "{" not in lesson.text.partition("\nTry")[2].partition("\nRead")[0]
    assert [item.number for item in lesson.tries] == list(range(1, len(lesson.tries) + 1))
    for item in lesson.tries:
        assert not item.trouble
        for term in chain(*item.stages):
            knob = loaded.knobs.get(term.name)
            metric = {"accuracy", "valid_accuracy", "r2", "valid_r2", "mae", "valid_mae"}
            own = knob is None and "metrics" in loaded.functions
            assert own or knob or term.name in KNOWN | metric, term
            measured = term.name == "loss" and term.value.replace(".", "").isdigit()
            if knob is not None and not measured:
                knob.parse(term.value)
