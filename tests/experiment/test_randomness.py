"""Seeds, orders and generators that are put back."""

import random

import numpy as np
import pytest
import torch
from foghill.engine.experiment.randomness import (
    generators,
    item_seed,
    order,
    own_generators,
    seed_everything,
    set_generators,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import differing, drawn

seeds = st.integers(0, 2**32 - 1)


def draw() -> tuple[float, ...]:
    return torch.rand(()).item(), float(np.random.rand()), random.random()


@settings(deadline=None)
@given(seeds, st.integers(-1, 10_000), st.integers(1, 40))
def test_the_order_is_the_one_written_down(seed: int, epoch: int, n: int):
    generator = torch.Generator()
    generator.manual_seed(seed * 1_000_003 + epoch)
    assert torch.equal(order(seed, epoch, n), torch.randperm(n, generator=generator))


def test_orders_are_known_numbers():
    """Written down once: a change of torch or of ours shows."""
    assert order(0, 0, 8).tolist() == [4, 0, 7, 3, 2, 5, 1, 6]
    assert order(1, 3, 8).tolist() == [2, 6, 4, 5, 7, 0, 1, 3]


def test_different_seeds_and_passes_have_different_orders():
    """Also seeds that differ in high bits alone, of which torch would drop those shifted out."""
    found = {tuple(order(seed, e, 50).tolist()) for seed in (0, 1, 2**16, 2**31) for e in range(5)}
    assert len(found) == 20


def test_drawing_an_order_leaves_no_trace():
    before = drawn()
    order(3, 4, 100)
    assert not differing(before, drawn())


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_a_seed_reaches_torch_numpy_and_random(seed: int):
    seed_everything(seed)
    assert torch.initial_seed() == seed
    found = draw()
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    assert draw() == found


def test_generators_are_put_back_even_where_something_raised():
    seed_everything(3)
    draw()
    before = drawn()

    def look() -> None:
        with own_generators():
            draw()
            np.random.normal()  # leaves a second Gaussian behind in NumPy's state
            random.gauss(0, 1)
            raise KeyError

    with pytest.raises(KeyError):
        look()
    assert not differing(before, drawn())


def test_states_taken_down_are_not_changed_by_later_draws():
    states = generators()
    first = draw(), np.random.normal(), random.gauss(0, 1)
    set_generators(states)
    assert (draw(), np.random.normal(), random.gauss(0, 1)) == first
    set_generators(states)
    assert draw() == first[0]


@settings(deadline=None)
@given(seeds, st.integers(-1, 10**6), st.integers(0, 10**9))
def test_item_seeds_have_32_bits(seed: int, epoch: int, index: int):
    assert 0 <= item_seed(seed, epoch, index) < 2**32


def test_item_seeds_of_neighbours_differ():
    found = {item_seed(s, e, i) for s in range(10) for e in range(-1, 9) for i in range(100)}
    assert len(found) > 9_990  # of 10,000; the birthday problem expects 0.01 collisions
