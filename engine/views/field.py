"""A function of two inputs on a grid: where classes meet, or a surface."""

import torch
from torch import Tensor

from ..protocol.views import Field, PictureRequest
from .fit import extent
from .subject import (
    Pair,
    Subject,
    columns,
    has_classes,
    has_number,
    probabilities,
    rows,
    sample,
)

_WIDE, _HIGH = 120, 80  # inputs evaluated at most


def available(subject: Subject) -> bool:
    """For inputs [n, 2] with a class or one real target each."""
    return columns(subject) == 2 and (has_classes(subject) or has_number(subject))


def paint(subject: Subject, request: PictureRequest) -> Field:
    """The model over the range of the points drawn, one value a column and two a row."""
    train, valid = sample(subject.train), sample(subject.valid)
    inputs = torch.cat([part[0] for part in (train, valid) if len(part[0])])
    x_range, y_range = extent(inputs[:, 0]), extent(inputs[:, 1])
    wide, high = min(max(request.columns, 2), _WIDE), min(max(2 * request.rows, 2), _HIGH)
    grid = _grid(subject, x_range, y_range, wide, high)
    if has_classes(subject):
        p = probabilities(subject.predict(grid))
        best = p.max(1)
        values, certainty = (
            best.indices.float().reshape(high, wide),
            best.values.reshape(high, wide),
        )
        classes = subject.class_names(p.shape[1])
    else:
        values, certainty = subject.numbers(grid).reshape(high, wide), torch.empty(0, 0)
        classes = ()
    return Field(
        x_name=subject.input_name(0),
        y_name=subject.input_name(1),
        x_range=x_range,
        y_range=y_range,
        values=values.tolist(),
        certainty=certainty.tolist(),
        classes=classes,
        points=_points(subject, train),
        held_out=_points(subject, valid),
    )


def _grid(
    subject: Subject,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    wide: int,
    high: int,
) -> Tensor:
    """Inputs [high · wide, 2], row by row from the largest y down."""
    part = rows(subject)
    assert part is not None
    x = torch.linspace(*x_range, wide, dtype=part[0].dtype)
    y = torch.linspace(*y_range, high, dtype=part[0].dtype).flip(0)
    return torch.stack([x.expand(high, wide), y[:, None].expand(high, wide)], 2).reshape(-1, 2)


def _points(subject: Subject, part: Pair) -> tuple[list[float], list[float], list[float]]:
    x, target = part
    if not len(x):
        return [], [], []
    shown = target.float() if has_classes(subject) else subject.in_unit(target)
    return x[:, 0].tolist(), x[:, 1].tolist(), shown.tolist()
