"""The lesson brakes: without one the held-out loss turns; what each of the five does about it."""

from functools import cache
from statistics import median

import torch
from foghill.engine.lessons import brakes

from .plain import trained
from .seeds import SEEDS, promise

BRAKES = {
    "weight decay": {"weight_decay": 1.0},
    "dropout": {"dropout": 0.5},
    "more data": {"points": 400},
    "augmentation": {"shift": 1},
}


@cache
def held_out(seed: int, brake: str = "") -> tuple[tuple[float, ...], float]:
    """Held-out losses at every tenth step, and the training loss at the end."""
    run = trained("brakes", seed, 400, valid_every=10, **BRAKES.get(brake, {}))
    return tuple(loss for _, loss in run.valid_losses), run.loss


def stopped(losses: tuple[float, ...], patience: int = 5) -> int:
    """Where early stopping ends: the number of that validation."""
    best = 0
    for place, loss in enumerate(losses):
        best = place if loss < losses[best] else best
        if place - best >= patience:
            return place
    return len(losses) - 1


@promise()
def test_without_a_brake_the_held_out_loss_turns_and_climbs(seed: int):
    losses, training = held_out(seed)
    best = losses.index(min(losses))
    assert 1 <= best <= 10
    assert losses[-1] > 1.08 * min(losses)
    assert training < 0.01


def test_it_turns_after_20_to_40_steps_from_most_starts():
    steps = [10 + 10 * losses.index(min(losses)) for losses, _ in map(held_out, SEEDS)]
    assert median(20 <= step <= 40 for step in steps)
    assert all(20 <= step <= 80 for step in steps)


@promise()
def test_early_stopping_weight_decay_and_more_data_end_lower(seed: int):
    losses, _ = held_out(seed)
    end = stopped(losses)
    assert end < 20
    assert losses[end] < losses[-1]
    assert held_out(seed, "weight decay")[0][-1] < losses[-1]
    more = held_out(seed, "more data")[0][-1]
    assert more < 0.75 * losses[-1]


def test_dropout_and_augmentation_end_lower_from_most_starts():
    for brake in ("dropout", "augmentation"):
        ratios = [held_out(seed, brake)[0][-1] / held_out(seed)[0][-1] for seed in SEEDS]
        assert median(ratios) < 1.0, brake


def test_more_data_is_the_lowest_of_all_from_most_starts():
    for seed in SEEDS:
        ends = {brake: held_out(seed, brake)[0][-1] for brake in BRAKES}
        assert min(ends, key=lambda brake: ends[brake]) == "more data"


@promise()
def test_too_much_weight_decay_learns_nothing(seed: int):
    run = trained("brakes", seed, 200, weight_decay=100)
    assert run.valid_loss > held_out(seed)[0][19]


def test_shifted_pictures_are_the_same_pictures_elsewhere():
    torch.manual_seed(0)
    x = torch.zeros(50, 1, 8, 8)
    x[:, 0, 4, 4] = 1.0
    moved = brakes.augment(x, shift=1)
    places = moved.flatten(1).argmax(1)
    assert moved.sum().item() == 50
    assert {(int(p) // 8 - 4, int(p) % 8 - 4) for p in places} == {
        (down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)
    }
    assert brakes.augment(x) is x
