"""line: one parameter, then two; the gradient four ways; squares against absolute errors."""

from typing import Any

import pytest
import torch

from lessons.plain import Trained, experiment, trained
from lessons.seeds import promise


def w_and_b(run: Trained) -> tuple[float, float]:
    return run.model.w.item(), run.model.b.item()


@promise()
def test_with_b_frozen_w_finds_its_place_and_the_loss_stays_high(seed: int):
    run = trained("line", seed)
    w, b = w_and_b(run)
    assert w == pytest.approx(2, abs=0.3)
    assert b == 0
    assert run.loss > 0.5


@promise()
def test_with_both_only_the_noise_is_left(seed: int):
    run = trained("line", seed, learn_b=True)
    assert w_and_b(run) == pytest.approx((2, -1), abs=0.35)
    assert run.loss < 0.15


@promise()
def test_long_steps_jump_across_and_too_long_ones_fly_away(seed: int):
    run = trained("line", seed, steps=40, lr=0.5, look=lambda r: r.model.w.item())
    sides = [w > run.seen[-1] for w in run.seen[:6]]
    assert sides in ([True, False] * 3, [False, True] * 3)
    assert run.loss == pytest.approx(trained("line", seed).loss, abs=1e-3)
    assert max(trained("line", seed, steps=10, lr=0.8).losses) > 100


def test_the_thresholds_are_those_of_the_curvature():
    x, _ = experiment("line").call("data")
    curvature = (2 * x**2).mean().item()
    assert (round(1 / curvature, 2), round(2 / curvature, 2)) == (0.34, 0.68)


@promise()
def test_one_far_point_pulls_squares_and_hardly_absolute_errors(seed: int):
    away = w_and_b(trained("line", seed, learn_b=True, outlier=20))
    kept = w_and_b(trained("line", seed, learn_b=True, outlier=20, loss="mae"))
    assert away[0] > 3
    assert away[1] > -0.5
    assert kept == pytest.approx((2, -1), abs=0.35)


@promise()
def test_four_ways_to_one_gradient(seed: int):
    for loss in ("auto", "mae", "huber"):
        e = experiment("line", learn_b=True, loss=loss, outlier=5)
        torch.manual_seed(seed)
        x, y = e.call("data")
        model = e.call("model")
        of = {"auto": torch.nn.MSELoss(), "mae": torch.nn.L1Loss(), "huber": torch.nn.HuberLoss()}

        def at(w: Any, b: Any, x: Any = x, y: Any = y, of: Any = of[loss]) -> Any:
            return of(w * x + b, y)

        at(model.w, model.b).backward()
        expected = [model.w.grad.item(), model.b.grad.item()]
        w, b, e_ = model.w.item(), model.b.item(), 1e-6
        xs, ys = x.double(), y.double()
        nudged = [
            (at(w + e_, b, xs, ys) - at(w - e_, b, xs, ys)).item() / (2 * e_),
            (at(w, b + e_, xs, ys) - at(w, b - e_, xs, ys)).item() / (2 * e_),
        ]
        by_hand = e.call("gradient", model, x, y)
        by_numpy = e.call("gradient_numpy", model, x, y)
        assert nudged == pytest.approx(expected, abs=1e-4)
        for way in (by_hand, by_numpy):
            found = [float(torch.as_tensor(way[name]).detach()) for name in ("w", "b")]
            assert found == pytest.approx(expected, abs=1e-4)


@promise()
def test_the_numpy_loop_is_the_torch_loop_and_both_are_the_training(seed: int):
    for loss in ("auto", "mae", "huber"):
        e = experiment("line", learn_b=True, loss=loss)
        e.values["seed"] = seed
        torch.manual_seed(seed)
        x, y = e.call("data")
        with torch.no_grad():
            shown = e.call("view_numpy", None, x, y)
        rows = shown["two loops, one start"][1:]
        assert [row[0] for row in rows][-1] == "100"
        for row in rows:
            assert row[1::2] == row[2::2]
        losses = trained("line", seed, learn_b=True, steps=100, loss=loss).losses
        for epoch, found, *_ in rows[:-1]:
            assert float(found) == pytest.approx(losses[int(epoch)], rel=1e-4, abs=2e-6)


@pytest.mark.parametrize(
    ("loss", "each"), [("auto", "error²"), ("mae", "|error|"), ("huber", "huber")]
)
def test_the_sums_are_the_runs_loss_and_its_gradient(loss: str, each: str):
    e = experiment("line", loss=loss, outlier=5)
    x, y = e.call("data")
    model = e.call("model")
    model.b.requires_grad_()
    criterion = {"mae": torch.nn.L1Loss(), "huber": torch.nn.HuberLoss()}.get(loss)
    expected = (criterion or torch.nn.MSELoss())(model(x), y)
    expected.backward()
    model.b.requires_grad_(False)
    with torch.no_grad():
        words, (heading, *rows) = e.call("view_sums", model, x, y).values()
    first, second, third, frozen = words.splitlines()
    assert float(first.split("=")[-1]) == pytest.approx(expected.item(), rel=1e-4)
    assert float(second.split("=")[-1]) == pytest.approx(model.w.grad.item(), rel=1e-3)
    assert float(third.split("=")[-1]) == pytest.approx(model.b.grad.item(), rel=1e-3)
    assert frozen.startswith("b is frozen")
    heights = [float(row[heading.index(each)]) for row in rows]
    assert sum(heights) / len(rows) == pytest.approx(expected.item(), abs=1e-3)
