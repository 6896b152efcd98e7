"""Knobs read back: what acts, what does nothing and why, what abandons a step."""

from pathlib import Path

from foghill.engine.training.reconfigure import effective, rebuilds, turn, unused
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    drawn,
)

from training.test_training import OWN_LOSS, STEP
from training.test_turning import OWN_OPTIMIZER, trained


def test_effective_values_are_read_where_they_act(tmp_path: Path):
    t = trained(tmp_path, RESTLESS, 1, batch_size=1000, threads=2)
    assert effective(t, "batch_size") == 35
    assert effective(t, "threads") == 2
    assert effective(t, "device") == "cpu"
    assert effective(t, "loss") == "cross_entropy"
    assert effective(t, "momentum") is None
    assert effective(t, "dropout") is None
    turn(t, {"threads": 1})


def test_under_a_schedule_the_effective_lr_is_the_next_updates(tmp_path: Path):
    t = trained(tmp_path, OWN_OPTIMIZER, 30)
    scheduled = t.optimizer.param_groups[0]["lr"]
    assert effective(t, "lr") == scheduled
    start = t.values["lr"]
    assert isinstance(start, float)
    turn(t, {"lr": start * 3})
    assert effective(t, "lr") == scheduled * ((start * 3) / start)


PAIRS = """
whole = data
def data():
    x, y = whole()
    return (x, y), (x[:5], y[:5])
"""


def test_knobs_that_do_nothing_say_why(tmp_path: Path):
    t = trained(tmp_path)
    assert unused(t, "lr") == ""
    assert unused(t, "momentum") == "Adam has none"
    assert unused(t, "num_workers") == "tensors in memory need no workers"
    assert "own optimizer" in unused(trained(tmp_path, OWN_OPTIMIZER), "optimizer")
    assert "own scheduler" in unused(trained(tmp_path, OWN_OPTIMIZER), "schedule")
    assert "own step()" in unused(trained(tmp_path, STEP), "loss")
    assert "its own loss" in unused(trained(tmp_path, OWN_LOSS), "batch_size")
    assert unused(trained(tmp_path, REGRESSION), "patience") == "no validation"
    assert unused(trained(tmp_path, REGRESSION), "nesterov") == "acts with momentum"
    pairs = RESTLESS + PAIRS
    t = trained(tmp_path, pairs, 3)
    assert unused(t, "valid") == "data() holds out its own"
    turn(t, {"valid": 0.5})
    assert t.feed.place.position == 24


def test_what_rebuilds_abandons_a_step(tmp_path: Path):
    knobs = trained(tmp_path, OWN_OPTIMIZER, 0).experiment.knobs
    found = {name for name, knob in knobs.items() if rebuilds(knob)}
    assert found == {
        "rows", "dropout", "width", "beta", "amsgrad", "kind", "optimizer", "num_workers", "valid",
        "precision", "device",
    }  # fmt: skip


def test_turning_draws_from_no_global_generator(tmp_path: Path):
    t = trained(tmp_path)
    before = drawn()
    for new in ({"rows": 40}, {"width": 9}, {"valid": 0.1}, {"optimizer": "sgd"}, {"lr": 1.0}):
        turn(t, new)
    assert not differing(before, drawn())
