"""A function of one input through its points."""

import torch
from torch import Tensor

from ..protocol.views import Fit, PictureRequest
from .subject import Pair, Subject, columns, has_number, rows, sample

_MARGIN = 0.05  # of the range, on each side
_LINE = 400  # points of the line at most


def available(subject: Subject) -> bool:
    """For inputs [n] or [n, 1] with one real target each."""
    return columns(subject) == 1 and has_number(subject)


def paint(subject: Subject, request: PictureRequest) -> Fit:
    """The line over the range of the points drawn, two values a column."""
    train, valid = sample(subject.train), sample(subject.valid)
    grid = _grid(subject, train, valid, min(2 * request.columns, _LINE))
    line = grid.reshape(-1).tolist(), subject.numbers(grid).tolist()
    return Fit(
        x_name=subject.input_name(0),
        y_name=subject.names.y,
        points=_points(subject, train),
        held_out=_points(subject, valid),
        lines=(("model", *line),),
    )


def _points(subject: Subject, part: Pair) -> tuple[list[float], list[float]]:
    x, y = part
    return x.reshape(-1).tolist(), subject.in_unit(y).tolist()


def _grid(subject: Subject, train: Pair, valid: Pair, count: int) -> Tensor:
    """Evenly spaced inputs of the shape and type that the model is trained on."""
    low, high = extent(torch.cat([train[0].reshape(-1), valid[0].reshape(-1)]))
    part = rows(subject)
    assert part is not None
    grid = torch.linspace(low, high, max(count, 2), dtype=part[0].dtype)
    return grid.reshape(-1, *part[0].shape[1:])


def extent(values: Tensor) -> tuple[float, float]:
    """The range of the finite values with a margin; never empty."""
    finite = values[values.isfinite()]
    if not len(finite):
        return 0.0, 1.0
    low, high = finite.min().item(), finite.max().item()
    margin = (high - low) * _MARGIN or 0.5
    return low - margin, high + margin
