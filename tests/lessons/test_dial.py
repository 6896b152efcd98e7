"""The lesson dial: four fates of a learning rate, a band of good ones, and the finder's advice."""

import math
from statistics import fmean, median
from types import SimpleNamespace
from typing import Any

from foghill.engine.callbacks.comparison.finder import RateFinder
from foghill.engine.protocol.commands import FindRate
from foghill.engine.training.training import Training

from .plain import experiment, trained
from .seeds import promise

NOISE = 0.04  # variance


def last(losses: list[float]) -> float:
    """The mean over the last epoch, as the pictures show it."""
    return fmean(losses[-20:])


def final(seed: int, lr: float, **more: object) -> float:
    return last(trained("dial", seed, 300, lr=lr, **more).losses)


@promise()
def test_the_loss_crawls_gets_there_late_is_fine_bounces_and_explodes(seed: int):
    crawls, late, fine, bounces, explodes = (
        trained("dial", seed, 300, lr=lr).losses for lr in (0.001, 0.01, 0.1, 0.7, 2.0)
    )
    assert last(crawls) > 0.4 * fmean(crawls[:20])
    assert last(fine) < 1.25 * NOISE
    assert median(late[40:60]) > 3 * median(fine[40:60])
    assert last(late) < 1.5 * last(fine)
    assert all(map(math.isfinite, bounces))
    assert fmean(bounces[100:]) > 1.25 * fmean(fine[100:])
    assert max(explodes[:50]) > 1e6 * explodes[0]


@promise()
def test_the_band_reaches_from_one_hundredth_to_three_tenths_for_sgd(seed: int):
    best = min(final(seed, lr) for lr in (0.03, 0.1))
    assert all(final(seed, lr) <= 1.5 * best for lr in (0.01, 0.3))
    assert final(seed, 0.003) > 1.5 * best
    assert not final(seed, 1.0) <= 1.5 * best


@promise()
def test_adams_band_is_another_and_it_does_not_explode(seed: int):
    best = min(final(seed, lr, optimizer="adam") for lr in (0.01, 0.03))
    assert final(seed, 0.03, optimizer="adam") <= 1.5 * best
    assert final(seed, 0.003, optimizer="adam") > 1.5 * best
    assert final(seed, 0.3, optimizer="adam") > 1.5 * best
    wild = trained("dial", seed, 300, lr=3, optimizer="adam").losses
    assert max(wild) < 1000


@promise()
def test_with_all_points_at_once_even_seven_tenths_settles(seed: int):
    run = trained("dial", seed, 100, lr=0.7, batch_size=200)
    assert run.loss < 1.25 * NOISE


@promise()
def test_the_finder_suggests_a_rate_of_the_band(seed: int):
    for optimizer in ("sgd", "adam"):
        sweep = _swept(seed, optimizer)
        assert sweep.suggestion is not None
        assert final(seed, sweep.suggestion, optimizer=optimizer) < 1.5 * NOISE
        assert sweep.suggestion < sweep.lowest


def _swept(seed: int, optimizer: str) -> Any:
    loaded = experiment("dial", seed=seed, optimizer=optimizer)
    t = Training(loaded, True, "", {*loaded.settings, "optimizer"})
    finder = RateFinder(
        SimpleNamespace(t=t, status="running", pictures_changed=lambda: None)  # type: ignore[arg-type]
    )
    finder.begin(FindRate())
    while finder.going:
        finder.go_on()
    return finder.found
