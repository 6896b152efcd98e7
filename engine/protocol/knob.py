"""A knob: one thing a person can turn. Shared by the engine, which owns it, and the screen.

The arithmetic that both sides need (read a typed value, check bounds, nudge on the right
scale) lives here, so a value that is pending on the screen is judged as the engine will.
"""

import math
from typing import Literal

import msgspec

type_name = {"int": "a whole number", "float": "a number", "bool": "on or off", "text": "text"}

Value = bool | int | float | str
Kind = Literal["int", "float", "bool", "choice", "text"]

# When a change takes effect; the wording is what the screen shows.
Effect = Literal[
    "next phase",
    "next step",
    "optimizer called again",
    "data rebuilt",
    "model rebuilt",
    "data and model rebuilt",
    "split again",
    "converted at once",
    "next restart",
]

_ON = {"on", "true", "yes", "1"}
_OFF = {"off", "false", "no", "0"}
_SERIES = (1.0, 2.0, 5.0)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1024  # what tensors, SQLite and msgpack can hold


class Knob(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One knob with everything a client needs to show and turn it.

    `low` and `high` are inclusive. `effective` is the value read back from where it acts
    (the optimizer's group, the tensors' device) where that differs from `value`.
    `unused` says why the knob does nothing at present; empty when it acts.
    """

    name: str
    kind: Kind
    value: Value
    default: Value
    effect: Effect = "next step"
    owner: str = "run"
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[str, ...] = ()
    effective: Value | None = None
    previous: Value | None = None
    unused: str = ""
    help: str = ""

    def accepts(self) -> str:
        """What would be accepted, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        words = type_name[self.kind]
        if self.low is not None and self.high is not None:
            return f"{words} from {format_number(self.low)} to {format_number(self.high)}"
        if self.low is not None:
            return f"{words}, at least {format_number(self.low)}"
        if self.high is not None:
            return f"{words}, at most {format_number(self.high)}"
        return words

    def check(self, value: Value) -> Value:
        """`value` as this knob's kind; raises `ValueError` saying what would be accepted."""
        match self.kind:
            case "bool" if isinstance(value, bool):
                return value
            case "text" if isinstance(value, str):
                return value
            case "choice" if isinstance(value, str) and value in self.choices:
                return value
            case "int" | "float" if not isinstance(value, bool | str):
                return self._checked_number(value)
            case _:
                pass
        raise ValueError(f"{self.name} takes {self.accepts()}, not {value!r}")

    def _checked_number(self, value: int | float) -> int | float:
        if not math.isfinite(value) or (self.kind == "int" and value != math.floor(value)):
            raise ValueError(f"{self.name} takes {self.accepts()}, not {value}")
        below = self.low is not None and value < self.low
        above = self.high is not None and value > self.high
        if self.kind == "int" and not _SMALLEST <= value <= _LARGEST:
            raise ValueError(f"{self.name} takes {self.accepts()}, not one of {value:.3g}")
        if below or above:
            raise ValueError(f"{self.name} takes {self.accepts()}, not {format_number(value)}")
        return int(value) if self.kind == "int" else float(value)

    def parse(self, text: str) -> Value:
        """The value a person typed; raises `ValueError` saying what would be accepted."""
        typed = text.strip()
        if self.kind in ("choice", "text"):
            return self.check(typed)
        if self.kind == "bool":
            if typed.lower() in _ON | _OFF:
                return typed.lower() in _ON
            raise ValueError(f"{self.name} takes {self.accepts()}, not {text!r}")
        try:
            return self.check(int(typed) if self.kind == "int" else float(typed))
        except (ValueError, OverflowError):
            pass
        try:  # 1e3 for a whole number
            return self.check(float(typed))
        except OverflowError:
            raise ValueError(f"{self.name} takes {self.accepts()}, not {text!r}") from None
        except ValueError as error:
            if "takes" in str(error):
                raise
            raise ValueError(f"{self.name} takes {self.accepts()}, not {text!r}") from None

    def nudged(self, value: Value, ticks: int) -> Value:
        """`value` moved by `ticks` on the scale that suits the kind, kept within bounds."""
        if self.kind == "text":
            return _nudged_count(str(value), ticks)
        if self.kind == "bool":
            return not value if ticks % 2 else value
        if self.kind == "choice":
            return self.choices[(self.choices.index(str(value)) + ticks) % len(self.choices)]
        number = float(value)
        for _ in range(abs(ticks)):
            number = self._tick(number, 1 if ticks > 0 else -1)
        if self.low is not None:
            number = max(number, self.low)
        if self.high is not None:
            number = min(number, self.high)
        return int(min(max(number, _SMALLEST), _LARGEST)) if self.kind == "int" else number

    def _tick(self, number: float, sign: int) -> float:
        if self.kind == "int":
            if not self.log:
                return number + sign
            return max(1.0, number * 2) if sign > 0 else math.floor(number / 2)
        if self.log:
            smallest = self.low or 1e-6
            if number <= 0:
                return smallest if sign > 0 else 0.0
            after = _next_in_series(number, sign)
            return 0.0 if sign < 0 and after < smallest and self.low == 0 else after
        width = self._linear_tick(number)
        digits = 2 - math.floor(math.log10(width))  # 0.1 + 0.2 is 0.3 on the screen
        return round((round(number / width) + sign) * width, digits)

    def _linear_tick(self, number: float) -> float:
        """A round tenth or twentieth of the range, or of the number itself where unbounded."""
        if self.low is not None and self.high is not None and self.high > self.low:
            span = (self.high - self.low) / 20
        else:
            span = abs(number) / 10 or 0.1
        exponent = math.floor(math.log10(span))
        return max((m for m in _SERIES if m * 10.0**exponent <= span * 1.0001), default=1.0) * (
            10.0**exponent
        )


def _nudged_count(text: str, ticks: int) -> str:
    """`step>=20` with its number moved to 50, 100, ... or 10, 5, ...; other texts stay."""
    import re

    found = re.fullmatch(r"(.*>=?\s*)(\d{1,9})\s*", text)
    if found is None:
        return text
    number = float(found[2])
    for _ in range(abs(ticks)):
        number = max(_next_in_series(max(number, 1.0), 1 if ticks > 0 else -1), 1.0)
    return found[1] + str(int(min(number, 1e9)))


def _next_in_series(number: float, sign: int) -> float:
    """The neighbour of a positive number in 1, 2, 5, 10, 20, 50, ..."""
    exponent = math.floor(math.log10(number))
    around = [float(f"{m}e{e}") for e in range(exponent - 1, exponent + 2) for m in (1, 2, 5)]
    if sign > 0:
        return min(n for n in around if n > number * 1.0001)
    return max(n for n in around if n < number * 0.9999)


def format_number(number: float) -> str:
    """A number as knobs show it: short, and readable back to about six digits."""
    if isinstance(number, int) or (number.is_integer() and abs(number) < 1e5):
        return str(int(number))
    if number and (abs(number) < 1e-3 or abs(number) >= 1e6) and math.isfinite(number):
        mantissa, exponent = f"{number:.5e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{number:.6g}"


def format_value(value: Value | None) -> str:
    """A knob's value as it is shown and as `Knob.parse` reads it back."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else format_number(value)
