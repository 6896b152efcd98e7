"""The pictures that the experiment's own `view` and `view_NAME` functions returned.

A view returns a dict. What an entry is says how it is drawn: a 1-D tensor as a line, a 2-D one
as a map, a pair (x, y) of them as a curve on one plot with the other pairs, a text as text, a
list of rows as a table (its first row names the columns). `views.paint` calls `paint`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..protocol.pictures import Drawing, Plotted, Table
from ..protocol.views import PictureRequest
from .subject import Subject

_FORMS = (
    "a 1-D or 2-D tensor, a pair (x, y) of 1-D tensors, a text, or a list of rows (tuples of "
    "texts and numbers, the first names the columns)"
)
_ROWS = 500  # of one table
_SIGNS = 20_000  # of one text


def paint(subject: Subject, request: PictureRequest) -> Drawing:
    """Every entry thinned to the area; `ValueError` for what cannot be drawn."""
    drawn = subject.draws[request.name]()
    by = "view()" if request.name == "own" else f"view_{request.name.replace(' ', '_')}()"
    if not isinstance(drawn, dict):
        raise ValueError(f"{by} returned {type(drawn).__name__}; it should return a dict")
    made: dict[type, list[Any]] = {}
    for name, value in drawn.items():
        kind, entry = _entry(str(name), value, request, by)
        made.setdefault(kind, []).append(entry)
    return Drawing(
        lines=tuple(made.get(list, ())),
        maps=tuple(made.get(Tensor, ())),
        curves=tuple(made.get(Plotted, ())),
        texts=tuple(made.get(str, ())),
        tables=tuple(made.get(Table, ())),
        order=tuple(map(str, drawn)),
    )


def _entry(name: str, value: object, request: PictureRequest, by: str) -> tuple[type, Any]:
    """What kind of entry this is (the type that stands for it), and the entry."""
    if isinstance(value, str):
        return str, (name, value[:_SIGNS])
    if _is_table(value):
        return Table, _table(name, value, by)
    if isinstance(value, tuple) and len(value) == 2:
        return Plotted, _curve(name, value, request, by)
    tensor = _numbers(name, value, by)
    if tensor.ndim < 2:
        return list, (name, thinned(tensor.reshape(-1), 2 * request.columns).tolist())
    return Tensor, (name, shrunk(tensor, 2 * request.rows, request.columns).tolist())


def _is_table(value: object) -> bool:
    """Whether this is a list whose first row is a row of names."""
    if not isinstance(value, list) or not value:
        return False
    heading = value[0]
    return isinstance(heading, tuple | list) and all(isinstance(name, str) for name in heading)


def _table(name: str, rows: Any, by: str) -> Table:
    heading = tuple(rows[0])
    for row in rows[1 : _ROWS + 1]:
        if not isinstance(row, tuple | list) or len(row) != len(heading):
            raise ValueError(
                f"{by} gave {name!r} a row {row!r:.60}; it should have {len(heading)} "
                f"entries, as {heading!r:.60}"
            )
    return Table(
        title=name,
        columns=heading,
        rows=tuple(tuple(_word(word) for word in row) for row in rows[1 : _ROWS + 1]),
        notes=(f"{len(rows) - 1 - _ROWS} more rows",) if len(rows) - 1 > _ROWS else (),
    )


def _word(value: object) -> str:
    """A text as it is, a number in at most six digits."""
    if isinstance(value, Tensor) and value.numel() == 1:
        value = value.item()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _curve(name: str, pair: Sequence[object], request: PictureRequest, by: str) -> Plotted:
    x, y = (_numbers(name, part, by).reshape(-1) for part in pair)
    if len(x) != len(y):
        raise ValueError(f"{by} gave {name!r} {len(x)} x for {len(y)} y; they go in pairs")
    kept = _spread(len(x), 4 * request.columns)
    return Plotted(name, x[kept].tolist(), y[kept].tolist())


def _spread(count: int, most: int) -> Tensor:
    """At most `most` indices below `count`, evenly spaced from first to last."""
    most = max(most, 2)
    return torch.arange(count) if count <= most else torch.linspace(0, count - 1, most).long()


def _numbers(name: str, value: Any, by: str) -> Tensor:
    as_tensor: Callable[..., Tensor] = torch.as_tensor
    try:
        tensor = as_tensor(value).detach().float().cpu()
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(
            f"{by} gave {name!r} as {type(value).__name__}; it should be {_FORMS}"
        ) from None
    if tensor.ndim > 2:
        shape = "×".join(map(str, tensor.shape))
        raise ValueError(f"{by} gave {name!r} of shape {shape}; it should be 1-D or 2-D")
    return tensor


def thinned(line: Tensor, most: int) -> Tensor:
    """A line [n] of at most `most` points: lowest and highest of each bin, as they came."""
    if len(line) <= most:
        return line
    bins = max(most // 2, 1)
    width = -(-len(line) // bins)
    padding = line[-1:].expand(-len(line) % width)
    binned = torch.cat([line, padding]).reshape(-1, width)
    ends = torch.stack([binned.argmin(1), binned.argmax(1)], 1).sort(1).values
    return binned.gather(1, ends).reshape(-1)


def shrunk(maps: Tensor, height: int, width: int) -> Tensor:
    """Maps [h, w] or [n, h, w] averaged down to at most `height` × `width`; smaller ones stay."""
    h, w = maps.shape[-2:]
    if (h <= height and w <= width) or not maps.numel():
        return maps
    size = (min(h, max(height, 1)), min(w, max(width, 1)))
    return torch.nn.functional.adaptive_avg_pool2d(maps.reshape(-1, h, w), size).reshape(
        *maps.shape[:-2], *size
    )
