"""Remedies: knob values that the knobs accept, and words where there is no such knob."""

from typing import Any

from foghill.engine.callbacks.coach import remedies
from foghill.engine.callbacks.coach.evidence import Evidence
from foghill.engine.callbacks.coach.losses import Losses
from foghill.engine.protocol.knob import Knob

LR = Knob(name="lr", kind="float", value=0.02, default=0.02, low=0.0, log=True)
BATCH = Knob(name="batch_size", kind="int", value=4, default=4, low=1)
PILE = Knob(name="zero_grad", kind="bool", value=True, default=True)
BEND = Knob(name="bend", kind="choice", value="tanh", default="tanh", choices=("tanh", "relu"))
ROUND = Knob(name="standardise", kind="bool", value=False, default=False)


def evidence(*knobs: Knob, **more: Any) -> Evidence:
    return Evidence(
        step=10,
        epoch=1,
        losses=Losses(),
        knobs={knob.name: knob for knob in knobs},
        values={knob.name: knob.value for knob in knobs},
        **more,
    )


def test_rates_go_by_factors_and_read_well():
    assert remedies.rate(evidence(LR), 0.1) == ("lr ÷ 10", {"lr": 0.002})
    assert remedies.rate(evidence(LR), 0.001) == ("lr ÷ 1000", {"lr": 2e-5})
    assert remedies.rate(evidence(LR), 100) == ("lr × 100", {"lr": 2.0})


def test_a_rate_out_of_bounds_or_without_a_knob_is_only_said():
    narrow = Knob(name="lr", kind="float", value=0.02, default=0.02, low=0.01, high=0.1)
    assert remedies.rate(evidence(narrow), 0.1) == ("lr ÷ 10", {})
    assert remedies.rate(evidence(), 0.1) == ("lr ÷ 10", {})


def test_gradients_that_pile_up_are_the_likelier_cause():
    off = Knob(name="zero_grad", kind="bool", value=False, default=True)
    assert remedies.rate(evidence(LR, off), 0.1) == ("zero_grad on", {"zero_grad": True})
    assert remedies.rate(evidence(LR, PILE), 0.1)[1] == {"lr": 0.002}
    assert remedies.rate(evidence(LR, off), 10)[1] == {"lr": 0.2}


def test_batches_grow_eightfold_up_to_the_data():
    assert remedies.batch(evidence(BATCH, batch=4, examples=400)) == (
        "batch_size × 8",
        {"batch_size": 32},
    )
    assert remedies.batch(evidence(BATCH, batch=4, examples=20))[1] == {"batch_size": 20}


def test_an_activation_is_offered_where_a_knob_chooses_it():
    assert remedies.activation(evidence(BEND), "relu") == ("bend relu", {"bend": "relu"})
    assert remedies.activation(evidence(BEND), "gelu") is None
    assert remedies.activation(evidence(LR), "relu") is None


def test_a_valley_is_made_round():
    assert remedies.straighten(evidence(ROUND))[1] == {"standardise": True}
    assert remedies.straighten(evidence(inputs=50.0)) == ("standardise the inputs", {})
    momentum = Knob(name="momentum", kind="float", value=0.0, default=0.0, low=0.0, high=1.0)
    assert remedies.straighten(evidence(momentum))[1] == {"momentum": 0.9}


def test_brakes():
    dropout = Knob(name="dropout", kind="float", value=0.0, default=0.0, low=0.0, high=0.9)
    patience = Knob(name="patience", kind="int", value=0, default=0, low=0)
    assert remedies.brake(evidence(dropout, patience))[1] == {"dropout": 0.3}
    assert remedies.brake(evidence(patience)) == ("stop early", {"patience": 10})
    assert remedies.brake(evidence())[1] == {}
    clip = Knob(name="clip", kind="float", value=0.0, default=0.0, low=0.0)
    assert remedies.cut(evidence(clip)) == ("clip 1", {"clip": 1.0})


def test_units_dead_from_the_start_are_not_mended_by_a_rate():
    relu = Knob(name="bend", kind="choice", value="relu", default="relu", choices=("tanh", "relu"))
    assert remedies.revive(evidence(LR, relu)) == (
        "biases near 0, or bend tanh",
        {"bend": "tanh"},
    )
    assert remedies.revive(evidence(LR)) == ("biases near 0, or another activation", {})
    assert remedies.revive(evidence(ROUND, relu, inputs=50.0))[1] == {"standardise": True}
