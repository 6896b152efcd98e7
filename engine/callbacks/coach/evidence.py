"""What the coach goes by: numbers of one training, gathered by `coach.py`, read by the verdicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf, isfinite
from statistics import median

from ...protocol.knob import Knob, Value
from .look import Look
from .losses import PASS, Losses, Trend
from .signal import Signal
from .trial import Anew

EARLY = 8  # losses before which nothing is said of a trend
WINDOW = 2000  # latest losses that a trend is taken from, at most


@dataclass(frozen=True)
class Evidence:
    """Everything known when a verdict is given. `knobs` are those that act at present."""

    step: int
    epoch: int
    losses: Losses  # since the knobs were last turned
    since: int = 0  # the step at which that was
    before: float | None = None  # their mean just before
    valid: Sequence[tuple[int, float]] = ()
    train_then: Mapping[int, float] = field(default_factory=dict[int, float])  # loss at validations
    first: Look | None = None  # before the first step
    look: Look | None = None  # the latest closer look
    sound: Look | None = None  # the latest at which the loss had not run away
    trivial: float | None = None  # loss of always guessing the same
    inputs: float = 1.0  # root mean square of the inputs' numbers
    batch: int = 1
    examples: int = 0  # to train on; 0 where that is not known
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    knobs: Mapping[str, Knob] = field(default_factory=dict[str, Knob])
    signal: Callable[[], Signal | None] = lambda: None
    anew: Callable[[], Anew | None] = lambda: None

    @property
    def trend(self) -> Trend | None:
        """Of the later half of what there is, at most `WINDOW` losses."""
        count = self.losses.count
        return self.losses.trend(min(max(EARLY, count // 2), WINDOW)) if count >= EARLY else None

    @property
    def now(self) -> float:
        """The loss as it stands: of the examples looked at, else of the latest batches."""
        if self.look is not None and self.look.step == self.step:
            return self.look.loss
        return self.recent

    @property
    def few(self) -> int:
        """How many losses to take a mean of: those of a pass over the data, a quarter at most."""
        return max(1, min(one_pass(self.batch, self.examples), self.losses.count // 4))

    @property
    def recent(self) -> float:
        """The mean of the latest batches' losses, to be compared with those of other batches."""
        newest = self.losses.newest(self.few)
        return float(newest.mean()) if len(newest) else inf

    @property
    def start(self) -> float:
        """The loss at `since`: of the examples looked at, else of batches."""
        if not self.since and self.first is not None and isfinite(self.first.loss):
            return self.first.loss
        if self.since and self.before is not None:
            return self.before
        return median(self.losses.opening[:3]) if self.losses.opening else inf

    @property
    def stable(self) -> Look | None:
        """The latest look that knows how long a step may be, with weights that are still sound."""
        looks = (self.sound, None if self.since else self.first)
        return next((look for look in looks if look is not None and look.limit), None)

    @property
    def seen(self) -> Look | None:
        """The latest look, where it is of about now."""
        if self.look is None or self.look.step < 0.7 * self.step or self.look.step < self.since:
            return None
        return self.look

    @property
    def learned(self) -> bool:
        """Whether the loss is well below that of always guessing the same."""
        return self.trivial is not None and self.now < 0.5 * self.trivial

    @property
    def against_guessing(self) -> float:
        """The loss as a share of that of always guessing the same; 1 where that is not known."""
        if not self.trivial or not isfinite(self.now):
            return 1.0
        return self.now / self.trivial


def one_pass(batch: int, examples: int) -> int:
    """Batches of a pass over the data, `PASS` at most; that many where no one knows."""
    return min(PASS, ceil(examples / batch)) if examples else PASS
