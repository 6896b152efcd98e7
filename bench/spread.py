"""What many noisy measurements say together."""

from collections.abc import Callable, Sequence
from math import ceil
from statistics import median


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, ceil(share * len(ranked)) - 1)]


def alternate(
    one: Callable[[], float], other: Callable[[], float], pairs: int
) -> list[tuple[float, float]]:
    """Measure both in turn, so often; who begins changes, so that a drift takes no side."""
    found: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            second = other()
            found.append((one(), second))
        else:
            found.append((one(), other()))
    return found


def ratio(pairs: Sequence[tuple[float, float]]) -> tuple[float, str]:
    """Median of the paired ratios, and in words where their middle half lies."""
    ratios = [one / other for one, other in pairs]
    low, high = quantile(ratios, 0.25), quantile(ratios, 0.75)
    return median(ratios), f"middle half {low:.3f} to {high:.3f} of {len(ratios)} pairs"
