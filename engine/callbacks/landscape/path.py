"""Where a model has been: a few dozen snapshots of its weights, thinned as it goes on.

`outlook.py` notes them with the reports while somebody looks at the hill, and finds the path's
principal directions from them. A run of up to 64 numbers has its `trail.Trail` instead; the
replicas of a comparison have a path in any case.
"""

import time
from math import nan

import torch
from torch import Tensor

from ...training.training import Training
from .landscape import flat

LARGEST = 5_000_000  # numbers of a model whose path is kept
MOST = 50  # snapshots
SMALL, MANY = 64, 400  # a model of so few numbers has so many
FEWEST = 8
NUMBERS = 40_000_000  # of all of them together
PAUSE = 40  # a snapshot that took t waits 40 t


class Path:
    """`steps`, `weights` (flat) and `losses` of the snapshots, from the oldest to the newest."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.weights: list[Tensor] = []
        self.losses: list[float] = []
        self._size = 0
        self._stride = self._skipped = 0
        self._free_at = 0.0
        self._followed: object = None

    def begin(self, t: Training) -> None:
        """Data or model are new. At step 0, or with other numbers, the path begins anew."""
        if not t.step or t.numbers != self._size:
            self.__init__()
        self._size = t.numbers
        self.weights = [weights.to(t.device) for weights in self.weights]

    def suits(self, t: Training) -> bool:
        """Whether the snapshots, of which there are some, are of a model with as many numbers."""
        return bool(self.steps) and t.numbers == self._size

    @property
    def kept(self) -> bool:
        """Whether this model's path is kept at all."""
        return self._size <= LARGEST

    @property
    def most(self) -> int:
        if self._size <= SMALL:
            return MANY
        return max(FEWEST, min(MOST, NUMBERS // self._size))

    def note(self, t: Training, loss: float) -> None:
        """Note where the model stands, if it moved and it is time again."""
        now = time.monotonic()
        if not self.kept or now < self._free_at:
            return
        self._keep(t, t.step, loss)
        self._free_at = now + PAUSE * (time.monotonic() - now)

    def follow(self, t: Training) -> None:
        """Note a replica's every step, where it is small; else note it now.

        The hook is on the replica's own optimizer and only reads.
        """
        if self._size > SMALL:
            self.note(t, nan)
        elif self._followed is not t.optimizer:
            self._followed = t.optimizer
            self._keep(t, t.step, nan)

            def taken(*_: object) -> None:
                self._keep(t, t.step + 1, nan)

            t.optimizer.register_step_post_hook(taken)

    def _keep(self, t: Training, step: int, loss: float) -> None:
        while self.steps and self.steps[-1] > step:  # gone back
            self._drop(-1)
        if self.steps and self.steps[-1] == step:
            return
        if self._skipped < self._stride and self.steps:
            self._skipped += 1
            return
        self._skipped = 0
        self.steps.append(step)
        self.weights.append(flat(t.parameters))
        self.losses.append(loss)
        if len(self.steps) > self.most:
            for index in reversed(range(1, len(self.steps) - 1, 2)):
                self._drop(index)
            self._stride = 2 * self._stride + 1

    def _drop(self, index: int) -> None:
        del self.steps[index], self.weights[index], self.losses[index]

    def before(self, step: int, present: Tensor) -> tuple[Tensor, list[float]]:
        """Snapshots [n, d] before `step` with the present weights last, and losses but its."""
        kept = [i for i, taken in enumerate(self.steps) if taken < step]
        weights = [*(self.weights[i] for i in kept), present]
        return torch.stack(weights), [self.losses[i] for i in kept]
