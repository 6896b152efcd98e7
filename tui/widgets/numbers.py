"""The numbers of a picture that can be chosen with the arrows and written by hand.

The pictures of weights and of a network draw the cursor; the screen asks here what it is on.
"""

import math
from dataclasses import dataclass

from ...engine.protocol.pictures import Bars, Matrix, Network
from ...engine.protocol.views import View

_SERIES = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Chosen:
    """One number of one parameter. `matrix`, `row` and `column` say where in a network it is;
    `column` one past the last is the bias. `tick` is how far one key press turns it."""

    parameter: str
    index: int
    value: float
    name: str
    tick: float = 0.1
    matrix: int = 0
    row: int = 0
    column: int = 0


def count(view: View | None) -> int:
    """How many numbers can be chosen."""
    if isinstance(view, Bars):
        return len(view.places)
    if isinstance(view, Network):
        return sum(map(_size, view.matrices))
    return 0


def moved(view: View | None, at: int, across: int, down: int) -> int:
    """The cursor's place after a move: down to the next number, across to the next layer."""
    total = count(view)
    if not total:
        return at
    at = min(max(at, 0), total - 1)
    if isinstance(view, Network) and across:
        starts = _starts(view)
        layer = max(k for k, start in enumerate(starts) if start <= at)
        return starts[min(max(layer + across, 0), len(starts) - 1)]
    return min(max(at + down + across, 0), total - 1)


def moved_in_matrix(view: Network, at: int, across: int, down: int) -> int:
    """The cursor's place in a matrix after a move; below its last row lies the next one."""
    number = chosen(view, min(max(at, 0), count(view) - 1))
    if number is None or not down:
        return moved(view, at, 0, across)
    rows = len(view.matrices[number.matrix].values)
    if 0 <= number.row + down < rows:
        matrix = view.matrices[number.matrix]
        return at + down * (len(matrix.values[0]) + bool(matrix.bias))
    starts = [*_starts(view), count(view) - 1]
    return starts[number.matrix + 1] if down > 0 else max(starts[number.matrix] - 1, 0)


def chosen(view: View | None, at: int) -> Chosen | None:
    """What the cursor is on."""
    if not 0 <= at < count(view):
        return None
    if isinstance(view, Bars):
        parameter, index = view.places[at]
        return Chosen(parameter, index, view.values[at], view.names[at], tick(view.values))
    return _of_network(view, at) if isinstance(view, Network) else None


def _of_network(view: Network, at: int) -> Chosen:
    starts = _starts(view)
    layer = max(k for k, start in enumerate(starts) if start <= at)
    matrix = view.matrices[layer]
    across = len(matrix.values[0])
    row, column = divmod(at - starts[layer], across + bool(matrix.bias))
    numbers = [value for values in matrix.values for value in values]
    if column == across:
        name, index, value = matrix.bias_name, row, matrix.bias[row]
        place = f"{name}[{row}]"
    else:
        name, index, value = matrix.name, row * across + column, matrix.values[row][column]
        place = f"{name}[{row},{column}]"
    return Chosen(name, index, value, place, tick(numbers), layer, row, column)


def nudged(number: Chosen, ticks: int) -> float:
    """The value so many presses further, on round numbers."""
    digits = 2 - math.floor(math.log10(number.tick))
    presses = round(number.value / number.tick) if math.isfinite(number.value) else 0
    return round((presses + ticks) * number.tick, digits)


def tick(values: list[float]) -> float:
    """A round twentieth of the largest of them: 1, 2 or 5 with zeros."""
    most = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    span = most / 10 or 0.1
    exponent = math.floor(math.log10(span))
    return max(m for m in (0.5, *_SERIES) if m * 10.0**exponent <= span * 1.0001) * 10.0**exponent


def _size(matrix: Matrix) -> int:
    across = len(matrix.values[0]) if matrix.values else 0
    return len(matrix.values) * (across + bool(matrix.bias))


def _starts(view: Network) -> list[int]:
    starts, start = list[int](), 0
    for matrix in view.matrices:
        starts.append(start)
        start += _size(matrix)
    return starts
