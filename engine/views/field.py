"""A function of two inputs on a grid: where classes meet, or a surface."""

import torch
from torch import Tensor

from ..protocol.pictures import Field
from ..protocol.views import PictureRequest
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
    ends = _two_ends(subject)
    if has_classes(subject):
        p = probabilities(subject.predict(grid))
        best = p.max(1)
        values, certainty = (
            best.indices.float().reshape(high, wide),
            best.values.reshape(high, wide),
        )
        classes = subject.class_names(p.shape[1])
    elif ends is not None:
        best, certainty, classes = _sides(subject, subject.numbers(grid), ends)
        values, certainty = best.reshape(high, wide), certainty.reshape(high, wide)
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
        points=_points(subject, train, ends),
        held_out=_points(subject, valid, ends),
    )


def _two_ends(subject: Subject) -> tuple[float, float] | None:
    """The two numbers that all targets are, such as -1 and +1; None where there are more."""
    part = rows(subject)
    if part is None or has_classes(subject):
        return None
    found = subject.in_unit(part[1]).unique()
    return (found[0].item(), found[1].item()) if len(found) == 2 else None


def _sides(
    subject: Subject, outputs: Tensor, ends: tuple[float, float]
) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """For outputs between two ends: which is nearer, how near from ½ to 1, and their names."""
    share = ((outputs - ends[0]) / (ends[1] - ends[0])).clamp(0, 1)
    names = subject.names.classes
    shown = tuple(names) if len(names) == 2 else tuple(f"{end:g}" for end in ends)
    broken = outputs.isnan()
    side = (share >= 0.5).double().masked_fill(broken, torch.nan)
    return side, torch.maximum(share, 1 - share), shown


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


def _points(
    subject: Subject, part: Pair, ends: tuple[float, float] | None
) -> tuple[list[float], list[float], list[float]]:
    x, target = part
    if not len(x):
        return [], [], []
    shown = target.float() if has_classes(subject) else subject.in_unit(target)
    if ends is not None:
        shown = (shown == ends[1]).float()
    return x[:, 0].tolist(), x[:, 1].tolist(), shown.tolist()
