"""Whether labels hang together with inputs, on data made with and without a connection."""

import math

import pytest
import torch
from foghill.engine.callbacks.coach.signal import Signal, signal, trivial_loss
from foghill.engine.training.losses import built_in


def found(x: torch.Tensor, y: torch.Tensor) -> Signal:
    one = signal(x, y)
    assert one is not None
    return one


def drawn(seed: int, points: int = 300) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(points, 4, generator=generator), torch.rand(points, generator=generator)


def test_a_connection_is_beyond_doubt():
    for seed in range(20):
        x, u = drawn(seed)
        assert found(x, x @ torch.tensor([1.0, -1.0, 0.5, 0.0]) + u).strength > 5
        assert found(x, (x[:, 0] > 0).long()).strength > 5
        assert found(x, (x[:, 0] * x[:, 1] > 0).long()).near > 5  # no line sees this one


def test_labels_of_their_own_look_like_shuffled_ones():
    """Strengths of 3 and more come about as often as among normal numbers."""
    classes = [found(drawn(s)[0], (drawn(s)[1] * 3).long()).strength for s in range(60)]
    numbers = [found(*drawn(s)).strength for s in range(60)]
    for strengths in (classes, numbers):
        assert sum(s > 3.5 for s in strengths) <= 1
        assert max(strengths) < 5


def test_neighbours_and_chance_are_shares():
    x = torch.cat([torch.zeros(50, 1), torch.full((50, 1), 9.0)]) + torch.randn(100, 1) * 0.1
    y = torch.cat([torch.zeros(50), torch.ones(50)]).long()
    one = found(x, y)
    assert (one.classes, one.neighbours, one.rows) == (True, 1.0, 100)
    assert one.chance == pytest.approx(0.5)


def test_what_cannot_be_judged():
    x, y = drawn(0)
    assert signal(x[:20], y[:20]) is None  # too few
    assert signal(x.long(), y) is None  # tokens
    assert signal(None, y) is None
    assert signal(x, torch.zeros(300).long()) is None  # one class
    assert signal(x, torch.arange(300)) is None  # names, not classes


def test_guessing_costs_the_entropy_or_the_variance():
    y = torch.tensor([0, 0, 0, 1])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    loss = built_in("cross_entropy")
    assert trivial_loss(loss, y, torch.zeros(4, 2)) == pytest.approx(entropy)
    numbers = torch.tensor([1.0, 2.0, 6.0])
    variance = numbers.var(correction=0).item()
    assert trivial_loss(built_in("mse"), numbers, torch.zeros(3, 1)) == pytest.approx(variance)
    absolute = (numbers - numbers.median()).abs().mean().item()
    assert trivial_loss(built_in("mae"), numbers, torch.zeros(3, 1)) == pytest.approx(absolute)


def test_a_loss_with_a_mind_of_its_own_says_nothing():
    def own(prediction: object, target: object) -> torch.Tensor:
        raise RuntimeError("wants a dict")

    assert trivial_loss(own, torch.ones(3), torch.ones(3, 1)) is None
    assert trivial_loss(None, torch.ones(3), torch.ones(3, 1)) is None
