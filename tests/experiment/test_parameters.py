"""Knobs read from annotated keyword parameters."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from foghill.engine.experiment.parameters import KnobError, arguments, declared
from foghill.engine.protocol.knob import Knob


def only(function: Any, owner: str = "model") -> Knob:
    (knob,) = declared(function, owner)
    return knob


def test_plain_kinds():
    def model(n: int = 3, x: float = 1, on: bool = True, name: str = "a"): ...

    knobs = {knob.name: knob for knob in declared(model, "model")}
    assert {name: knob.kind for name, knob in knobs.items()} == {
        "n": "int",
        "x": "float",
        "on": "bool",
        "name": "text",
    }
    assert knobs["x"].value == 1.0
    assert isinstance(knobs["x"].value, float)


def test_a_default_alone_gives_the_kind():
    def model(n=3, x=0.5, on=False, name="a"): ...

    assert [knob.kind for knob in declared(model, "model")] == ["int", "float", "bool", "text"]


def test_bounds_scale_and_help():
    def model(rate: Annotated[float, (1e-6, 1.0), "log", "how fast"] = 0.1): ...

    knob = only(model)
    assert (knob.low, knob.high, knob.log, knob.help) == (1e-6, 1.0, True, "how fast")


def test_an_open_bound():
    def model(n: Annotated[int, (1, None)] = 2): ...

    assert (only(model).low, only(model).high) == (1, None)


def test_choices():
    def model(activation: Literal["relu", "tanh"] = "tanh"): ...

    assert only(model).choices == ("relu", "tanh")
    assert only(model).value == "tanh"


def test_choices_of_whole_numbers_arrive_as_numbers():
    def model(width: Literal[8, 16] = 8): ...

    assert only(model).choices == ("8", "16")
    assert arguments(model, {"width": "16"}, "model") == {"width": 16}


def test_annotations_that_stand_as_text():
    def model(n: "Annotated[int, (1, 9)]" = 2, other: "Unknown" = 3): ...  # noqa: F821

    assert [(knob.name, knob.high) for knob in declared(model, "model")] == [("n", 9)]


def test_what_is_given_by_position_is_no_knob():
    def step(model, batch, weight: float = 0.5): ...

    assert only(step, "step").name == "weight"


def test_other_defaults_are_left_alone():
    def data(path: Path = Path("a"), n: int | None = None, names=(), size: int = None): ...  # noqa: RUF013

    assert declared(data, "data") == []


def test_keyword_only_parameters_and_stars():
    def data(*args: int, points: int = 3, **more: int): ...

    assert only(data, "data").name == "points"


def test_a_runs_own_knob_needs_no_default():
    def optimizer(parameters, lr: float, *, momentum: float): ...

    assert [knob.name for knob in declared(optimizer, "optimizer")] == ["lr", "momentum"]


def test_classes_and_objects_can_be_functions():
    class Net:
        def __init__(self, width: Annotated[int, (1, 9)] = 4): ...

    class Loss:
        def __call__(self, prediction, target, delta: float = 1.0): ...

    assert only(Net).high == 9
    assert only(Loss(), "loss").name == "delta"


def bad_default(n: Annotated[int, (1, 9)] = 12): ...
def bad_kind(n: int = "3"): ...  # type: ignore
def bad_choice(n: Literal["a", "b"] = "c"): ...  # type: ignore
def bad_bounds(n: Annotated[int, (9, 1)] = 3): ...
def bad_pair(n: Annotated[int, (1, 2, 3)] = 3): ...
def bad_bounded(n: Annotated[str, (1, 9)] = "a"): ...
def bad_literal(n: Literal["a", None] = "a"): ...
def not_finite(n: float = float("nan")): ...
def no_default(n: int): ...


@pytest.mark.parametrize(
    "function",
    [
        bad_default,
        bad_kind,
        bad_choice,
        bad_bounds,
        bad_pair,
        bad_bounded,
        bad_literal,
        not_finite,
        no_default,
    ],
)
def test_what_cannot_be_names_parameter_and_function(function: Any):
    with pytest.raises(KnobError, match=r"\bn\b.*model\(\)|model\(\).*\bn\b") as refused:
        declared(function, "model")
    assert refused.value.owner == "model"


def test_arguments_are_those_a_function_takes():
    def model(width: int = 3): ...

    assert arguments(model, {"width": 5, "lr": 0.1}, "model") == {"width": 5}
