"""What ends a stretch of training: a count, a condition, or patience. No torch.

A condition counts when it becomes true: going on after it held does not stop at once again.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf
from typing import Literal

from ..protocol.condition import Condition, parse

Numbers = dict[str, float | None]


@dataclass
class Goal:
    """What was asked for with the last `run` or `step`; reaching it pauses the run."""

    step: int = 0  # 0: none
    epoch: int = 0
    phases: int | None = None  # left to take; None: whole steps
    text: str = ""
    stepping: bool = False  # by hand: no speed limit
    until: "Crossing | None" = None

    @property
    def unit(self) -> Literal["", "step", "phase"]:
        """What is counted, by hand, so that more can be added."""
        if not self.stepping:
            return ""
        return "phase" if self.phases is not None else "step" if self.step else ""

    def reached(self, numbers: Numbers) -> str:
        """Why the run pauses now; empty where it goes on."""
        if self.step and (numbers["step"] or 0) >= self.step:
            return self.text
        if self.epoch and (numbers["epoch"] or 0) >= self.epoch:
            return self.text
        return self.until.reached(numbers) if self.until else ""


@dataclass
class Crossing:
    """A condition that reports once when it comes to hold."""

    condition: Condition
    armed: bool = True

    @classmethod
    def of(cls, text: str, numbers: Numbers) -> "Crossing | None":
        """For a knob turned or a run begun now; armed unless it holds already."""
        if not text.strip():
            return None
        condition = parse(text)
        return cls(condition, not condition.holds(numbers))

    def reached(self, numbers: Numbers) -> str:
        holds = self.condition.holds(numbers)
        crossed, self.armed = holds and self.armed, not holds
        return f"{self.condition.text} reached" if crossed else ""

    @property
    def every_step(self) -> bool:
        """Whether it can come to hold at any step, not only at counted ones or a validation."""
        return any(
            name not in ("step", "epoch", "time") and not name.startswith("valid_")
            for name in self.condition.names
        )


LOST_PATIENCE = "no improvement"
MEASURED = ("loss", "accuracy", "r2", "mae")  # and each under valid_


def condition_of(text: str, series: Collection[str]) -> Condition:
    """A condition on numbers that this run has; raises `ValueError` for any other name."""
    condition = parse(text)
    known = {"step", "epoch", "time", *series, *MEASURED, *(f"valid_{name}" for name in MEASURED)}
    for name in condition.names - known:
        close = get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else "it has " + ", ".join(sorted(series))
        raise ValueError(f"this run measures no {name}; {hint}")
    return condition


@dataclass
class Patience:
    """Early stopping: validations in a row without a new best loss."""

    best: float = inf
    best_step: int = 0
    since: int = 0
    _step: int = -1  # of the last one: measuring the same weights again says nothing new

    def seen(self, loss: float, step: int) -> None:
        if loss < self.best:
            self.best, self.best_step, self.since = loss, step, 0
        elif step != self._step:
            self.since += 1
        self._step = step

    def lost(self, patience: int) -> str:
        """Why it ends, once; whoever goes on has as much patience again."""
        if not patience or self.since < patience:
            return ""
        best = f"best {self.best:.6g} at step {self.best_step}"
        why, self.since = f"{LOST_PATIENCE} in {self.since} validations; {best}", 0
        return why


@dataclass
class Ends:
    """Everything that may end this stretch of training, or the run."""

    goal: Goal = field(default_factory=Goal)
    stop: Crossing | None = None  # the knob
    until: Crossing | None = None  # of a headless run
    patience: Patience = field(default_factory=Patience)

    def begin(self, stop: str, until: str, numbers: Numbers) -> None:
        """Arm what ends the run, at step 0. What a headless run was asked for wins over `stop`."""
        self.stop = None if until else Crossing.of(stop, numbers)
        self.until = Crossing.of(until, numbers)
        self.patience = Patience()

    def of_run(self, numbers: Numbers, patience: int) -> str:
        """Why the run ends now; empty where it goes on."""
        own = self.stop.reached(numbers) if self.stop else ""
        asked = self.until.reached(numbers) if self.until else ""
        return own or asked or self.patience.lost(patience)

    @property
    def counted(self) -> bool:
        """Whether all ends lie at counted steps, epochs or validations."""
        return not any(crossing.every_step for crossing in self._crossings())

    @property
    def timed(self) -> bool:
        """Whether one lies at a time, to be looked for whenever the clock is."""
        return any("time" in crossing.condition.names for crossing in self._crossings())

    def next_step(self, step: int) -> int | None:
        """The next step after `step` at which one may be reached; None where none is known."""
        bounds = [c.condition.step_bound for c in self._crossings()] + [self.goal.step]
        return min((b for b in bounds if b is not None and b > step), default=None)

    def _crossings(self) -> list[Crossing]:
        return [c for c in (self.stop, self.until, self.goal.until) if c is not None]
