"""The way to come of a small model if no knob is turned: a replica sent ahead, a little at a time.

Used by `outlook.py` for models of a few numbers.
"""

import time

import torch
from torch import Tensor

from ...protocol.knob import Value
from ...training.replica import Replica
from ...training.training import Training
from .landscape import flat

FARTHEST = 200  # steps


class Ahead:
    """The weights and losses of the steps to come, as far as they have been found out."""

    def __init__(self) -> None:
        self._replica: Replica | None = None
        self._values: dict[str, Value] = {}
        self._start = 0
        self._weights: list[Tensor] = []
        self._losses: list[float] = []

    def forget(self) -> None:
        """Data or model are new."""
        self._replica = None

    def look(self, t: Training, steps: int, seconds: float) -> tuple[list[Tensor], list[float]]:
        """The flat weights from now on, those of now first, and the losses of the steps between.

        At most `steps` steps; fewer where there was no time yet, or where the loss is not finite.
        """
        present = flat(t.parameters)
        if not self._still_holds(t, present):
            with torch.enable_grad():
                self._replica = Replica.fork(t, {}, "")
            self._values, self._start = dict(t.values), t.step
            self._weights, self._losses = [present], []
        gone = t.step - self._start
        self._go_on(gone + steps, seconds)
        end = gone + steps + 1
        return self._weights[gone:end], self._losses[gone : end - 1]

    def behind(self, t: Training, steps: int) -> bool:
        """Whether there is more to find out of the next `steps`."""
        known = self._start + len(self._weights) - 1
        return self._replica is not None and not self._replica.stopped and known < t.step + steps

    def _still_holds(self, t: Training, present: Tensor) -> bool:
        """Whether the run has gone the way that was foreseen, with the same knobs."""
        gone = t.step - self._start
        return (
            self._replica is not None
            and t.values == self._values
            and 0 <= gone < len(self._weights)
            and torch.equal(self._weights[gone], present)
        )

    def _go_on(self, steps: int, seconds: float) -> None:
        replica = self._replica
        assert replica is not None
        until = time.perf_counter() + seconds
        while len(self._weights) <= steps and not replica.stopped:
            losses = replica.advance(1)
            if replica.stopped:
                return
            self._losses += losses
            self._weights.append(flat(replica.t.parameters))
            if time.perf_counter() >= until:
                return
