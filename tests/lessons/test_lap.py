"""The lesson lap: what a batch costs, what it says, and why laps are shuffled."""

from itertools import pairwise
from statistics import fmean, stdev

import torch
from torch.func import functional_call

from .plain import Trained, trained
from .seeds import promise

STEPS_A_LAP = {200: 1, 20: 10, 1: 200}


@promise()
def test_after_one_lap_the_smallest_batch_is_furthest(seed: int):
    full, mini, single = (
        trained("lap", seed, steps, batch_size=size).loss for size, steps in STEPS_A_LAP.items()
    )
    assert single < mini < full


@promise()
def test_the_full_batch_goes_down_without_a_jolt_and_single_examples_jump(seed: int):
    full, mini, single = (trained("lap", seed, 400, batch_size=size) for size in STEPS_A_LAP)
    assert all(after < before for before, after in pairwise(full.losses[:100]))
    assert stdev(full.losses[200:]) < 0.1 * stdev(mini.losses[200:])
    assert stdev(mini.losses[200:]) < 0.5 * stdev(single.losses[200:])
    assert single.loss < 1.35 * full.loss


@promise()
def test_the_noise_of_the_gradient_shrinks_like_one_over_the_root_of_the_batch(seed: int):
    run = trained("lap", seed, 10)
    generator = torch.Generator().manual_seed(seed)
    off = {size: _off(run, size, generator) for size in (1, 4, 16)}
    assert 1.6 < off[1] / off[4] < 2.5
    assert 1.6 < off[4] / off[16] < 2.5


def _off(run: Trained, size: int, generator: torch.Generator) -> float:
    """Root mean square distance between the gradient of `size` examples and that of all."""
    x, y = run.parts[0] or (torch.empty(0), torch.empty(0))
    weights = {name: p.detach() for name, p in run.model.named_parameters()}

    def loss(w: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        prediction = functional_call(run.model, weights | {"w": w}, (x[rows],))
        return (prediction - y[rows]).square().mean()

    gradient = torch.func.grad(loss)
    true = gradient(weights["w"], torch.arange(len(x)))
    draws = [torch.randint(len(x), (size,), generator=generator) for _ in range(300)]
    apart = [(gradient(weights["w"], rows) - true).square().sum().item() for rows in draws]
    return fmean(apart) ** 0.5


@promise()
def test_in_order_single_examples_forget_the_other_end_of_the_curve(seed: int):
    shuffled = trained("lap", seed, 400, batch_size=1)
    ordered = trained("lap", seed, 400, batch_size=1, shuffle="off")
    assert ordered.valid_loss > 1.25 * shuffled.valid_loss


@promise()
def test_short_steps_even_out_what_single_examples_say(seed: int):
    long, short = (trained("lap", seed, 1000, batch_size=1, lr=lr) for lr in (0.05, 0.02))
    assert short.loss < long.loss
