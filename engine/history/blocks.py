"""Blocks of 4,096 steps: how one series of losses is kept in memory and on disk.

The store fills and writes them; float64 values come back bit for bit, NaN and infinity too.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK_BITS = 12
BLOCK_STEPS = 1 << BLOCK_BITS
_FEWEST = 16  # a sparse series such as the validation loss fills little of a block


class Key(NamedTuple):
    """What names a block: a row of the table `losses`."""

    branch: int
    block: int
    series: str


class Block:
    """The values of one series over the steps block·4096 to block·4096 + 4095, ascending.

    `changes` counts what was put in, `saved` up to which of these the disk has it.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self.changes = 0
        self.saved = 0
        self.count = 0
        self._steps: Ints = np.empty(_FEWEST, np.int64)
        self._values: Floats = np.empty(_FEWEST, np.float64)

    @property
    def unsaved(self) -> bool:
        return self.changes != self.saved

    @property
    def last(self) -> int:
        return int(self._steps[self.count - 1])

    @property
    def complete(self) -> bool:
        """No later step belongs to this block."""
        return self.last == ((self.key.block + 1) << BLOCK_BITS) - 1

    def append(self, steps: Ints, values: Floats) -> None:
        """Add values at ascending steps, none before `last`; at `last` it replaces the value."""
        if self.count and steps[0] == self.last:
            self.count -= 1
        end = self.count + len(steps)
        while end > len(self._steps):
            self._steps = np.concatenate((self._steps, np.empty_like(self._steps)))
            self._values = np.concatenate((self._values, np.empty_like(self._values)))
        self._steps[self.count : end], self._values[self.count : end] = steps, values
        self.count = end
        self.changes += 1

    def content(self) -> tuple[Ints, Floats]:
        """Copies of the steps and the values."""
        return self._steps[: self.count].copy(), self._values[: self.count].copy()

    def packed(self) -> tuple[int, bytes | None, bytes]:
        """The first step, the steps (None where none is missing in between), the values."""
        steps = self._steps[: self.count]
        first = int(steps[0])
        dense = self.last - first + 1 == self.count
        values = self._values[: self.count].astype("<f8", copy=False)
        return first, None if dense else steps.astype("<i8", copy=False).tobytes(), values.tobytes()


def unpacked(first: int, steps: bytes | None, values: bytes) -> tuple[Ints, Floats]:
    """The reverse of `Block.packed`."""
    of = np.frombuffer(values, "<f8").astype(np.float64, copy=False)
    if steps is None:
        return np.arange(first, first + len(of), dtype=np.int64), of
    return np.frombuffer(steps, "<i8").astype(np.int64, copy=False), of


def split(steps: Ints, values: Floats) -> Iterator[tuple[int, Ints, Floats]]:
    """Ascending steps cut at the borders of blocks: block number, its steps, its values."""
    numbers = steps >> BLOCK_BITS
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    for begin, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(steps)], strict=True):
        yield int(numbers[begin]), steps[begin:end], values[begin:end]


def ascending(steps: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Sorted by step, with only the last value of a step that was given more than once."""
    gaps = np.diff(steps)
    if (gaps > 0).all():
        return steps, values
    if (gaps < 0).any():
        order = np.argsort(steps, kind="stable")
        steps, values = steps[order], values[order]
        gaps = np.diff(steps)
    keep = np.append(gaps > 0, True)
    return steps[keep], values[keep]
