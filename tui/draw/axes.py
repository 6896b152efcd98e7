"""Axes: round bounds that seldom move, ticks, labels, and the frame around a canvas."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .grid import Grid, Ink, cells
from .palette import Palette
from .plot import DOTS_ACROSS, DOTS_DOWN, Bounds, cell_at

_ROUND = (1.0, 2.0, 5.0, 10.0)
_CLOSE = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
_TINY = 1e-200
_HUGE = 1e306  # beyond it the arithmetic of an axis overflows
_MANY_DECADES = 3
_SHORT_RUN = 500  # steps; such a run has its whole axis from the start


def round_up(number: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, ... that is at least `number` (> 0)."""
    exponent = math.floor(math.log10(max(number, _TINY)))
    base = 10.0**exponent
    return next((m * base for m in _ROUND if m * base >= number * (1 - 1e-9)), 10 * base)


def growing_end(last: int, end: int = 0) -> int:
    """An axis end for `last` steps so far: about doubling, or `end` where that is near."""
    grown = int(round_up(max(last, 10)))
    near = max(grown * 2, _SHORT_RUN)
    return end if end > 0 and last <= end <= near else grown


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers in [low, high]."""
    span = high - low
    if most < 1 or not math.isfinite(span) or span <= 0:
        return []
    step = round_up(span / most)
    while True:
        first = math.ceil(low / step - 1e-9)
        count = math.floor(high / step + 1e-9) - first + 1
        if count <= most or step >= span * 100:
            break
        step = round_up(step * 1.5)
    if not math.isfinite(step):
        return []
    return [(first + i) * step for i in range(max(count, 0))]


def linear_bounds(
    low: float, high: float, before: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Round bounds around [low, high]; those of `before` as long as they fit well."""
    low, high = max(low, -_HUGE), min(high, _HUGE)
    if before and before[0] <= low and high <= before[1] and before[0] < before[1]:
        used = (high - low) / (before[1] - before[0])
        if used > 0.4:
            return before
    if high - low <= max(abs(low), abs(high), _TINY) * 1e-9:
        room = abs(high) * 0.1 if abs(high) > _TINY else 1.0
        low, high = low - room, high + room
    if low >= 0 and low < 0.5 * high:
        low = 0.0  # a chart of losses stands on zero unless that would flatten it
    step = round_up((high - low) / 8)
    bounds = math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step
    return bounds if math.isfinite(bounds[0] + bounds[1]) else (low, high)


def log_bounds(
    low: float, high: float, before: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Bounds for log10 values, at round numbers; those of `before` as long as they fit well."""
    if before and before[0] <= low and high <= before[1]:
        used = (high - low) / max(before[1] - before[0], 1e-9)
        if used > 0.4 or before[1] - before[0] <= 0.5:
            return before
    bottom, top = _log_place(low, -1), _log_place(high, 1)
    return bottom, top if top > bottom else _log_place(top + 0.01, 1)


def _log_place(exponent: float, sign: int) -> float:
    decade = math.floor(exponent)
    # The lower end follows a falling loss, so it takes longer strides than the upper one.
    places = [decade + math.log10(m) for m in (_CLOSE if sign > 0 else _ROUND)]
    if sign > 0:
        return next(p for p in places if p > exponent - 1e-9 or p == decade + 1)
    return next(p for p in reversed(places) if p < exponent - 0.004 or p == decade)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Exponents to label: whole decades, and 2 and 5 between them where there are few."""
    span = range(math.floor(low), math.ceil(high) + 1)
    whole: list[float] = []
    for multiples in (1, 2, 5), (1, 3), (1,):
        all_places = [d + math.log10(m) for d in span for m in multiples]
        whole = [p for p in all_places if low - 1e-9 <= p <= high + 1e-9]
        if len(whole) <= most and high - low < _MANY_DECADES:
            return whole
    stride = math.ceil(len(whole) / max(most, 1))
    return [p for p in whole if round(p) % stride == 0]


def log_labels(exponents: Sequence[float], powers: str = "") -> list[str]:
    """Labels of one axis, all of one kind: powers of ten, or where some lie between, numbers."""
    if all(abs(exponent - round(exponent)) <= 1e-6 for exponent in exponents):
        return [_power(round(exponent), powers) for exponent in exponents]
    values = [10.0 ** min(exponent, 308.0) for exponent in exponents]
    if min(values) < 0.999e-3 or max(values) >= 1e7:
        return ["{}e{:d}".format(*_parts(f"{value:.0e}")) for value in values]
    return [_short(value) if max(values) >= 1e4 else number(value) for value in values]


def _power(exponent: int, powers: str) -> str:
    """10³; 1e3 without superscripts."""
    if not powers:
        return f"1e{exponent}"
    sign = powers[10] if exponent < 0 else ""
    return "10" + sign + "".join(powers[int(digit)] for digit in str(abs(exponent)))


def _parts(text: str) -> tuple[str, int]:
    mantissa, exponent = text.split("e")
    return mantissa, int(exponent)


def _short(value: float) -> str:
    """With k and M from 1000 on."""
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if value >= size * 0.999:
            return _trimmed(f"{value / size:.3g}") + sign
    return number(value)


def number(value: float, digits: int = 3) -> str:
    """A number in few cells: 0.0125, 627, 9.8k, 2.1e-07."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e7):
        mantissa, exponent = f"{value:.{digits - 2}e}".split("e")
        return f"{_trimmed(mantissa)}e{int(exponent)}"
    if size >= 1e6:
        return _trimmed(f"{value / 1e6:.{digits - 1}f}") + "M"
    if size >= 1e4:
        return _trimmed(f"{value / 1e3:.1f}") + "k"
    return _trimmed(f"{value:.{digits}g}") if size < 1000 else f"{value:.0f}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def count(value: float) -> str:
    """A step number as an axis shows it: 200, 12k, 1.5M."""
    if value >= 1e9:
        return f"{value:.4g}"
    if value >= 1e6:
        return _trimmed(f"{value / 1e6:.3f}") + "M"
    if value >= 1e4:
        return _trimmed(f"{value / 1e3:.3f}") + "k"
    return f"{value:.0f}"


@dataclass(frozen=True)
class Place:
    """Where on a grid the canvas lies."""

    x: int
    y: int
    width: int
    height: int

    def column(self, share: float) -> int:
        return self.x + cell_at(share, self.width, DOTS_ACROSS)

    def row(self, share: float) -> int:
        return self.y + self.height - 1 - cell_at(share, self.height, DOTS_DOWN)


def share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def canvas(width: int, height: int, *, gutter: int = 6, right: int = 0) -> Place:
    """The canvas that leaves room for axes; they go where there is no room for them."""
    left = gutter if width >= gutter + right + 12 else 0
    right = right if width >= left + right + 12 else 0
    below = 2 if height >= 5 else 0
    return Place(left, 0, max(width - left - right, 0), max(height - below, 0))


Labels = Sequence[tuple[float, str]]  # a place on the axis and what stands there


def frame(grid: Grid, place: Place, bounds: Bounds, xs: Labels, ys: Labels, pens: Palette) -> None:
    """Draw both axes with labels around `place`; labels that would touch are left out."""
    faint, signs = Ink(pens.faint), pens.signs
    floor = place.y + place.height
    if place.x > 0:
        for y in range(place.y, floor):
            grid.put(place.x - 1, y, signs.beam, faint)
        taken: set[int] = set()
        for value, label in ys:
            y = place.row(share(value, bounds.bottom, bounds.top))
            if y in taken or not place.y <= y < floor:
                continue
            taken.add(y)
            grid.put_right(place.x - 1, y, label, faint)
            grid.put(place.x - 1, y, signs.tick_y, faint)
    if grid.height > floor:
        corner = signs.corner if place.x else ""
        grid.put(place.x - len(corner), floor, corner + signs.line_x * place.width, faint)
        _label_steps(grid, place, bounds, xs, pens)


def ruled(grid: Grid, place: Place, bounds: Bounds, pens: Palette, digits: int = 4) -> None:
    """Both axes with numbers at even places, as many as there is room for."""
    across = ticks(bounds.left, bounds.right, max(min(place.width // 9, 8), 1))
    up = ticks(bounds.bottom, bounds.top, max(min((place.height + 1) // 2, 7), 2))
    xs, ys = ([(tick, number(tick, digits)) for tick in line] for line in (across, up))
    frame(grid, place, bounds, xs, ys, pens)


def _label_steps(grid: Grid, place: Place, bounds: Bounds, xs: Labels, pens: Palette) -> None:
    floor, free = place.y + place.height, 0
    for value, label in xs:
        x = place.column(share(value, bounds.left, bounds.right))
        if not place.x <= x < place.x + place.width:
            continue
        grid.put(x, floor, pens.signs.tick_x, Ink(pens.faint))
        size = cells(label)
        start = max(min(x - size // 2, grid.width - size), 0)
        if start >= free:
            grid.put(start, floor + 1, label, Ink(pens.faint))
            free = start + size + 1


def spread(rows: Sequence[int], low: int, high: int) -> list[int]:
    """Rows for labels wanted at `rows`, moved so that no two share one (as far as they fit)."""
    order = sorted(range(len(rows)), key=lambda i: rows[i])
    placed = [0] * len(rows)
    free = low
    for i in order:
        placed[i] = max(rows[i], free)
        free = placed[i] + 1
    ceiling = high
    for i in reversed(order):
        placed[i] = max(min(placed[i], ceiling), low)
        ceiling = placed[i] - 1
    return placed
