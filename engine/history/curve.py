"""Loss curves in constant memory: what a chart shows costs the same at any step.

The session extends the curves, the server asks for windows of them. Every series is a pyramid
of bins; a window finer than the pyramid's base is read from the store.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ..protocol.views import Curve, CurveRequest, Line, Mark
from .blocks import Floats, Ints, ascending

Exact = Callable[[str, int, int], tuple[list[int], list[float], bool]]

MOST_BINS = 1 << 13
MOST_COLUMNS = 4096
MOST_MARKS = 1000
READ_AT_MOST = 1 << 20  # steps read back for one window; a wider one shows the base bins
_FEWEST_BINS = 64
_NEVER = np.iinfo(np.int64).max  # no non-finite value in this bin
_LAST_STEP = 1 << 62


class _Bins:
    """Neighbouring bins: the extremes, sum and number of the finite values of each.

    `lowest` is the first step of the lowest value, `broken` that of one that was not finite.
    """

    def __init__(self, size: int) -> None:
        self.low: Floats = np.full(size, np.inf)
        self.high: Floats = np.full(size, -np.inf)
        self.total: Floats = np.zeros(size)
        self.count: Ints = np.zeros(size, np.int64)
        self.lowest: Ints = np.full(size, _NEVER)
        self.broken: Ints = np.full(size, _NEVER)

    def __len__(self) -> int:
        return len(self.count)

    def part(self, first: int, end: int) -> "_Bins":
        """A copy of bins `first` to `end` - 1."""
        part = _Bins(0)
        part.low, part.high = self.low[first:end].copy(), self.high[first:end].copy()
        part.total, part.count = self.total[first:end].copy(), self.count[first:end].copy()
        part.lowest, part.broken = self.lowest[first:end].copy(), self.broken[first:end].copy()
        return part

    def put(self, first: int, other: "_Bins") -> None:
        """Overwrite the bins from `first` on."""
        end = first + len(other)
        self.low[first:end], self.high[first:end] = other.low, other.high
        self.total[first:end], self.count[first:end] = other.total, other.count
        self.lowest[first:end], self.broken[first:end] = other.lowest, other.broken

    def add(self, places: Ints, other: "_Bins") -> None:
        """Add bin i of `other` to the bin `places[i]`; no place occurs twice."""
        lower = other.low < self.low[places]
        self.lowest[places] = np.where(lower, other.lowest, self.lowest[places])
        self.low[places] = np.minimum(self.low[places], other.low)
        self.high[places] = np.maximum(self.high[places], other.high)
        self.total[places] += other.total
        self.count[places] += other.count
        self.broken[places] = np.minimum(self.broken[places], other.broken)

    def empty(self, places: Ints) -> None:
        self.low[places], self.high[places] = np.inf, -np.inf
        self.total[places], self.count[places] = 0.0, 0
        self.lowest[places], self.broken[places] = _NEVER, _NEVER

    def halved(self, first: int, end: int) -> "_Bins":
        """Bins 2·first to 2·end - 1, joined in pairs."""
        even, odd = slice(2 * first, 2 * end, 2), slice(2 * first + 1, 2 * end, 2)
        half = _Bins(0)
        lower = self.low[odd] < self.low[even]
        half.lowest = np.where(lower, self.lowest[odd], self.lowest[even])
        half.low = np.minimum(self.low[even], self.low[odd])
        half.high = np.maximum(self.high[even], self.high[odd])
        half.total = self.total[even] + self.total[odd]
        half.count = self.count[even] + self.count[odd]
        half.broken = np.minimum(self.broken[even], self.broken[odd])
        return half


def _binned(steps: Ints, values: Floats, shift: int) -> tuple[Ints, _Bins]:
    """Ascending `steps` in bins 2**shift wide: the numbers of the bins, and the bins."""
    numbers = steps >> shift
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    finite = np.isfinite(values)
    bins = _Bins(0)
    bins.low = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
    lows = np.repeat(bins.low, np.diff(starts, append=len(steps)))
    bins.lowest = np.minimum.reduceat(np.where(values == lows, steps, _NEVER), starts)
    bins.high = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
    bins.total = np.add.reduceat(np.where(finite, values, 0.0), starts)
    bins.count = np.add.reduceat(finite.astype(np.int64), starts)
    bins.broken = np.minimum.reduceat(np.where(finite, _NEVER, steps), starts)
    return numbers[starts], bins


class Pyramid:
    """One series: at most 2**13 base bins whose width doubles when they are full.

    Coarser levels halve the number of bins down to one. They are brought up to date when they
    are read, and then only where the base has changed. Not thread-safe.
    """

    def __init__(self) -> None:
        self.shift = 0  # a base bin is 2**shift steps wide
        self.latest = (-1, float("nan"))
        self._build(_Bins(_FEWEST_BINS))

    def extend(self, steps: Ints, values: Floats) -> None:
        """Add values at ascending steps. A step given again replaces its value while bins are one
        step wide, and is a further value of its bin later on."""
        self._make_room(int(steps[-1]))
        places, bins = _binned(steps, values, self.shift)
        base = self._levels[0]
        if self.shift == 0:
            base.empty(places)
        base.add(places, bins)
        self._dirty = (
            min(self._dirty[0], int(places[0])),
            max(self._dirty[1], int(places[-1]) + 1),
        )
        self.latest = (int(steps[-1]), float(values[-1]))

    def read(self, shift: int, first: int, end: int) -> _Bins:
        """Bins `first` to `end` - 1 of width 2**shift, for a shift no smaller than the base's.

        Fewer where the series has not come that far, none for an empty window.
        """
        self._bring_up_to_date()
        level = min(shift - self.shift, len(self._levels) - 1)  # the last level is a single bin
        return self._levels[level].part(first, end)

    def _make_room(self, step: int) -> None:
        base = self._levels[0]
        while step >> self.shift >= MOST_BINS:
            wider = _Bins(len(base))
            wider.put(0, base.halved(0, len(base) // 2))
            base = wider
            self.shift += 1
        size = len(base)
        while size <= step >> self.shift:
            size *= 2
        if size > len(base):
            larger = _Bins(size)
            larger.put(0, base)
            base = larger
        if base is not self._levels[0]:
            self._build(base)

    def _build(self, base: _Bins) -> None:
        self._levels = [base]
        while len(self._levels[-1]) > 1:
            self._levels.append(_Bins(len(self._levels[-1]) // 2))
        self._dirty = (0, len(base))

    def _bring_up_to_date(self) -> None:
        first, end = self._dirty
        if first >= end:
            return
        for fine, coarse in pairwise(self._levels):
            first, end = first // 2, (end + 1) // 2
            coarse.put(first, fine.halved(first, end))
        self._dirty = (_LAST_STEP, 0)


class Curves:
    """All series of a run, and the marks where a knob was turned. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[str, Pyramid] = {}
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)

    @property
    def names(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._series)

    def extend(self, series: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Add one value per step (0 or later) to a series. A step given twice keeps its last."""
        if not len(steps):
            return
        at, of = ascending(np.asarray(steps, np.int64), np.asarray(values, np.float64))
        with self._lock, np.errstate(over="ignore", invalid="ignore"):
            pyramid = self._series.get(series) or self._series.setdefault(series, Pyramid())
            pyramid.extend(at, of)

    def mark(self, step: int, text: str) -> None:
        """Note at `step` what a person did. The newest 1,000 marks are kept."""
        with self._lock:
            self._marks.append(Mark(step, text))

    def clear(self) -> None:
        """Forget everything: the run starts again at step 0."""
        with self._lock:
            self._series.clear()
            self._marks.clear()

    def latest(self, series: str) -> tuple[int, float] | None:
        """The newest step of a series and its value."""
        with self._lock:
            pyramid = self._series.get(series)
            return pyramid.latest if pyramid else None

    def curve(self, request: CurveRequest, exact: Exact) -> Curve:
        """The window asked for, in the narrowest bins of which at most `columns` are needed.

        Bins are 2**k steps wide and begin at multiples of that, so panning never changes a bin;
        those at the edges are whole, too. Bins finer than the pyramid's base are made from the
        values `exact` reads (`Store.exact`).
        """
        with self._lock, np.errstate(over="ignore", invalid="ignore"):
            known = {name: self._series.get(name) for name in request.series}
            first = min(max(request.first, 0), _LAST_STEP)
            latest = max((p.latest[0] for p in self._series.values()), default=0)
            last = min(max(request.last or latest, 0), _LAST_STEP)
            marks = tuple(mark for mark in self._marks if first <= mark.step <= last)
            shift = _shift(first, last, min(max(request.columns, 1), MOST_COLUMNS))
            if last - first > READ_AT_MOST:
                shift = max([shift, *(p.shift for p in known.values() if p)])
            begin, end = first >> shift, (last >> shift) + 1
            bins = {
                name: pyramid.read(shift, begin, end) if pyramid else _Bins(0)
                for name, pyramid in known.items()
                if pyramid is None or pyramid.shift <= shift
            }
            newest = {name: p.latest for name, p in known.items() if p}
        for name in known.keys() - bins.keys():
            bins[name] = _read(exact, name, begin, end, shift)
        lines = tuple(
            _line(name, bins[name], begin, shift, newest.get(name, (0, None))) for name in known
        )
        return Curve(first, last, 1 << shift, lines, marks)


def _shift(first: int, last: int, columns: int) -> int:
    """The smallest k for which bins of 2**k steps cover first to last in at most `columns`."""
    shift = max((max(last - first, 0) // columns).bit_length() - 1, 0)
    while (last >> shift) - (first >> shift) + 1 > columns:
        shift += 1
    return shift


def _read(exact: Exact, series: str, begin: int, end: int, shift: int) -> _Bins:
    """Bins `begin` to `end` - 1, like `Pyramid.read`, from exact values."""
    steps: list[int] = []
    values: list[float] = []
    first, last, more = begin << shift, (end << shift) - 1, True
    while more and first <= last:
        page, of, more = exact(series, first, last)
        steps += page
        values += of
        first = page[-1] + 1 if page else last + 1
    bins = _Bins(max(end - begin, 0))
    if steps:
        with np.errstate(over="ignore", invalid="ignore"):
            numbers, some = _binned(np.asarray(steps), np.asarray(values), shift)
            bins.add(numbers - begin, some)
    return bins


def _line(name: str, bins: _Bins, begin: int, shift: int, newest: tuple[int, float | None]) -> Line:
    """The line of neighbouring bins, the first of which is number `begin`."""
    full = np.flatnonzero(bins.count)
    low, high = bins.low[full], bins.high[full]
    mean = bins.total[full] / bins.count[full]
    mean = np.where(np.isfinite(mean), mean, low / 2 + high / 2)  # the sum went over 1.8e308
    return Line(
        name=name,
        steps=((full + begin) << shift).tolist(),
        low=low.tolist(),
        mean=np.clip(mean, low, high).tolist(),
        high=high.tolist(),
        broken=bins.broken[bins.broken != _NEVER].tolist(),
        lowest=int(bins.lowest[full[np.argmin(low)]]) if len(full) else None,
        last=newest[1] if len(full) and newest[0] >> shift == full[-1] + begin else None,
    )
