"""The picture the experiment's own `view` returned: 1-D tensors as lines, 2-D ones as maps."""

import torch
from torch import Tensor

from ..protocol.views import Drawing, PictureRequest
from .subject import Subject


def available(subject: Subject) -> bool:
    """Whether the experiment has a `view`."""
    return subject.draw is not None


def paint(subject: Subject, request: PictureRequest) -> Drawing:
    """Every tensor thinned to the area; `ValueError` for what is neither a line nor a map."""
    assert subject.draw is not None
    drawn = subject.draw()
    if not isinstance(drawn, dict):
        raise ValueError(
            f"view() returned {type(drawn).__name__}; it should return a dict of "
            "1-D and 2-D tensors"
        )
    lines: list[tuple[str, list[float]]] = []
    maps: list[tuple[str, list[list[float]]]] = []
    for name, value in drawn.items():
        tensor = _numbers(str(name), value)
        if tensor.ndim < 2:
            lines.append((str(name), thinned(tensor.reshape(-1), 2 * request.columns).tolist()))
        else:
            small = shrunk(tensor, 2 * request.rows, request.columns)
            maps.append((str(name), small.tolist()))
    return Drawing(lines=tuple(lines), maps=tuple(maps))


def _numbers(name: str, value: object) -> Tensor:
    try:
        tensor = torch.as_tensor(value).detach().float().cpu()
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(
            f"view() gave {name!r} as {type(value).__name__}; it should be a 1-D or 2-D tensor"
        ) from None
    if tensor.ndim > 2:
        shape = "×".join(map(str, tensor.shape))
        raise ValueError(f"view() gave {name!r} of shape {shape}; it should be 1-D or 2-D")
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
