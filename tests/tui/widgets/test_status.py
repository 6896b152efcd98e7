"""How a run stands, in words and as JSON for scripts."""

import json
import math

from fake_engine import state
from foghill.engine.protocol.knob import Knob
from foghill.engine.protocol.state import Problem
from foghill.tui.verbs.status import describe, encoded, where_it_stands


def test_json_has_every_promised_field_and_full_precision() -> None:
    lr = Knob(name="lr", kind="float", value=0.1, default=0.01)
    present = state(
        step=3, epoch=1, loss=1 / 3, metrics={"accuracy": 0.5}, device="cpu", knobs=(lr,)
    )
    assert json.loads(encoded(present)) == {
        "run": "parabola",
        "state": "paused",
        "step": 3,
        "epoch": 1,
        "loss": 1 / 3,
        "valid_loss": None,
        "metrics": {"accuracy": 0.5},
        "steps_per_second": 0.0,
        "device": "cpu",
        "knobs": {"lr": 0.1},
    }


def test_json_says_nan_and_infinities_as_strings() -> None:
    present = state(loss=math.nan, valid_loss=math.inf, metrics={"r2": -math.inf})
    told = json.loads(encoded(present), parse_constant=lambda name: 1 / 0)
    assert (told["loss"], told["valid_loss"], told["metrics"]) == ("nan", "inf", {"r2": "-inf"})


def test_words_say_where_and_why() -> None:
    present = state(step=5, phase="backward", loss=2.5, why="the loss became NaN")
    line = "parabola paused at step 5, epoch 0, after backward, loss 2.5: the loss became NaN"
    assert where_it_stands(present) == line


def test_description_lists_problem_metrics_knobs_and_notes() -> None:
    knobs = (
        Knob(name="lr", kind="float", value=0.1, default=0.01),
        Knob(name="momentum", kind="float", value=0.0, default=0.0, unused="adam has none"),
    )
    present = state(
        knobs=knobs,
        metrics={"accuracy": 0.25},
        problem=Problem("data() raised ValueError"),
        notes=("an own DataLoader keeps its order",),
    )
    text = describe(present)
    for line in (
        "data() raised ValueError",
        "accuracy 0.25",
        "  lr        0.1",
        "  momentum  0  (adam has none)",
        "an own DataLoader keeps its order",
    ):
        assert line in text.splitlines()
