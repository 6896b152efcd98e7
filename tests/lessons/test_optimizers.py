"""The lesson optimizers: three ways down a curved valley, and on a small network."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from foghill.engine.lessons import optimizers
from foghill.engine.lessons.optimizers import Network, Valley

from .plain import trained
from .seeds import promise

THREE: dict[str, dict[str, Any]] = {
    "sgd": {},
    "momentum": {"momentum": 0.9, "lr": 0.002},
    "adam": {"optimizer": "adam", "lr": 0.2},
}


def test_what_is_compared_is_what_it_is_called_whatever_the_run_becomes():
    """A knob turned on the run turns in every replica that has not its own."""
    momentum, adam = optimizers.compare
    assert momentum == THREE["momentum"] | {"optimizer": "sgd"}
    assert adam == THREE["adam"]


def test_the_valley_has_the_curvatures_that_the_text_names():
    valley = Valley((0.0, 0.0))
    with torch.no_grad():
        valley.x.fill_(1.0)
        valley.y.fill_(1 / 3)
    assert valley().item() < 1e-9
    parameters = [valley.x, valley.y]
    first = torch.autograd.grad(valley(), parameters, create_graph=True)
    rows = [torch.stack(torch.autograd.grad(g, parameters, retain_graph=True)) for g in first]
    flat, steep = torch.linalg.eigvalsh(torch.stack(rows)).tolist()
    assert steep == pytest.approx(521, abs=1)
    assert flat == pytest.approx(1.4, abs=0.05)


def test_the_network_has_as_many_weights_as_the_text_says():
    assert sum(p.numel() for p in Network().parameters()) == 321


@promise()
def test_momentum_and_adam_are_far_ahead_of_sgd_in_the_valley(seed: int):
    sgd, momentum, adam = (trained("optimizers", seed, 201, **knobs) for knobs in THREE.values())
    assert momentum.losses[100] < 0.01 < sgd.losses[100]
    assert momentum.losses[200] < adam.losses[200] < 0.25 * sgd.losses[200]
    assert sgd.losses[200] > 0.1


@promise()
def test_sgd_diverges_where_rate_times_curvature_is_above_two(seed: int):
    run = trained("optimizers", seed, 300, lr=0.005)
    assert not math.isfinite(run.losses[-1])


@promise()
def test_adams_first_step_is_the_rate_whatever_the_slope(seed: int):
    run = trained(
        "optimizers", seed, 1, look=lambda r: [p.item() for p in r.model.parameters()],
        **THREE["adam"],
    )  # fmt: skip
    (x, y), (x_after, y_after) = run.seen
    assert abs(x_after - x) == pytest.approx(0.2, rel=1e-3)
    assert abs(y_after - y) == pytest.approx(0.2, rel=1e-3)


@promise()
def test_adams_later_steps_are_shorter_where_gradients_shrink(seed: int):
    run = trained(
        "optimizers", seed, 140, look=lambda r: [p.item() for p in r.model.parameters()],
        optimizer="adam", lr=0.003,
    )  # fmt: skip
    assert max(abs(a - b) for a, b in zip(*run.seen[-2:], strict=True)) < 0.0006


@promise()
def test_more_momentum_rolls_past_more_often(seed: int):
    def turns(momentum: float) -> int:
        look = lambda run: run.model.x.item()  # noqa: E731
        seen = trained("optimizers", seed, 400, lr=0.001, momentum=momentum, look=look).seen
        return sum((a - 1) * (b - 1) < 0 for a, b in pairwise(seen))

    assert turns(0.99) > turns(0.9)


@promise()
def test_adam_is_first_on_the_network(seed: int):
    def first_below(**knobs: object) -> int:
        losses = trained("optimizers", seed, 401, task="network", **knobs).losses
        return next((step for step, loss in enumerate(losses) if loss < 0.02), 9999)

    adam = min(first_below(optimizer="adam", lr=lr) for lr in (0.01, 0.05))
    sgd = min(first_below(lr=lr) for lr in (0.01, 0.05))
    assert adam < 110
    assert adam < sgd
