"""Images with the model's scores, a page of them at a time, in order or the worst first."""

import msgspec
import torch
from torch import Tensor

from ..protocol.pictures import Example, Gallery
from ..protocol.views import PictureRequest
from .own import shrunk
from .subject import Subject, has_classes, held_out, probabilities, rows

_PAGE = 24  # images at most
_AT_ONCE = 500  # images predicted at once


def available(subject: Subject) -> bool:
    """For images [n, height, width] or [n, channels, height, width] with classes."""
    part = rows(subject)
    return part is not None and part[0].ndim in (3, 4) and has_classes(subject)


def paint(subject: Subject, request: PictureRequest) -> Gallery:
    """The images from number `request.index` on, which wraps around."""
    x, _, _ = held_out(subject)
    first = request.index % len(x)
    return _page(subject, request, torch.arange(len(x))[first : first + _PAGE], first)


def paint_worst(subject: Subject, request: PictureRequest) -> Gallery:
    """The same, ordered by how little probability the model gives to what they are."""
    x, target, _ = held_out(subject)
    p = probabilities(torch.cat([subject.predict(part) for part in x.split(_AT_ONCE)]))
    given = torch.zeros(len(x))
    known = (target >= 0) & (target < p.shape[1])
    given[known] = p[known].gather(1, target[known].long()[:, None])[:, 0]
    order = given.argsort(stable=True)
    first = request.index % len(x)
    page = _page(subject, request, order[first : first + _PAGE], first)
    return msgspec.structs.replace(page, worst=True)


def _page(subject: Subject, request: PictureRequest, rows: Tensor, first: int) -> Gallery:
    x, target, source = held_out(subject)
    images, targets = x[rows], target[rows]
    p = probabilities(subject.predict(images))
    grey = _grey(images, 2 * request.rows, request.columns)
    height, width = grey.shape[1:]
    examples = tuple(
        Example(
            number=int(rows[i]),
            width=width,
            height=height,
            pixels=bytes(grey[i].reshape(-1).tolist()),
            target=int(targets[i]),
            predicted=int(p[i].argmax()),
            scores=p[i].tolist(),
        )
        for i in range(len(images))
    )
    classes = subject.class_names(max(p.shape[1], len(subject.names.classes)))
    return Gallery(classes=classes, examples=examples, total=len(x), source=source, first=first)


def _grey(images: Tensor, height: int, width: int) -> Tensor:
    """Bytes [n, h, w]: the mean over channels, darkest of the page 0 and brightest 255."""
    grey = images.float() if images.ndim == 3 else images.float().mean(1)
    h, w = grey.shape[1:]
    scale = max(h / max(height, 1), w / max(width, 1), 1.0)
    grey = shrunk(grey, round(h / scale), round(w / scale)).nan_to_num()
    low, high = grey.min(), grey.max()
    return ((grey - low) * (255 / (high - low).clamp(min=1e-12))).round().to(torch.uint8)
