"""The learning-rate finder: a few steps at rising rates, on a replica, so that nothing changes.

After Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3: the rate
rises geometrically with every step; where the loss falls fastest is a good rate to train with,
where it begins to climb is too much. The conductor lets it go on between two looks into the
mailbox; picture `rates` shows what was found.
"""

import time
from math import isfinite, log10
from statistics import fmean
from typing import TYPE_CHECKING

from ...protocol.commands import FindRate
from ...protocol.pictures import Sweep
from ...training.replica import Replica
from .entrants import A_WHILE

if TYPE_CHECKING:
    from ..run import Run

TOO_HIGH = 4.0  # times the best loss ends it
PAST = 0.8  # weight of the past in the smoothed loss of mini-batches
FIRST = 5  # steps that say nothing: one lucky batch would be the best
MOST_STEPS = 10_000


class RateFinder:
    """`found` is the last result, until the run is built anew."""

    def __init__(self, run: "Run") -> None:
        self._c = run
        self.found: Sweep | None = None
        self._asked = FindRate()
        self._replica: Replica | None = None
        self._rates: list[float] = []
        self._losses: list[float] = []

    @property
    def going(self) -> bool:
        return self._replica is not None

    def doing(self) -> str:
        return f"trying rates {len(self._rates)}/{self._asked.steps}" if self.going else ""

    def says(self) -> str:
        """What was found, in one sentence."""
        if self.found is None:
            return ""
        if self.found.suggestion is None:
            return f"rate finder: {self.found.reason}"
        return f"rate finder: lr {self.found.suggestion:g} ({self.found.reason})"

    def begin(self, asked: FindRate) -> str:
        """Start from where the run stands. Raises `ValueError` for what cannot be tried."""
        if not 0 < asked.low < asked.high or not isfinite(asked.high):
            raise ValueError("rates rise from a low one above 0 to a higher one")
        if not 10 <= asked.steps <= MOST_STEPS:
            raise ValueError(f"it takes 10 to {MOST_STEPS:,} steps, not {asked.steps}")
        t = self._c.t
        if t.descent.number("lr") is None:
            raise ValueError(f"{type(t.optimizer).__name__} has no learning rate")
        constant = {"schedule": "constant"} if t.descent.total else {}
        self._replica = Replica.fork(t, constant, "rate finder")
        self._asked, self._rates, self._losses = asked, [], []
        return f"{asked.steps} steps at rates from {asked.low:g} to {asked.high:g}, on a copy"

    def close(self, forget: bool = False) -> None:
        """Leave off; with `forget`, drop the last result too: it was of another model."""
        self._replica = None
        if forget:
            self.found = None

    def go_on(self) -> bool:
        """A while's worth of steps; whether there was something to do."""
        replica, until = self._replica, time.monotonic() + A_WHILE
        if replica is None:
            return False
        while time.monotonic() < until:
            if why := self._step(replica):
                self.found = judged(self._rates, self._losses, self._past, why)
                self._replica = None
                if self._c.status == "paused":
                    self._c.why = self.says()
                self._c.pictures_changed()
                break
        return True

    @property
    def _past(self) -> float:
        """The loss of a full batch needs no smoothing."""
        t = self._c.t
        return PAST if t.steps_per_epoch > 1 or (t.feed.size is None and not t.self_loss) else 0.0

    def _step(self, replica: Replica) -> str:
        """One step at the next rate; why it was the last, or ""."""
        asked, done = self._asked, len(self._losses)
        if done == asked.steps:
            return f"all {done} steps taken"
        rate = asked.low * (asked.high / asked.low) ** (done / (asked.steps - 1))
        descent = replica.t.descent
        descent.turn("lr", rate)
        taken = replica.advance(1)
        if not taken:
            return replica.stopped or "no step could be taken"
        self._rates.append(float(descent.effective("lr") or rate))
        self._losses.append(taken[0])
        if replica.stopped:
            return f"the loss was {taken[0]:g} at {rate:.2g}"
        means = smoothed(self._losses, self._past)
        best = min(means[FIRST:], default=means[-1])
        if done >= 2 * FIRST and means[-1] > best + (TOO_HIGH - 1) * abs(best):
            return f"the loss rose above {TOO_HIGH:g} × the best at {rate:.2g}"
        return ""


def smoothed(losses: list[float], past: float) -> list[float]:
    """Exponential moving average, corrected for its start (Kingma & Ba 2015, section 3)."""
    average, means = 0.0, list[float]()
    for n, loss in enumerate(losses, 1):
        average = past * average + (1 - past) * loss
        means.append(average / (1 - past**n))
    return means


def _steepest(rates: list[float], means: list[float], lowest: int) -> int:
    """Where the loss falls most for a rate grown tenfold, over an eighth of all steps.

    Among the two decades before the lowest: far below, only the batches differ.
    """
    width = max(len(rates) // 16, 1)
    ends = [(max(i - width, 0), min(i + width, lowest)) for i in range(lowest + 1)]

    def slope(i: int) -> float:
        left, right = ends[i]
        rise = log10(rates[right]) - log10(rates[left])
        return (means[right] - means[left]) / rise if rise > 0 else 0.0

    near = [i for i in range(FIRST, lowest + 1) if rates[i] >= rates[lowest] / 100]
    return min(near, key=slope, default=lowest)


def judged(rates: list[float], losses: list[float], past: float, why: str) -> Sweep:
    """What the losses say: where they fall fastest, where they are lowest."""
    means = smoothed(losses, past)
    finite = [i for i, mean in enumerate(means) if isfinite(mean)]
    if len(finite) < 3:
        return Sweep(rates, losses, means, why, "too few steps to judge by")
    lowest = min(finite[FIRST:] or finite, key=lambda i: means[i])
    start = fmean(means[i] for i in finite[:FIRST])
    if not means[lowest] < start - 0.02 * abs(start):
        return Sweep(rates, losses, means, why, "the loss fell at no rate")
    steepest = _steepest(rates, means, lowest)
    tenth = rates[lowest] / 10
    reason = f"lowest at {rates[lowest]:.2g}, a tenth is clear of the climb"
    return Sweep(
        rates,
        losses,
        means,
        why,
        reason,
        lowest=rates[lowest],
        steepest=rates[steepest],
        suggestion=float(f"{tenth:.1g}"),
    )
