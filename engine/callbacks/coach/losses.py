"""What the losses of a stretch of training say: level, noise, trend, and the band they lie in.

Numbers in, numbers out. `coach.py` feeds it as losses come; the verdicts read it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RECENT = 4096  # losses kept one by one
BLOCKS = 256  # of equal width, over the whole stretch
BAND = 200  # losses before the newest that say where losses lie
NEWEST = 3  # losses in a row that must lie outside
_NORMAL = 1.4826  # median absolute deviation × this = standard deviation of a normal
PASS = 20  # losses that a mean is taken of, at most
_PARTS = 8  # of a window, whose means carry a trend


@dataclass(frozen=True)
class Trend:
    """A straight line through a window: what it changes over it, and how sure that is.

    `error` is the standard error of `change`; `spread` is the standard deviation around the line,
    `jitter` that of one loss against its neighbour (equal to `spread` for independent noise).
    """

    first: int  # step
    last: int
    level: float  # mean
    change: float
    error: float
    spread: float
    jitter: float
    halves: float  # median of the later half over that of the earlier one

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def falls(self) -> bool:
        return self.change < -2 * self.error


class Losses:
    """Losses of consecutive steps, without those that were not finite (`broken` is the first)."""

    def __init__(self) -> None:
        self.recent: deque[float] = deque(maxlen=RECENT)
        self.last = 0  # step of the newest
        self.count = 0
        self.broken = 0
        self.opening: list[float] = []  # the first few
        self.latest = inf
        self.lowest = inf
        self.lowest_step = 0
        self._blocks: list[float] = []
        self._width = 1
        self._open: list[float] = []

    def add(self, steps: Sequence[int], values: Sequence[float]) -> None:
        """Losses of further steps, in order."""
        numbers = np.asarray(values, np.float64)
        finite = np.isfinite(numbers)
        if not finite.all():
            self.broken = self.broken or steps[int(np.argmin(finite))]
            steps = [step for step, kept in zip(steps, finite, strict=True) if kept]
            numbers = numbers[finite]
        if not len(numbers):
            return
        self.opening.extend(numbers[: PASS - len(self.opening)].tolist())
        place = int(np.argmin(numbers))
        if numbers[place] < self.lowest:
            self.lowest, self.lowest_step = float(numbers[place]), steps[place]
        self.count += len(numbers)
        self.last, self.latest = steps[-1], float(numbers[-1])
        self.recent.extend(numbers.tolist())
        self._open.extend(numbers.tolist())
        self._close()

    def _close(self) -> None:
        """Make blocks of what is whole."""
        at = 0
        while len(self._open) - at >= self._width:
            self._blocks.append(sum(self._open[at : at + self._width]) / self._width)
            at += self._width
            if len(self._blocks) == BLOCKS:
                blocks = self._blocks
                pairs = zip(blocks[::2], blocks[1::2], strict=True)
                self._blocks = [(one + two) / 2 for one, two in pairs]
                self._width *= 2
        del self._open[:at]

    def newest(self, count: int) -> Floats:
        """At most so many of the latest."""
        count = min(count, len(self.recent))
        return np.array([self.recent[i] for i in range(-count, 0)])

    def history(self, parts: int = 32) -> Floats:
        """Means of so many equal parts of the whole stretch (fewer where it is short)."""
        blocks = [*self._blocks, *([sum(self._open) / len(self._open)] if self._open else [])]
        if not blocks:
            return np.empty(0)
        pieces = np.array_split(np.array(blocks), min(parts, len(blocks)))
        return np.array([piece.mean() for piece in pieces])

    def lowest_mean(self, count: int) -> tuple[float, int, int]:
        """The lowest mean of so many losses in a row, and the steps of the first and the last.

        Of those that are no longer kept one by one, the means of blocks that are longer.
        """
        if count == 1:
            return self.lowest, self.lowest_step, self.lowest_step
        values = self.newest(RECENT)
        means = sliding_window_view(values, min(count, len(values))).mean(1)
        place = int(np.argmin(means))
        first = self.last - len(values) + place + 1
        found = float(means[place]), first, first + min(count, len(values)) - 1
        began, width = self.last - self.count, self._width
        gone = self._blocks[: (self.count - len(values)) // width]
        old = [
            (mean, began + i * width + 1, began + (i + 1) * width) for i, mean in enumerate(gone)
        ]
        return min([found, *old])

    def still_since(self, share: float) -> tuple[int, float]:
        """The step and the loss since which all have stayed within this share of the latest."""
        step, then = self.last, self.latest
        for back, loss in enumerate(reversed(self.recent)):
            if abs(loss - self.latest) > share * abs(self.latest):
                break
            step, then = self.last - back, loss
        return step, then

    def trend(self, count: int) -> Trend | None:
        """Of the last `count` losses; None for fewer than eight."""
        values = self.newest(count)
        return None if len(values) < _PARTS else trend(values, self.last)


class Band:
    """The latest losses, also from before a knob was turned: that is when they leave it."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=BAND + NEWEST)

    def add(self, values: Sequence[float]) -> None:
        self._latest.extend(values)

    def left(self) -> tuple[float, float, float] | None:
        """(newest, low, high): where the newest few lie above everything usual before them."""
        values = np.array(self._latest)
        values = values[np.isfinite(values)]
        return outside(values) if len(values) > NEWEST else None


def trend(values: Floats, last: int) -> Trend:
    """A line through the means of eight parts, so that neighbours that resemble each other
    do not make it look surer than it is."""
    count = len(values)
    parts = np.array_split(values, _PARTS)
    means = np.array([part.mean() for part in parts])
    at = np.linspace(0, 1, 2 * _PARTS + 1)[1::2]  # middles of the parts
    across = at - at.mean()
    slope = float((across * means).sum() / (across * across).sum())
    left = means - means.mean() - slope * across
    error = float(np.sqrt((left @ left) / (_PARTS - 2) / (across * across).sum()))
    line = values.mean() + slope * (np.linspace(0, 1, 2 * count + 1)[1::2] - 0.5)
    spread = _NORMAL * float(np.median(np.abs(values - line)))
    jitter = _NORMAL * float(np.median(np.abs(np.diff(values)))) / np.sqrt(2)
    return Trend(
        first=last - count + 1,
        last=last,
        level=float(values.mean()),
        change=slope,
        error=error,
        spread=max(spread, float(np.std(values - line)) / 2),
        jitter=float(jitter),
        halves=_halves(values),
    )


def _halves(values: Floats) -> float:
    earlier, later = (float(np.median(half)) for half in np.array_split(values, 2))
    return later / max(earlier, 1e-38)


def outside(values: Floats) -> tuple[float, float, float] | None:
    """The band is median ± 6 spreads of the logarithms before the newest three, which must all
    lie above it, and at least a quarter above the median."""
    before, newest = values[:-NEWEST], values[-NEWEST:]
    if len(before) < 5 or newest.min() <= before.mean() or values.min() <= 0:
        return None
    logs = np.log(before)
    middle = float(np.median(logs))
    spread = _NORMAL * float(np.median(np.abs(logs - middle)))
    high = middle + max(6 * spread, np.log(1.25))
    if np.log(newest).min() <= high:
        return None
    return float(newest[-1]), float(np.exp(middle - 6 * spread)), float(np.exp(high))
