"""Seeds and generators: same seed, same numbers; looking never changes training.

Only the session thread draws from the global generators. Whatever a view, a validation or a
rebuild draws is drawn inside `own_generators`, which puts everything back.
"""

import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

ORDER_STRIDE = 1_000_003
_MASK64 = (1 << 64) - 1


class Generators(NamedTuple):
    """States of every global generator that user code may draw from."""

    torch: Tensor
    cuda: Tensor | None
    numpy: dict[str, Any]
    python: tuple[Any, ...]


def seed_everything(seed: int) -> None:
    """Seed torch (every device), NumPy and `random` with `seed`, 0 … 2³² − 1."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def generators() -> Generators:
    """The present states. About 50 µs, most of it NumPy's."""
    cuda = torch.cuda.get_rng_state() if torch.cuda.is_initialized() else None
    numpy_state: dict[str, Any] = np.random.get_state(legacy=False)  # pyright: ignore[reportAssignmentType]
    return Generators(torch.get_rng_state(), cuda, numpy_state, random.getstate())


def set_generators(states: Generators) -> None:
    torch.set_rng_state(states.torch)
    if states.cuda is not None:
        torch.cuda.set_rng_state(states.cuda)
    np.random.set_state(states.numpy)
    random.setstate(states.python)


@contextmanager
def own_generators() -> Generator[None]:
    """What is drawn inside leaves no trace outside."""
    before = generators()
    try:
        yield
    finally:
        set_generators(before)


def order(seed: int, epoch: int, n: int) -> Tensor:
    """The order of `n` examples in pass `epoch` (−1: the order that splits), int64 `[n]`.

    Draws from a generator of its own. Only the low 32 bits of a seed reach torch's CPU
    generator, hence a product rather than a shift.
    """
    generator = torch.Generator().manual_seed(seed * ORDER_STRIDE + epoch)
    return torch.randperm(n, generator=generator)


def item_seed(seed: int, epoch: int, index: int) -> int:
    """A 32-bit seed for one item of a `Dataset` (splitmix64's finaliser over the three)."""
    z = ((seed * ORDER_STRIDE + epoch) * 0x9E3779B97F4A7C15 + index) & _MASK64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK64
    return (z ^ (z >> 31)) & 0xFFFFFFFF


def held_out_rows(n: int, valid: float, seed: int) -> tuple[Tensor, Tensor]:
    """Indices to train on and to hold out: the first round(valid · n) of order(seed, −1, n).

    Both parts keep the data's own order.
    """
    count = round(valid * n)
    mask = torch.zeros(n, dtype=torch.bool)
    mask[order(seed, -1, n)[:count]] = True
    rows = torch.arange(n)
    return rows[~mask], rows[mask]
