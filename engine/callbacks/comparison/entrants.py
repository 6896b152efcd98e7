"""One entrant of a comparison: what it measured so far, and a replica that follows the run.

Used by `comparison.py`: the run itself has a `Standing` alone, every other entrant a `Runner`.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...protocol.knob import Value
from ...training.replica import Replica
from ...training.stopping import Patience
from ...training.training import Training
from ...training.validation import validate

A_WHILE = 0.01  # seconds between two looks into the mailbox
WIDEST = 100  # steps a loss is averaged over


Keep = Callable[[str, Sequence[int], Sequence[float]], None]  # series, steps, values


class Standing:
    """Losses of one entrant: now, best, and when; the same of the held-out data.

    A loss is the mean over its last pass through the data, `window` steps (at most 100): the
    loss of a single batch says more about the batch than about the model.
    """

    def __init__(self, label: str, t: Training) -> None:
        self.label = label
        self.window = max(1, min(t.steps_per_epoch, WIDEST))
        self.step = t.step
        self.loss: float | None = None
        self.best: float | None = None
        self.best_step = 0
        self.valid: float | None = None
        self.patience = Patience()
        self.metrics: dict[str, float] = {}
        self._last: deque[float] = deque(maxlen=self.window)

    def noted(self, last: int, losses: Sequence[float]) -> None:
        """Losses of the steps up to `last`. Means begin with the first whole window."""
        if not losses:
            return
        recent = [*self._last, *losses]
        self._last.extend(losses)
        self.step = last
        means = windowed(recent, self.window)
        first = last - len(means) + 1
        for step, mean in enumerate(means, first):
            if step > last - len(losses) and (self.best is None or mean < self.best):
                self.best, self.best_step = mean, step
        self.loss = means[-1] if means else sum(recent) / len(recent)

    def validated(self, step: int, found: Mapping[str, float]) -> None:
        self.metrics = dict(found)
        if "valid_loss" in found:
            self.valid = self.metrics.pop("valid_loss")
            self.patience.seen(self.valid, step)

    @property
    def best_valid(self) -> float | None:
        return self.patience.best if self.valid is not None else None


def windowed(losses: Sequence[float], window: int) -> list[float]:
    """The mean of every `window` neighbours, each summed anew; none where there are fewer."""
    if window == 1 or len(losses) < window:
        return list(losses) if window == 1 else []
    return sliding_window_view(np.asarray(losses), window).mean(1).tolist()


class Event(NamedTuple):
    """What the run did at `step`: turned knobs, or measured the held-out data."""

    step: int
    turned: Mapping[str, Value] | None = None


class Runner:
    """A replica on the way to where the run stands, doing at each step what the run did there."""

    def __init__(self, replica: Replica, keep: Keep) -> None:
        self.replica = replica
        self._keep = keep
        self.standing = Standing(replica.label, replica.t)
        self.todo: deque[Event] = deque()
        self._measuring: Generator[tuple[int, int], None, dict[str, float]] | None = None

    def expect(self, event: Event) -> None:
        """The run did this: the replica will, too, when it comes to that step."""
        if self.replica.stopped or event.turned == {}:
            return
        place = len(self.todo)
        while place and self.todo[place - 1].step > event.step:
            place -= 1
        self.todo.insert(place, event)

    def hurry(self, step: int) -> None:
        """What was to come after `step` comes at it."""
        self.todo = deque(e._replace(step=min(e.step, step)) for e in self.todo)

    def behind(self, step: int) -> bool:
        """Whether there is something to do on the way to `step`."""
        due = bool(self.todo) and self.todo[0].step <= step
        return not self.replica.stopped and (self.replica.step < step or due)

    def go_on(self, step: int) -> None:
        """A while's worth of work towards `step`."""
        replica, standing = self.replica, self.standing
        if self.todo and self.todo[0].step <= replica.step:
            self._do(self.todo[0])
            return
        target = min(step, self.todo[0].step) if self.todo else step
        losses = replica.advance(target - replica.step, A_WHILE)
        first = standing.step + 1
        finite = losses if not losses or isfinite(losses[-1]) else losses[:-1]
        standing.noted(standing.step + len(finite), finite)
        self._keep(f"loss · {standing.label}", range(first, first + len(losses)), losses)

    def _do(self, event: Event) -> None:
        if event.turned is not None:
            self.todo.popleft()
            self.replica.turn(event.turned)
        elif self._measure():
            self.todo.popleft()

    def _measure(self) -> bool:
        """The next batches of held-out data; whether that was all."""
        replica, until = self.replica, time.monotonic() + A_WHILE
        self._measuring = self._measuring or validate(replica.t)
        with replica.living():
            try:
                while time.monotonic() < until:
                    next(self._measuring)
                return False
            except StopIteration as finished:
                self._measuring = None
                self._validated(finished.value)
            except BaseException as error:  # user code may raise anything
                self._measuring = None
                replica.raised(error, "validation")
        return True

    def _validated(self, found: Mapping[str, float]) -> None:
        replica, standing = self.replica, self.standing
        standing.validated(replica.step, found)
        if standing.valid is not None:
            self._keep(f"valid_loss · {standing.label}", [replica.step], [standing.valid])
        why = standing.patience.lost(int(replica.t.values["patience"]))
        if why:
            replica.stop(why)
