"""Planes through the space of weights, and their heights found out little by little.

`outlook.py` lays a `Plane`, and each look at the hill gives its `Survey` a few milliseconds.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10, nan

import torch
from torch import Tensor

EXACT = 1_000_000  # numbers whose products are taken in float64
NEWTON = 20  # steps from the lowest grid point to the minimum
HALVED = 6  # times a step may be halved
COARSEST = 8  # grid lines apart in the first round
Range = tuple[float, float]


@dataclass(frozen=True)
class Plane:
    """One or two directions [k, d] through a point of the space of weights.

    `names` of the axes. Weights have the coordinates of their nearest point on the plane.
    """

    names: tuple[str, ...]
    origin: Tensor
    directions: Tensor
    kind: str = "parameters"

    def same(self, other: "Plane") -> bool:
        """Whether the other is this very plane."""
        return (
            self.names == other.names
            and torch.equal(self.origin, other.origin)
            and torch.equal(self.directions, other.directions)
        )

    def weights(self, *at: float) -> Tensor:
        """The flat weights at a point of the plane."""
        moved = self.origin
        for share, direction in zip(at, self.directions, strict=True):
            moved = moved + share * direction
        return moved

    def coordinates(self, weights: Tensor) -> Tensor:
        """Where weights [n, d] lie: float64 [n, k], by least squares."""
        exact = weights.numel() <= EXACT
        D, o, w = (
            part.cpu().double() if exact else part
            for part in (self.directions, self.origin, weights)
        )
        away = ((w - o) @ D.T).cpu().double()
        return torch.linalg.solve((D @ D.T).cpu().double(), away.T).T

    def along(self, gradient: Tensor) -> tuple[float, ...]:
        """The slope of the loss along each axis."""
        return tuple((self.directions @ gradient).tolist())


def of_parameters(names: Sequence[str], chosen: Sequence[int], weights: Tensor) -> Plane:
    """Axes along single parameters, counted from 0; the others stay as they are in `weights`."""
    origin = weights.clone()
    directions = torch.zeros(len(chosen), len(weights), device=weights.device)
    for axis, index in enumerate(chosen):
        origin[index] = 0.0
        directions[axis, index] = 1.0
    return Plane(tuple(names[index] for index in chosen), origin, directions)


class Survey:
    """Heights on a grid over a window of a plane; row 0 is at the top (largest y)."""

    def __init__(
        self,
        height: Callable[[Tensor], float],
        plane: Plane,
        window: Sequence[Range],
        columns: int,
        rows: int = 1,
        basis: object = None,
        descend: Callable[[Plane, list[float]], list[float]] | None = None,
    ) -> None:
        self.plane = plane
        self.basis = basis  # what the heights depend on besides the weights
        self.window = tuple(window)
        self.shape = columns, rows
        self.x = _spread(*window[0], columns)
        self.y = _spread(*window[1], rows)[::-1] if len(window) > 1 else []
        self._height = height
        self._descend = descend  # from a point towards a minimum nearby
        self._known = [[nan] * columns for _ in range(rows)]
        self._reached = [[False] * columns for _ in range(rows)]
        self._places = _coarse_first(columns, rows)
        self._next: tuple[int, int] | None = next(self._places)
        self.measured = 0
        self._lowest: tuple[float, ...] | None = None

    @property
    def complete(self) -> bool:
        return self._next is None

    @property
    def presentable(self) -> bool:
        """Whether every other grid line is measured."""
        return self.complete or self.measured * 4 >= self.shape[0] * self.shape[1]

    def holds(self, at: Sequence[float]) -> bool:
        """Whether a point of the plane lies in the window."""
        return all(low <= x <= high for x, (low, high) in zip(at, self.window, strict=True))

    def advance(self, seconds: float) -> None:
        """Measure further heights for about so long, at least one."""
        until = time.perf_counter() + seconds
        while self._next is not None:
            row, column = self._next
            at = (self.x[column], self.y[row]) if self.y else (self.x[column],)
            self._known[row][column] = self._height(self.plane.weights(*at))
            self._reached[row][column] = True
            self.measured += 1
            self._next = next(self._places, None)
            if time.perf_counter() >= until:
                return

    def heights(self) -> list[list[float]]:
        """The heights so far; what is not yet measured is as high as its nearest coarse point."""
        if self.complete:
            return [list(row) for row in self._known]
        columns, rows = self.shape
        return [[self._nearest(row, column) for column in range(columns)] for row in range(rows)]

    def _nearest(self, row: int, column: int) -> float:
        stride = 1
        while stride <= COARSEST:
            y, x = row - row % stride, column - column % stride
            if self._reached[y][x]:
                return self._known[y][x]
            stride *= 2
        return nan

    def lowest(self) -> tuple[float, ...]:
        """Coordinates and height of the lowest place, where it lies inside a complete grid."""
        if not self.complete:
            return ()
        if self._lowest is None:
            self._lowest = self._bottom()
        return self._lowest

    def _bottom(self) -> tuple[float, ...]:
        found = [(h, r, c) for r, row in enumerate(self._known) for c, h in enumerate(row)]
        found = [place for place in found if isfinite(place[0])]
        if not found:
            return ()
        low, row, column = min(found)
        columns, rows = self.shape
        if not (0 < column < columns - 1 and (not self.y or 0 < row < rows - 1)):
            return ()
        at = [self.x[column], *([self.y[row]] if self.y else [])]
        if self._descend is not None:
            for _ in range(NEWTON):
                aim = self._descend(self.plane, at)
                better, height = self._nearer(at, aim, low)
                if not height < low:
                    break
                if not self.holds(better):  # the ground falls on beyond the window
                    return ()
                at, low = better, height
        return (*at, low)

    def _nearer(self, at: list[float], aim: list[float], low: float) -> tuple[list[float], float]:
        """The longest of a few ever shorter steps towards `aim` that leads below `low`: in a bent
        valley the whole one lands on a wall."""
        better, height = aim, self._height(self.plane.weights(*aim))
        for halved in range(1, HALVED + 1):
            if height < low:
                break
            better = [x + (goal - x) / 2**halved for x, goal in zip(at, aim, strict=True)]
            height = self._height(self.plane.weights(*better))
        return better, height


def _spread(low: float, high: float, count: int) -> list[float]:
    step = (high - low) / max(count - 1, 1)
    return [low + i * step for i in range(count)]


def _coarse_first(columns: int, rows: int) -> Iterator[tuple[int, int]]:
    """Every (row, column): each eighth first, then what lies between, twice as dense each time."""
    stride = COARSEST
    while stride:
        for row in range(0, rows, stride):
            for column in range(0, columns, stride):
                before = stride < COARSEST and not (row % (2 * stride) or column % (2 * stride))
                if not before:
                    yield row, column
        stride //= 2


def window_around(needed: Range, before: Range | None = None) -> Range:
    """Round ends around what must be seen; those of `before` as long as they fit well."""
    low, high = needed
    if before is not None and before[0] <= low and high <= before[1]:
        used = (high - low) / (before[1] - before[0])
        if used >= 0.3:
            return before
    room = 0.12 * (high - low)
    quarter = (high - low) / 4
    step = 10.0 ** floor(log10(quarter))
    step *= max((m for m in (1.0, 2.0, 5.0) if m * step <= quarter), default=1.0)
    return floor((low - room) / step) * step, -floor(-(high + room) / step) * step
