"""When to stop: conditions such as `step>=200` or `valid_loss<0.1 or time>=5m`. No torch.

Read from the `stop` knob, from `run until` and from `--until`; the session asks `holds`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Operator = Literal[">=", ">", "<=", "<"]

_TERM = re.compile(r"([^\s<>=!]+)\s*(>=|<=|>|<)\s*([^\s<>=!]+)")
_TIME = re.compile(r"(.+?)(ms|s|m|min|h)?")
_SECONDS = {None: 1.0, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_EXAMPLE = "write for example step>=200, epoch>=10, time>=5m or valid_loss<0.1"


@dataclass(frozen=True)
class Term:
    """One comparison. `name` is step, epoch, time (seconds), loss, valid_loss or a metric."""

    name: str
    operator: Operator
    bound: float

    def holds(self, value: float | None) -> bool:
        if value is None or math.isnan(value):
            return False
        match self.operator:
            case ">=":
                return value >= self.bound
            case ">":
                return value > self.bound
            case "<=":
                return value <= self.bound
            case "<":
                return value < self.bound

    @property
    def first_count(self) -> int | None:
        """The first whole number that satisfies this; None where it is not reached by counting."""
        match self.operator:
            case ">=":
                return max(0, math.ceil(self.bound))
            case ">":
                return max(0, math.floor(self.bound) + 1)
            case _:
                return None


@dataclass(frozen=True)
class Condition:
    """Terms of which one must hold. Without any (the text was empty) it never holds."""

    text: str
    terms: tuple[Term, ...]

    def holds(self, values: Mapping[str, float | None]) -> bool:
        """Whether a term holds; a value that is unknown, None or NaN satisfies nothing."""
        return any(term.holds(values.get(term.name)) for term in self.terms)

    @property
    def names(self) -> set[str]:
        return {term.name for term in self.terms}

    @property
    def step_bound(self) -> int | None:
        """The step at which it holds at the latest, where that is known."""
        return self._bound("step")

    @property
    def epoch_bound(self) -> int | None:
        """The number of completed epochs at which it holds at the latest, where known."""
        return self._bound("epoch")

    def _bound(self, name: str) -> int | None:
        counts = [term.first_count for term in self.terms if term.name == name]
        return min((count for count in counts if count is not None), default=None)


def parse(text: str) -> Condition:
    """`text` as a condition; raises `ValueError` with one sentence that says what is accepted."""
    if not text.strip():
        return Condition("", ())
    return Condition(text.strip(), tuple(_term(part) for part in re.split(r"\s+or\s+", text)))


def _term(text: str) -> Term:
    match = _TERM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a condition; {_EXAMPLE}")
    name, operator, typed = match.groups()
    bound = _seconds(typed) if name == "time" else _number(typed)
    if bound is None:
        what = "a number of seconds such as 90, 10s, 5m or 2h" if name == "time" else "a number"
        raise ValueError(f"{name} is compared with {what}, not with {typed!r}; {_EXAMPLE}")
    return Term(name, operator, bound)  # pyright: ignore[reportArgumentType]


def _seconds(typed: str) -> float | None:
    match = _TIME.fullmatch(typed)
    if match is None:
        return None
    number = _number(match[1])
    return None if number is None else number * _SECONDS[match[2]]


def _number(typed: str) -> float | None:
    try:
        number = float(typed)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
