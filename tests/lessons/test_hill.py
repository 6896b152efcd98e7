"""hill: the thresholds its text names, on real runs and in plain torch, to the last bit."""

from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Set, Speed, Step
from foghill.engine.protocol.pictures import Landscape
from foghill.engine.protocol.views import PictureRequest
from sessions import Live

from lessons.plain import Trained, trained

CURVATURE = 0.5
FLOOR = 2.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def overshoots(beta: float) -> float:
    """The learning rate of critical damping, (1 − √β)² / c."""
    return (1 - sqrt(beta)) ** 2 / CURVATURE


def diverges(beta: float) -> float:
    """The learning rate at which |z| = 1 for a root of z² − (1 + β − ηc) z + β."""
    return 2 * (1 + beta) / CURVATURE


def real(steps: int, **settings: object) -> tuple[list[float], list[float]]:
    """The losses of a real run, and w at the start and after each step as its picture has it."""
    with Live(Path("hill")) as live:
        live.ready()
        live.do(Speed(0))
        live.do(Set({"stop": "", **settings}))  # type: ignore[dict-item]
        live.do(Step("step", steps))
        live.until(lambda s: s.step == steps and s.status == "paused")
        view = live.look(PictureRequest("hill"))
        assert isinstance(view, Landscape)
        return live.losses(), view.trail.x


def plain_way(steps: int, **settings: object) -> list[float]:
    def where(run: Trained) -> float:
        return run.model.w.item()

    return trained("hill", 0, steps, look=where, **settings).seen


def test_height_and_slope_are_the_formula():
    for start in (-3.0, 0.25, 1.9, 7.5):
        run = trained("hill", 0, 1, start=start)
        w = torch.tensor(start)
        assert run.losses == [(0.25 * (w - 2) ** 2 + 0.4).item()]
        assert run.model.w.grad.item() == (0.5 * (w - 2)).item()


def test_as_it_comes_the_trail_nears_the_bottom_from_one_side():
    at = plain_way(20)
    expected = [2 - 5 * 0.75**k for k in range(21)]  # w ← w − lr · ½ (w − 2), lr ½
    assert at == pytest.approx(expected, abs=1e-5)
    assert all(a < b < FLOOR for a, b in pairwise(at))


@pytest.mark.parametrize("beta", [0.0, 0.25, 0.5, 0.8, 0.9])
def test_it_overshoots_above_critical_damping_and_not_below(beta: float):
    below = plain_way(300, lr=0.97 * overshoots(beta), momentum=beta)
    above = plain_way(300, lr=1.1 * overshoots(beta), momentum=beta)
    assert max(below) <= FLOOR
    assert max(above) > FLOOR + 1e-4


@pytest.mark.parametrize("beta", [0.0, 0.25, 0.5, 0.8, 0.9])
def test_it_diverges_above_the_limit_and_not_below(beta: float):
    below = plain_way(300, lr=0.99 * diverges(beta), momentum=beta)
    above = plain_way(300, lr=1.01 * diverges(beta), momentum=beta)
    assert abs(below[-1] - FLOOR) < abs(below[0] - FLOOR) / 10
    assert not abs(above[-1] - FLOOR) < abs(above[0] - FLOOR) * 10


def test_the_thresholds_are_two_and_four_without_momentum():
    assert (overshoots(0.0), diverges(0.0)) == (2.0, 4.0)
    there = plain_way(3, lr=2.0)
    assert there == [-3.0, 2.0, 2.0, 2.0]
    assert plain_way(4, lr=4.0) == [-3.0, 7.0, -3.0, 7.0, -3.0]


@pytest.mark.parametrize(
    ("lr", "momentum"),
    [
        (0.5, 0.0),
        (2.2, 0.0),
        (4.04, 0.0),
        (1.1 * overshoots(0.5), 0.5),
        (0.99 * diverges(0.9), 0.9),
    ],
)
def test_a_real_run_goes_the_plain_way_bit_for_bit(lr: float, momentum: float):
    losses, at = real(40, lr=lr, momentum=momentum)
    assert losses == trained("hill", 0, 40, lr=lr, momentum=momentum).losses
    assert at == plain_way(40, lr=lr, momentum=momentum)


def test_the_picture_shows_the_slope_and_the_way_to_come(tmp_path: Path):
    expected = plain_way(20, lr=2.5)
    with Live(Path("hill")) as live:
        live.ready()
        live.do(Set({"lr": 2.5}))
        for taken in range(4):
            if taken:
                live.do(Step("step", 1))
                live.until(lambda s, n=taken: s.step == n and s.status == "paused")
            view = live.look(PictureRequest("hill", 60, 12))
            assert isinstance(view, Landscape)
            w = expected[taken]
            assert view.trail.x == expected[: taken + 1]
            assert view.slope == (0.5 * (w - 2),)
            assert view.trail.loss[-1] == (0.25 * (torch.tensor(w) - 2) ** 2 + 0.4).item()
            assert view.update == (expected[taken + 1] - w,)
            assert view.ahead is not None
            assert view.ahead.x == expected[taken:]
            assert view.lowest == pytest.approx((2.0, 0.4))
            ready = "ready at the selected starting point" in view.notes
            assert ready == (taken == 0)
