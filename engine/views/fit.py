"""A function of one input through its points, as it started, at its best, and now."""

import torch
from torch import Tensor
from torch.func import functional_call

from ..protocol.pictures import Fit
from ..protocol.views import PictureRequest
from .subject import Pair, Subject, columns, has_number, rows, sample

_MARGIN = 0.05  # of the range, on each side
_LINE = 400  # points of the line at most
Line = tuple[str, list[float], list[float]]


def available(subject: Subject) -> bool:
    """For inputs [n] or [n, 1] with one real target each."""
    return columns(subject) == 1 and has_number(subject)


def paint(subject: Subject, request: PictureRequest) -> Fit:
    """The line over the range of the points drawn, two values a column."""
    train, valid = sample(subject.train), sample(subject.valid)
    grid = _grid(subject, train, valid, min(2 * request.columns, _LINE))
    across = _shown(subject, grid)
    lines = [("model", across, subject.numbers(grid).tolist())]
    t, best = subject.training, subject.best
    if t is not None and best.step not in (0, t.step):
        lines += _said(subject, grid, f"best, step {best.step}", best.state)
    if t is not None and t.step:
        lines += _said(subject, grid, "start", subject.trail.start)
    return Fit(
        x_name=subject.input_name(0),
        y_name=subject.names.y,
        points=_points(subject, train),
        held_out=_points(subject, valid),
        lines=tuple(lines),
        y_range=subject.names.y_range,
    )


def _said(subject: Subject, grid: Tensor, name: str, state: dict[str, Tensor]) -> list[Line]:
    """The line of other weights; none where they are another model's."""
    t = subject.training
    present = subject.model.state_dict()
    same = {n: v.shape for n, v in present.items()} == {n: v.shape for n, v in state.items()}
    if t is None or not state or not same:
        return []
    with t.autocast:
        said = functional_call(subject.model, state, (grid.to(t.device),))
    return [(name, _shown(subject, grid), subject.in_unit(said.float().cpu()).tolist())]


def _points(subject: Subject, part: Pair) -> tuple[list[float], list[float]]:
    x, y = part
    return _shown(subject, x), subject.in_unit(y).tolist()


def _unit(subject: Subject) -> tuple[float, float]:
    """Scale and offset in which the input is shown."""
    names = subject.names
    scale = names.x_scale[0] if len(names.x_scale) == 1 and names.x_scale[0] > 0 else 1.0
    return scale, names.x_offset[0] if len(names.x_offset) == 1 else 0.0


def _shown(subject: Subject, x: Tensor) -> list[float]:
    scale, offset = _unit(subject)
    return (x.reshape(-1).double() * scale + offset).tolist()


def _grid(subject: Subject, train: Pair, valid: Pair, count: int) -> Tensor:
    """Evenly spaced inputs of the shape and type that the model is trained on."""
    low, high = extent(torch.cat([train[0].reshape(-1), valid[0].reshape(-1)]))
    if subject.names.x_range:
        scale, offset = _unit(subject)
        low, high = ((end - offset) / scale for end in subject.names.x_range)
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
