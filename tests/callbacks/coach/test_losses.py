"""What losses say: trends against known lines, bands against noise of known kinds."""

import numpy as np
import pytest
from foghill.engine.callbacks.coach.losses import BLOCKS, RECENT, Band, Losses, outside, trend
from hypothesis import given, settings
from hypothesis import strategies as st

SEEDS = range(200)


def fed(values: object) -> Losses:
    losses = Losses()
    numbers = list(np.asarray(values, float))
    losses.add(range(1, len(numbers) + 1), numbers)
    return losses


def test_a_line_is_found_exactly():
    found = trend(np.linspace(5.0, 3.0, 400), 400)
    assert found.change == pytest.approx(-2.0, rel=0.01)
    assert found.error < 1e-9
    assert found.level == pytest.approx(4.0)
    assert (found.first, found.last, found.count, found.falls) == (1, 400, 400, True)


def test_pure_noise_seldom_looks_like_a_trend():
    """About one in twenty windows, as two standard errors promise (eight parts, six degrees)."""
    seen = [trend(1 + 0.1 * np.random.default_rng(seed).normal(size=160), 160) for seed in SEEDS]
    wrong = sum(abs(one.change) > 2 * one.error for one in seen)
    assert 2 <= wrong <= 36  # of 200; Student's t with six degrees gives 9 %
    assert np.median([one.spread for one in seen]) == pytest.approx(0.1, rel=0.1)
    assert np.median([one.jitter for one in seen]) == pytest.approx(0.1, rel=0.15)


def test_a_true_slope_is_within_two_errors_nearly_always():
    line = np.linspace(0.2, -0.2, 160)
    seen = [trend(1 + line + 0.1 * np.random.default_rng(s).normal(size=160), 160) for s in SEEDS]
    assert sum(abs(one.change + 0.4) <= 2 * one.error for one in seen) >= 160
    assert sum(one.falls for one in seen) >= 195


def test_lowest_start_latest_and_what_broke():
    losses = fed([4.0, 2.0, 3.0, np.inf, np.nan, 5.0])
    assert (losses.opening, losses.latest, losses.last) == ([4.0, 2.0, 3.0, 5.0], 5.0, 6)
    assert (losses.lowest, losses.lowest_step, losses.broken, losses.count) == (2.0, 2, 4, 4)
    assert losses.newest(2).tolist() == [3.0, 5.0]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3 * BLOCKS * 8))
def test_history_keeps_the_means_of_any_length(count: int):
    values = np.random.default_rng(count).uniform(1, 2, count)
    history = fed(values).history(4)
    assert len(history) == min(4, count)
    assert history.mean() == pytest.approx(values.mean(), abs=0.2)
    if count % 4 == 0 and count < BLOCKS:
        assert history.tolist() == pytest.approx([p.mean() for p in np.split(values, 4)])
    assert len(fed(values).recent) == min(count, RECENT)


def test_the_lowest_mean_is_no_lucky_batch():
    losses = fed([9.0, 5.0, 1e-6, 5.0, 2.0, 2.0, 2.0, 8.0, 8.0])
    assert losses.lowest_mean(1) == (1e-6, 3, 3)
    assert losses.lowest_mean(3) == (2.0, 5, 7)
    assert losses.lowest_mean(99)[1:] == (1, 9)


def test_the_lowest_mean_remembers_what_is_no_longer_kept_one_by_one():
    values = np.full(3 * RECENT, 3.0)
    values[1000:1400] = 1.0
    mean, first, last = fed(values).lowest_mean(20)
    assert mean == 1.0
    assert 1000 < first < last <= 1400


def test_halves_compare_medians():
    values = np.array([4.0] * 50 + [1.0] * 50)
    values[70] = 99.0
    assert trend(values, 100).halves == 0.25


def test_a_jump_leaves_the_band_at_its_third_loss():
    calm = 1 + 0.05 * np.random.default_rng(0).normal(size=100)
    seen = Band()
    seen.add(list(calm))
    for odd in (9.0, 8.0):  # a single odd batch, and two
        seen.add([odd])
        assert seen.left() is None
    seen.add([np.nan, 7.0])
    band = seen.left()
    assert band is not None
    newest, low, high = band
    assert newest == 7.0
    assert 0.5 < low < 1 < high < 2


def test_single_examples_as_batches_do_not_leave_it():
    """Squared errors of one example scatter by 140 %; the alarm stays silent."""
    for seed in SEEDS:
        values = np.random.default_rng(seed).chisquare(1, size=203)
        assert outside(values) is None


def test_a_fall_does_not_leave_it():
    assert outside(np.geomspace(10, 0.1, 203)) is None


def test_losses_below_zero_have_no_band():
    assert outside(np.array([1.0, -1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0])) is None


def test_since_when_it_stands_still():
    losses = fed([100.0, 50.0, 10.2, 10.1, 10.0, 10.0])
    assert losses.still_since(0.03) == (3, 10.2)
    assert losses.still_since(0.005) == (5, 10.0)
    assert fed([5.0]).still_since(0.1) == (1, 5.0)
