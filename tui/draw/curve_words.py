"""Curves in words: what stands under the cursor, and a curve as a sentence."""

import math
from bisect import bisect_right

from ...engine.protocol.views import Curve, Line
from .axes import number

Exact = tuple[int, float]  # a step and the exact value there


def bin_of(curve: Curve, step: int) -> tuple[int, int]:
    """First and last step of the bin that holds `step`."""
    first = step // curve.width * curve.width
    return first, first + curve.width - 1


def readout(curve: Curve, step: int, exact: dict[str, Exact], separator: str = " · ") -> str:
    """What stands at `step`: exact values, and ranges where a bin holds many steps."""
    first, last = bin_of(curve, step)
    parts = [f"step {first}" if first == last else f"steps {first}–{last}"]
    for line in curve.lines:
        parts += _at(line, first, curve.width, exact.get(line.name))
    parts += [mark.text for mark in curve.marks if first <= mark.step <= last]
    return separator.join(parts)


def holds(line: Line, first: int, value: float) -> bool:
    """Whether the bin that begins at `first` may have this value in it; NaN is in any."""
    place = bisect_right(line.steps, first) - 1
    if math.isnan(value) or place < 0 or line.steps[place] != first:
        return math.isnan(value)
    return line.low[place] <= value <= line.high[place]


def _at(line: Line, first: int, width: int, exact: Exact | None) -> list[str]:
    broken = [step for step in line.broken if first <= step < first + width]
    said = [f"{line.name} not finite at {broken[0]}"] if broken else []
    place = bisect_right(line.steps, first) - 1
    if place < 0 or line.steps[place] != first:
        return said
    if width == 1:
        return [*said, f"{line.name} {line.mean[place]:.9g}"]
    low, high = number(line.low[place], 4), number(line.high[place], 4)
    around = low if low == high else f"{low} to {high}"
    if exact and math.isfinite(exact[1]):
        return [*said, f"{line.name} {exact[1]:.9g} at {exact[0]} ({around})"]
    return [*said, f"{line.name} {around}"]


def line_in_words(line: Line) -> str:
    """First, last and lowest value of a series in sight, and where it was not finite."""
    broken = ""
    if line.broken:
        broken = f" Not finite from step {line.broken[0]} on, in {len(line.broken)} places."
    if not line.steps:
        return f"{line.name}: nothing measured here.{broken}"
    lowest = min(range(len(line.low)), key=lambda i: line.low[i])
    return (
        f"{line.name}: {number(line.mean[0], 4)} at step {line.steps[0]}, "
        f"{number(line.mean[-1], 4)} at step {line.steps[-1]}, "
        f"lowest {number(line.low[lowest], 4)} near step {line.steps[lowest]}.{broken}"
    )
