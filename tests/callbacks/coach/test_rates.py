"""Verdicts on the length of the step, on numbers made for each."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from foghill.engine.callbacks.coach.evidence import Evidence
from foghill.engine.callbacks.coach.look import Look
from foghill.engine.callbacks.coach.losses import Losses
from foghill.engine.callbacks.coach.rates import batch_too_small, bounces, crawls, stands_still
from foghill.engine.callbacks.coach.trial import Anew, Trial
from foghill.engine.callbacks.coach.words import n
from foghill.engine.protocol.knob import Knob
from foghill.engine.protocol.state import Advice

LR = Knob(name="lr", kind="float", value=0.1, default=0.1, low=0.0, log=True)
BATCH = Knob(name="batch_size", kind="int", value=2, default=2, low=1)


def evidence(values: object, trial: dict[float, float], now: float, **more: Any) -> Evidence:
    """`trial`: the loss that each factor brings from `now`."""
    numbers = [float(v) for v in np.asarray(values)]
    losses = Losses()
    losses.add(range(1, len(numbers) + 1), numbers)
    look: dict[str, Any] = {"limit": 0.2, "trial": Trial(40, now, trial)}
    look |= {name: more.pop(name) for name in ("limit", "batch_losses", "lowest") if name in more}
    seen = Look(len(numbers), 100, True, now, 1.0, (), (), 0.1, **look)
    return Evidence(
        step=len(numbers),
        epoch=3,
        losses=losses,
        look=seen,
        trivial=1.0,
        knobs={"lr": LR, "batch_size": BATCH},
        values={"lr": 0.1, "batch_size": 2},
        **more,
    )


RNG = np.random.default_rng(0)
UP_AND_DOWN = 0.6 + 0.3 * RNG.uniform(-1, 1, 200)
FLAT = np.full(200, 0.8)
NOISY = 0.8 * RNG.chisquare(1, 100)


def test_bounces_where_a_tenth_of_the_rate_mends_it():
    advice = bounces(evidence(UP_AND_DOWN, {1.0: 0.6, 0.1: 0.2, 10.0: 9.0}, 0.6))
    assert advice is not None
    assert advice.knobs == {"lr": pytest.approx(0.01)}
    assert f"{UP_AND_DOWN[100:].min():.3g}" in advice.sentence
    assert "40 steps take 0.6 to 0.6, at lr ÷ 10 to 0.2" in advice.sentence


def test_bounces_where_the_same_steps_at_a_tenth_of_the_rate_lead_far_lower():
    """Also where no step from here helps: the weights may be thrown far off."""
    stuck = {1.0: 0.6, 0.1: 0.6, 10.0: 9.0}

    def said(
        loss: float, values: Any = UP_AND_DOWN, now: float = 0.6, **more: Any
    ) -> Advice | None:
        return bounces(evidence(values, stuck, now, anew=lambda: Anew(0, 200, loss), **more))

    advice = said(0.3)
    assert advice is not None
    assert advice.sentence.endswith("; from the start, 200 steps at lr ÷ 10 reach 0.3")
    assert advice.knobs == {"lr": pytest.approx(0.01)}
    falling = said(0.05, np.geomspace(3.0, 0.6, 200))
    assert falling is not None
    assert said(0.45) is None  # not far lower
    mended = {1.0: 0.6, 0.1: 0.2, 10.0: 9.0}
    worse = evidence(UP_AND_DOWN, mended, 0.6, anew=lambda: Anew(0, 200, 1.0))
    assert bounces(worse) is None  # as many shorter steps would have brought it less far
    fewer = evidence(UP_AND_DOWN, mended, 0.6, anew=lambda: Anew(0, 50, 1.0))
    assert bounces(fewer) is not None
    assert said(0.3, now=0.25) is None  # it is lower already
    assert said(0.003, UP_AND_DOWN / 20, now=0.03) is None  # nearly all is learned
    assert bounces(evidence(UP_AND_DOWN, stuck, 0.6)) is None


def test_no_bounce_where_it_falls_or_nothing_would_be_won_or_all_is_learned():
    assert bounces(evidence(np.geomspace(1, 0.1, 200), {1.0: 0.05, 0.1: 0.09}, 0.1)) is None
    assert bounces(evidence(UP_AND_DOWN, {1.0: 0.58, 0.1: 0.57}, 0.6)) is None
    assert bounces(evidence(UP_AND_DOWN / 50, {1.0: 0.01, 0.1: 0.001}, 0.012)) is None


def test_what_falls_through_odd_batches_does_not_bounce():
    """A healthy run: medians of its halves 0.14 and 0.07, and one batch of 0.68."""
    values = np.r_[np.geomspace(1.1, 0.2, 36), np.geomspace(0.2, 0.05, 36)]
    values[36 + 20] = 0.68
    mended = {1.0: 0.034, 0.1: 0.022, 10.0: 1.1}
    assert bounces(evidence(values, mended, 0.09)) is None
    assert bounces(evidence(UP_AND_DOWN, {1.0: 0.3, 0.1: 0.27, 10.0: 9.0}, 0.6)) is None


def test_not_falling_is_said_only_where_it_does_not_fall():
    mended = {1.0: 0.6, 0.1: 0.2, 10.0: 9.0}
    flat = bounces(evidence(UP_AND_DOWN, mended, 0.6))
    assert flat is not None
    assert "not falling" in flat.sentence
    slow = UP_AND_DOWN * np.linspace(1.3, 0.8, 200)
    falling = bounces(evidence(slow, mended, 0.6))
    assert falling is not None
    assert "not falling" not in falling.sentence
    first, second = np.median(slow[100:150]), np.median(slow[150:])
    assert f"median {first:.3g} in their first half, then {second:.3g}" in falling.sentence


def test_what_a_crawl_was_and_is_are_measured_alike():
    """The examples looked at against the same before the first step; else batches and batches."""
    slow = np.linspace(5.75, 5.68, 200) + RNG.normal(size=200)
    slow[0] = 4.82
    won = {1.0: 5.675, 0.1: 5.68, 10.0: 5.3}
    seen = evidence(slow, won, 5.68, limit=50.0, batch=32, examples=400)
    first = replace(seen.look, step=0, loss=5.76)
    advice = crawls(replace(seen, first=first, trivial=5.7))
    assert advice is not None
    assert advice.sentence.startswith("loss 5.68 at step 200, was 5.76 at step 0;")
    advice = crawls(replace(seen, trivial=5.7))
    assert advice is not None
    then, now = slow[:13].mean(), slow[-13:].mean()
    assert advice.sentence.startswith(
        f"loss {n(now)} over steps 188 to 200, was {n(then)} over steps 1 to 13;"
    )


def test_crawls_where_ten_times_the_rate_wins_many_times_as_much():
    slow = np.linspace(1.0, 0.97, 200)
    advice = crawls(evidence(slow, {1.0: 0.965, 0.1: 0.97, 10.0: 0.8}, 0.97, limit=50.0))
    assert advice is not None
    assert advice.knobs == {"lr": 1.0}
    far = crawls(evidence(slow, {1.0: 0.965, 0.1: 0.97, 10.0: 0.8}, 0.97, limit=500.0))
    assert far is not None
    assert far.knobs == {"lr": 10.0}
    assert crawls(evidence(slow, {1.0: 0.965, 10.0: 0.8}, 0.97, limit=0.5)) is None  # unsafe
    assert crawls(evidence(slow, {1.0: 0.6, 10.0: 0.1}, 0.97, limit=50.0)) is None  # fast enough


def test_stands_still_only_while_much_is_in_reach_and_no_rate_gets_it():
    stuck = {1.0: 0.799, 0.1: 0.8, 10.0: 99.0}
    advice = stands_still(evidence(FLAT, stuck, 0.8, lowest=0.01))
    assert advice is not None
    assert "0.01 is in reach" in advice.sentence
    assert stands_still(evidence(FLAT, stuck, 0.8, lowest=0.75)) is None  # has arrived
    assert stands_still(evidence(FLAT, stuck | {10.0: 0.3}, 0.8, lowest=0.01)) is None
    assert stands_still(evidence(FLAT, stuck, 0.8, lowest=0.01, limit=90.0)) is None


def test_a_step_a_thousandth_of_what_is_stable_crawls_whatever_the_batches_say():
    scattered = tuple(0.8 * RNG.chisquare(1, 8))
    known = {"batch_losses": scattered, "batch": 2, "examples": 400}
    won = {1.0: 0.78, 0.1: 0.798, 10.0: 0.6}
    for limit, crawling in ((20.0, False), (200.0, True)):
        seen = evidence(NOISY, won, 0.8, limit=limit, **known)
        assert (crawls(seen) is not None) == crawling
        assert batch_too_small(seen) is not None


def test_losses_that_fall_farther_than_the_examples_together_fall_by_chance():
    scattered = tuple(0.8 * RNG.chisquare(1, 8))
    calm = {1.0: 0.8, 0.1: 0.8, 10.0: 0.8}
    falling = NOISY + np.linspace(5, 0, 100)
    seen = evidence(falling, calm, 0.8, batch_losses=scattered, batch=2, examples=400)
    assert seen.look is not None
    assert seen.trend is not None
    assert seen.trend.change < -3 * seen.trend.error
    first = replace(seen.look, step=0, loss=0.85)
    assert batch_too_small(replace(seen, first=first)) is not None
    assert batch_too_small(replace(seen, first=replace(first, loss=9.0))) is None


def test_a_rate_of_0_is_said_to_be_0():
    seen = evidence(FLAT, {1.0: 0.8, 0.1: 0.8, 10.0: 0.8}, 0.8, lowest=0.01)
    assert seen.look is not None
    advice = stands_still(replace(seen, look=replace(seen.look, rate=0.0)))
    assert advice is not None
    assert advice.sentence == "the learning rate is 0: no step changes anything"
    assert (advice.remedy, advice.knobs) == ("an lr above 0", {})


def test_losses_that_climb_by_chance_hide_that_the_whole_falls():
    climbing = NOISY + np.linspace(0, 3, 100)
    scattered = tuple(0.8 * RNG.chisquare(1, 8))
    calm = {1.0: 0.8, 0.1: 0.8, 10.0: 0.8}
    seen = evidence(climbing, calm, 0.8, batch_losses=scattered, batch=2, examples=400)
    assert seen.trend is not None
    assert seen.trend.change > 2.5 * seen.trend.error
    assert seen.look is not None
    assert batch_too_small(seen) is None
    assert batch_too_small(replace(seen, first=replace(seen.look, step=0, loss=0.9))) is not None


def test_a_batch_is_too_small_while_its_scatter_hides_any_trend():
    scattered = tuple(0.8 * RNG.chisquare(1, 8))
    calm = {1.0: 0.8, 0.1: 0.8, 10.0: 0.8}
    advice = batch_too_small(
        evidence(NOISY, calm, 0.8, batch_losses=scattered, batch=2, examples=400)
    )
    assert advice is not None
    assert advice.knobs == {"batch_size": 16}
    for change in ({"examples": 4}, {"batch_losses": (0.8, 0.81, 0.8, 0.79)}):
        options = {"batch_losses": scattered, "batch": 2, "examples": 400} | change
        assert batch_too_small(evidence(NOISY, calm, 0.8, **options)) is None
    long = 0.8 * RNG.chisquare(1, 4000)  # by now its means tell
    assert (
        batch_too_small(evidence(long, calm, 0.8, batch_losses=scattered, batch=2, examples=400))
        is None
    )
