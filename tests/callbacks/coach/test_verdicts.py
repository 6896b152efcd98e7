"""What the coach says of real trainings, and that its numbers are the run's own.

How often it is right is measured by `bench/coach.py`; here stands one clear case of each.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from coached import advised, after, coached
from foghill.engine.callbacks.coach.evidence import Evidence
from foghill.engine.callbacks.coach.look import Look
from foghill.engine.callbacks.coach.losses import Losses
from foghill.engine.callbacks.coach.signal import Signal
from foghill.engine.callbacks.coach.trial import Anew, Trial
from foghill.engine.callbacks.coach.verdicts import (
    JUDGES,
    dead_units,
    diverges,
    no_signal,
    overfits,
    verdict,
)
from foghill.engine.callbacks.coach.words import n
from foghill.engine.protocol.commands import Set
from foghill.engine.protocol.knob import Knob
from foghill.engine.protocol.state import Advice


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def said(advice: Advice | None) -> str:
    return advice.verdict if advice else ""


CLEAR: dict[str, tuple[str, int, dict[str, object]]] = {
    "diverges": ("throw", 12, {"lr": 5e-5}),
    "gradients explode": ("plane", 3, {"layers": 7, "activation": "relu", "gain": 14,
                                       "lr": 1e-3, "optimizer": "sgd"}),
    "dead units": ("plane", 60, {"activation": "relu", "shift": -5.0}),
    "gradients vanish": ("plane", 60, {"layers": 9, "activation": "sigmoid"}),
    "no signal": ("linear", 200, {"shuffled": "on", "lr": 0.03}),
    "overfits": ("plane", 600, {"points": 60, "flipped": 0.2, "width": 64, "layers": 3,
                                "activation": "relu", "lr": 5e-3}),
    "bounces": ("plane", 200, {"lr": 1.0}),
    "crawls": ("linear", 120, {"lr": 3e-4}),
    "stands still": ("throw", 120, {"lr": 1e-5}),
    "batch too small": ("linear", 60, {"batch_size": 1, "noise": 1.5, "lr": 2e-3}),
}  # fmt: skip
HEALTHY: tuple[tuple[str, int, dict[str, object]], ...] = (
    ("linear", 60, {}),
    ("plane", 100, {}),
    ("plane", 2, {"lr": 1e-4}),  # too early to tell
    ("throw", 200, {"standardise": "on", "lr": 0.1}),  # has arrived
)


@pytest.mark.parametrize("name", CLEAR)
def test_a_clear_case_is_seen(name: str):
    situation, steps, settings = CLEAR[name]
    advice = advised(situation, steps, seed=1, **settings)
    assert said(advice) == name
    assert advice is not None
    assert advice.sentence
    assert advice.more
    assert advice.remedy


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: f"{case[0]} {case[1]}")
def test_nothing_is_said_of_what_is_well(case: tuple[str, int, dict[str, object]]):
    situation, steps, settings = case
    assert advised(situation, steps, seed=1, **settings) is None


def test_the_numbers_of_a_sentence_are_the_runs_own():
    with coached("throw", lr=5e-5) as live:
        advice = after(live, 12)
        losses = live.losses()
    assert advice is not None
    lowest = min(range(12), key=losses.__getitem__)
    assert advice.sentence == (
        f"loss {n(losses[-1])} at step 12, was {n(losses[lowest])} at step {lowest + 1}"
    )
    assert "3.54e-5" in advice.more  # 2 / 56,499, the limit the lesson text gives


def look(step: int, loss: float, **more: Any) -> Look:
    return Look(step, 320, True, loss, 1.0, (), more.pop("dead", ()), 0.05, **more)


def evidence(values: Sequence[float], **more: Any) -> Evidence:
    losses = Losses()
    losses.add(range(1, len(values) + 1), values)
    more = {"batch": 1, "examples": 320, "trivial": 3.0, "epoch": 4} | more
    lr = Knob(name="lr", kind="float", value=0.05, default=0.05, low=0.0, log=True)
    return Evidence(step=len(values), losses=losses, knobs={"lr": lr}, values={"lr": 0.05}, **more)


def test_a_divergence_at_batch_1_is_told_from_where_it_was_sound():
    """Not from the curvature of weights blown up, nor from the luckiest of single examples."""
    values = [1 + math.cos(step) for step in range(600)]
    values[592] = 8e-6
    wild = look(610, 1e103, limit=1.96e-53)
    sound = look(500, 1.0, limit=0.5, batch_losses=(0.1, 1.0, 2.9))
    known = evidence([*values, *(10.0**power for power in range(1, 11)), math.inf])
    advice = diverges(replace(known, look=wild, sound=sound))
    assert advice is not None
    assert advice.sentence.startswith("loss not finite at step 611, was 0.9")
    assert "at step 593" not in advice.sentence
    assert advice.remedy == "lr ÷ 10"
    assert "about 0.5; it is 0.05" in advice.more
    assert "batches of 1 scatter by" in advice.more
    unknown = diverges(replace(known, look=wild))
    assert unknown is not None
    assert "e-53" not in unknown.more
    assert unknown.remedy == "lr ÷ 10"


def test_a_divergence_whose_losses_are_not_finite_is_told_from_the_weights():
    """One loss, a batch's, below that of the start; the next is not finite in single precision."""
    blown = evidence([8.7, math.inf], first=look(0, 9.6), look=look(2, 5e38))
    advice = diverges(blown)
    assert advice is not None
    assert advice.sentence.startswith("loss not finite at step 2")
    sound = replace(blown, look=look(2, 8.0))  # the loss itself may be what is not finite
    assert diverges(sound) is None


def test_the_training_loss_of_an_overfit_is_that_of_the_step_it_names():
    """The lowest validation, not the lowest after smoothing."""
    valid = [(2 * i, 0.7 + abs(i - 30) / 100) for i in range(1, 101)]
    valid[20] = (42, 0.6)
    then = {step: 10.0 / step for step, _ in valid}
    known = evidence([10.0 / step for step in range(1, 201)], batch=320, valid=valid)
    advice = overfits(replace(known, train_then=then))
    assert advice is not None
    assert advice.sentence == "validation 1.4, was 0.6 at step 42; training 0.05, was 0.238"


def test_a_lowest_validation_is_no_best_where_it_may_be_luck():
    """A sharp turn in validations that hardly jitter counts; a dip among many that do does not."""
    then = {step: 10.0 / step for step in range(1, 201)}
    sharp = [(s, 0.7 - 0.02 * min(s, 10) + 0.03 * min(max(s - 10, 0), 3)) for s in range(1, 201)]
    known = evidence([10.0 / step for step in range(1, 201)], batch=320, train_then=then)
    assert overfits(replace(known, valid=sharp)) is not None
    rng = random.Random(0)
    noisy = [(step, 0.6 + 0.05 * rng.uniform(-1, 1)) for step in range(1, 201)]
    noisy[20] = (21, 0.45)
    assert overfits(replace(known, valid=noisy)) is None


def test_no_signal_in_validation_says_validations_numbers():
    chance = Signal(300, True, 0.31, 0.34, 0.5, 1.5)
    valid = [(step, 3.0 + step / 500) for step in range(20, 520, 20)]
    known = evidence([0.7] * 500, valid=valid, signal=lambda: chance)
    advice = no_signal(known)
    assert advice is not None
    assert advice.sentence.startswith("validation 4 at step 500, lowest 3.04 at step 20, after 4")
    stuck = no_signal(evidence([2.9] * 500, valid=valid, signal=lambda: chance))
    assert stuck is not None
    assert stuck.sentence.startswith("loss 2.9 after 4 epochs")


def test_units_dead_before_the_first_step_are_not_the_rates_doing():
    dead, alive = (("ReLU 1", 1.0),), (("ReLU 1", 0.1),)
    seen = evidence([2.9] * 100, look=look(100, 2.9, dead=dead))
    assert seen.look is not None
    born = dead_units(replace(seen, first=look(0, 2.9, dead=dead)))
    assert born is not None
    assert "100% did before the first step" in born.sentence
    assert born.knobs == {}
    assert "biases" in born.remedy
    learning = replace(seen.look, trial=Trial(40, 2.9, {1.0: 1.0}))  # with the units that live
    assert dead_units(replace(seen, first=look(0, 2.9, dead=alive), look=learning)) is None
    killed = dead_units(replace(seen, first=look(0, 2.9, dead=alive)))
    assert killed is not None
    assert killed.remedy == "lr ÷ 10"
    assert "before the first step that was 10%" in killed.more.lower()
    most = look(100, 0.3, dead=(("ReLU 1", 0.6),))  # a tenth of guessing, by what is left
    left = replace(seen, first=look(0, 2.9, dead=alive), look=most)
    assert dead_units(left) is None
    assert dead_units(replace(left, anew=lambda: Anew(0, 100, 0.2))) is None
    assert dead_units(replace(left, anew=lambda: Anew(0, 100, 0.1))) is not None


def test_taking_the_advice_helps():
    """Diverging, the offered rate falls; crawling, the offered rate falls much faster."""
    with coached("linear", lr=1.5, batch_size=64) as live:
        advice = after(live, 20)
        assert advice is not None
        values = dict(advice.knobs)
    for knobs, before in ((values, 1.5), (None, 2e-4)):
        if knobs is None:
            with coached("linear", lr=before) as live:
                advice = after(live, 100)
                assert said(advice) == "crawls"
                assert advice is not None
                knobs = dict(advice.knobs)
                slow = live.losses()[-1]
        else:
            slow = math.inf
        with coached("linear", **knobs) as live:
            after(live, 100)
            assert live.losses()[-1] < 0.5 * min(slow, 2.0)


def test_turning_a_knob_takes_the_verdict_away():
    with coached("throw", lr=1e-5) as live:
        assert said(after(live, 120)) == "stands still"
        live.do(Set({"lr": 2e-5}))
        assert live.until(lambda state: state.coach is None)


def test_a_run_without_a_step_has_no_advice(tmp_path: Path):
    with coached("linear") as live:
        assert live.ready().coach is None


def test_every_verdict_is_tried_causes_before_what_follows_from_them():
    names = [judge.__name__ for judge in JUDGES]
    assert len(set(names)) == len(CLEAR)
    assert names.index("explodes") < names.index("diverges")
    assert names.index("dead_units") < names.index("stands_still")
    assert names.index("no_signal") < names.index("overfits")
    assert callable(verdict)
