"""What the coach says of real trainings, and that its numbers are the run's own.

How often it is right is measured by `bench/coach.py`; here stands one clear case of each.
"""

import math
from pathlib import Path

import pytest
from coached import advised, after, coached
from foghill.engine.coach_verdicts import JUDGES, n, verdict
from foghill.engine.protocol.commands import Set
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
