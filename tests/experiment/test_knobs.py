"""All knobs of a run: one name is one knob, and where each starts."""

from typing import Annotated, Any, Literal

import pytest
from foghill.engine.experiment.knobs import RUN_KNOBS, KnobError, gather, replicas, start


def data(points: Annotated[int, (5, 500)] = 20, features: int = 3): ...
def model(features: Annotated[int, (1, 9)] = 3, dropout: float = 0.0): ...
def loss(prediction, target, delta: float = 1.0): ...
def optimizer(parameters, lr: Annotated[float, (1e-4, 0.1)] = 0.05, beta: float = 0.9): ...


FUNCTIONS: dict[str, Any] = {"data": data, "model": model, "loss": loss, "optimizer": optimizer}


def test_the_most_turned_knobs_come_first_then_the_experiments_own():
    names = list(gather(FUNCTIONS))
    assert names[:3] == ["lr", "optimizer", "batch_size"]
    assert set(names[3:8]) == {"points", "features", "dropout", "delta", "beta"}
    assert set(names) == {knob.name for knob in RUN_KNOBS} | set(names[3:8])


def test_the_declaring_function_says_when_a_change_takes_effect():
    effects = {name: knob.effect for name, knob in gather(FUNCTIONS).items()}
    assert effects["points"] == "data rebuilt"
    assert effects["dropout"] == "model rebuilt"
    assert effects["delta"] == "next phase"
    assert effects["beta"] == "optimizer called again"


def test_one_name_is_one_knob():
    knob = gather(FUNCTIONS)["features"]
    assert knob.owner == "data+model"
    assert knob.effect == "data and model rebuilt"
    assert (knob.low, knob.high) == (1, 9)


def test_a_parameter_named_like_a_runs_own_knob_is_that_knob():
    knob = gather(FUNCTIONS)["lr"]
    assert (knob.value, knob.low, knob.high) == (0.05, 1e-4, 0.1)
    assert knob.owner == "optimizer"
    assert knob.effect == "optimizer called again"


def test_a_runs_own_bounds_stay_where_the_user_gives_none():
    def optimizer(parameters, lr=1): ...

    knob = gather({"optimizer": optimizer})["lr"]
    assert (knob.kind, knob.value, knob.low, knob.log) == ("float", 1.0, 0.0, True)


def test_a_seed_read_by_data_still_waits_for_the_next_restart():
    def data(*, valid: float, seed: int, data_seed: int): ...

    knobs = gather({"data": data})
    assert knobs["seed"].effect == knobs["data_seed"].effect == "next restart"
    assert knobs["valid"].effect == "data rebuilt"
    assert knobs["valid"].value == 0.2
    assert "data" in knobs["seed"].owner


def test_a_users_own_optimizer_may_have_its_own_choices():
    def optimizer(parameters, optimizer: Literal["lion", "sgd"] = "lion"): ...

    assert gather({"optimizer": optimizer})["optimizer"].choices == ("lion", "sgd")


def conflicting_types(features: float = 3.0): ...
def conflicting_default(features: int = 4): ...
def conflicting_bounds(features: Annotated[int, (1, 5)] = 3): ...
def conflicting_own(lr: int = 3): ...
def below_own_bounds(batch_size: int = 0): ...


@pytest.mark.parametrize(
    "other",
    [
        conflicting_types,
        conflicting_default,
        conflicting_bounds,
        conflicting_own,
        below_own_bounds,
    ],
)
def test_conflicts_are_one_sentence(other: Any):
    with pytest.raises(KnobError) as refused:
        gather({"data": other, "model": model})
    assert "\n" not in str(refused.value)
    assert "()" in str(refused.value)


def test_what_was_typed_wins_over_the_files_settings():
    knobs = start(gather(FUNCTIONS), {"lr": 0.01, "points": 30, "batch_size": 8}, {"lr": "0.02"})
    assert knobs["lr"].value == 0.02
    assert knobs["lr"].default == 0.01
    assert knobs["points"].value == 30
    assert knobs["batch_size"].value == 8


@pytest.mark.parametrize(
    ("settings", "typed", "sentence"),
    [
        ({"learning_rat": 1}, {}, "settings names 'learning_rat'"),
        ({}, {"momentun": "1"}, "did you mean momentum"),
        ({}, {"points": "1000"}, "points takes a whole number from 5 to 500"),
        ({"points": 1}, {}, "settings: points takes"),
        ({"points": None}, {}, "settings: points takes"),
        ({"points": [1]}, {}, "settings: points takes"),
        ({}, {"lr": "fast"}, "lr takes a number"),
        ({}, {"optimizer": "sdg"}, "one of sgd, adam"),
        ({"optimizer": "lion"}, {}, "one of sgd, adam"),
        ({}, {"batch_size": "0"}, "batch_size takes a whole number, at least 1"),
        ({}, {"stop": "soon"}, "stop: 'soon' is not a condition"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    settings: dict[str, object], typed: dict[str, str], sentence: str
):
    with pytest.raises(KnobError) as refused:
        start(gather(FUNCTIONS), settings, typed)
    assert sentence in str(refused.value)


def test_a_files_comparison_is_read_as_its_knobs():
    knobs = gather(FUNCTIONS)
    compare = [{"lr": 0.1, "points": 50}, {"optimizer": "adam", "nesterov": True}]
    assert replicas(knobs, compare) == (
        {"lr": 0.1, "points": 50},
        {"optimizer": "adam", "nesterov": True},
    )


@pytest.mark.parametrize(
    ("compare", "said"),
    [
        ({"lr": 0.1}, "compare must be a list such as"),
        ([0.1], "compare must be a list such as"),
        ([{"rate": 0.1}], "compare names 'rate', which is no knob here"),
        ([{"lr": 9.0}], "compare: lr takes a number from 1e-4 to 0.1, not 9.0"),
        ([{"lr": [0.1]}], "compare: lr takes"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_in_one_sentence(compare: Any, said: str):
    with pytest.raises(KnobError, match=said):
        replicas(gather(FUNCTIONS), compare)
