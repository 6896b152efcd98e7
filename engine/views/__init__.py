"""Pictures: a model and its data in, a protocol struct out. The session asks for them.

One file per picture, each with `available(subject)` and `paint(subject, request)`; a new one
gets its line in `_PICTURES`, and its twin among the screen's widgets.
"""

from collections.abc import Callable

from ..protocol.pictures import Picture
from ..protocol.views import PictureRequest
from . import (
    bars,
    comparison,
    confusion,
    cost,
    field,
    fit,
    gallery,
    gradients,
    graph,
    hill,
    network,
    optimizer,
    own,
    predict,
    rates,
    scatter,
    seen,
    steps,
)
from .subject import Subject

__all__ = ["NAMES", "Subject", "paint", "pictures"]

_Available = Callable[[Subject], bool]
_Paint = Callable[[Subject, PictureRequest], Picture]

# by name, in the order the screen numbers them
_PICTURES: dict[str, tuple[_Available, _Paint]] = {
    "fit": (fit.available, fit.paint),
    "boundary": (field.available, field.paint),
    "gallery": (gallery.available, gallery.paint),
    "worst": (gallery.available, gallery.paint_worst),
    "confusion": (confusion.available, confusion.paint),
    "predicted": (scatter.available, scatter.paint),
    "weights": (bars.available, bars.paint),
    "compare": (comparison.available, comparison.paint),
    "hill": (hill.available, hill.paint),
    "network": (network.available, network.paint),
    "steps": (steps.available, steps.paint),
    "gradients": (gradients.available, gradients.paint),
    "graph": (graph.available, graph.paint),
    "optimizer": (optimizer.available, optimizer.paint),
    "rates": (rates.available, rates.paint),
    "cost": (cost.available, cost.paint),
    "seen": (seen.available, seen.paint),
    "predict": (predict.available, predict.paint),
}

NAMES = tuple(_PICTURES)


def pictures(subject: Subject) -> tuple[str, ...]:
    """Names of the pictures there are of this subject, the most useful first. Costs no predict."""
    there = [name for name, (available, _) in _PICTURES.items() if available(subject)]
    names = list(dict.fromkeys([*subject.draws, *there]))
    first = [name for name in subject.first if name in names]
    return tuple(dict.fromkeys([*first, *names]))


def paint(subject: Subject, request: PictureRequest) -> Picture:
    """The picture asked for; raises `ValueError` where there is none of that name."""
    names = pictures(subject)
    if request.name not in names:
        there = ", ".join(names) or "none"
        raise ValueError(f"there is no picture {request.name!r} of this run; there is {there}")
    if request.name in subject.draws:  # a file's own view comes before one of ours
        return own.paint(subject, request)
    return _PICTURES[request.name][1](subject, request)
