"""Numbers and tensors as passages: all their values when small, else statistics and a histogram.

Used by `passages`, `formulas` and `updates`.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..protocol.views import Passage
from .diagnosis import describe

EACH = 64  # numbers of a model that get a row each
PARTS = 24  # parameters that get a row each
ALL = 100  # numbers of a tensor that are all shown
ACROSS = 16  # numbers of a row of a matrix that is shown whole
BINS = 24


def num(value: float, digits: int = 4) -> str:
    """`0.6614`, `−54320`, `1e−5`: so many significant digits and a true minus sign."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        power = int(exponent)
        text = f"{mantissa}e{power}"
        if 0 <= power < 6:  # 5.432e+04 reads worse than 54320
            text = f"{value:.0f}"
    return text.replace("-", "−")


def factor(value: float) -> str:
    """A number in a product or a difference: negative ones stand in brackets."""
    return f"({num(value)})" if value < 0 else num(value)


def says(text: str) -> Passage:
    return Passage("says", text)


def code(text: str, aside: str = "") -> Passage:
    return Passage("code", text, aside)


def formula(text: str) -> Passage:
    return Passage("formula", text)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], most: int = ALL) -> Passage:
    """Rows under headings; `most` rows at most, the last says how many more there are."""
    shown = [tuple(row) for row in rows[:most]]
    if len(rows) > most:
        shown.append((f"… {len(rows) - most} more", *[""] * (len(headings) - 1)))
    return Passage("table", rows=(tuple(headings), *shown))


def tensor(name: str, value: Tensor) -> Passage:
    """A tensor with its shape, type and numbers."""
    value = value.detach()
    aside = describe(value)
    if value.numel() == 0 or value.is_complex():
        return Passage("tensor", name, aside)
    if value.numel() <= ALL and (value.ndim < 3 or value.numel() <= ACROSS):
        return Passage("tensor", name, aside, rows=_rows(value))
    real = value.is_floating_point() or value.dtype == torch.bool
    words = statistics(value) if real else whole_statistics(value)
    low, high, counts = histogram(value.double())
    return Passage("tensor", name, aside, words, counts=counts, low=low, high=high)


def _rows(value: Tensor) -> tuple[tuple[str, ...], ...]:
    matrix = value if value.ndim == 2 and value.shape[1] <= ACROSS else value.reshape(1, -1)
    if matrix.shape[1] == 1:
        matrix = matrix.reshape(1, -1)
    whole = not value.is_floating_point()
    return tuple(tuple(str(int(v)) if whole else num(v) for v in row) for row in matrix.tolist())


def statistics(value: Tensor) -> str:
    """Mean, standard deviation and range; what is not finite is said."""
    numbers = value.double().reshape(-1)
    finite = numbers[numbers.isfinite()]
    bad = numbers.numel() - finite.numel()
    said = f"{bad:,} not finite  " if bad else ""
    if not finite.numel():
        return said.strip()
    std = finite.std(correction=0).item()
    return (
        f"{said}mean {num(finite.mean().item())}  std {num(std)}  "
        f"min {num(finite.min().item())}  max {num(finite.max().item())}"
    )


def whole_statistics(value: Tensor) -> str:
    return f"from {int(value.min())} to {int(value.max())}, {len(value.unique())} different"


def histogram(numbers: Tensor) -> tuple[str, str, tuple[int, ...]]:
    """The range of the finite numbers, and their counts in bins of equal width."""
    finite = numbers.reshape(-1)
    finite = finite[finite.isfinite()].cpu()
    low, high = (finite.min().item(), finite.max().item()) if finite.numel() else (0.0, 0.0)
    if low == high:
        return "", "", ()
    counts = torch.histc(finite, BINS, low, high).long().tolist()
    return num(low, 3), num(high, 3), tuple(counts)


def each_number(names: list[str], tensors: list[Tensor]) -> list[tuple[str, float]]:
    """Every number with a name: a, w[0], w[0,1]."""
    named: list[tuple[str, float]] = []
    for name, value in zip(names, tensors, strict=True):
        for i, number in enumerate(value.detach().double().reshape(-1).tolist()):
            named.append((number_name(name, value.shape, i), number))
    return named


def number_name(name: str, shape: Sequence[int], i: int) -> str:
    """The name of number `i` (row-major) of a tensor: a where it is the only one, w[0], w[2,3]."""
    if math.prod(shape) == 1:
        return name
    place: list[str] = []
    for size in reversed(shape):
        i, here = divmod(i, size)
        place.append(str(here))
    return f"{name}[{','.join(reversed(place))}]"
