"""Pictures: a model and its data in, a protocol struct out. The session asks for them.

One file per picture, each with `available(subject)` and `paint(subject, request)`; a new one
gets its line in `_PICTURES`, and its twin among the screen's widgets.
"""

from collections.abc import Callable

from ..protocol.views import Picture, PictureRequest
from . import bars, confusion, field, fit, gallery, own, scatter
from .subject import Subject

__all__ = ["Subject", "paint", "pictures"]

_Available = Callable[[Subject], bool]
_Paint = Callable[[Subject, PictureRequest], Picture]

# by name, in the order the screen numbers them
_PICTURES: dict[str, tuple[_Available, _Paint]] = {
    "own": (own.available, own.paint),
    "fit": (fit.available, fit.paint),
    "boundary": (field.available, field.paint),
    "gallery": (gallery.available, gallery.paint),
    "confusion": (confusion.available, confusion.paint),
    "predicted": (scatter.available, scatter.paint),
    "weights": (bars.available, bars.paint),
}


def pictures(subject: Subject) -> tuple[str, ...]:
    """Names of the pictures there are of this subject, the most useful first. Costs no predict."""
    return tuple(name for name, (available, _) in _PICTURES.items() if available(subject))


def paint(subject: Subject, request: PictureRequest) -> Picture:
    """The picture asked for; raises `ValueError` where there is none of that name."""
    names = pictures(subject)
    if request.name not in names:
        there = ", ".join(names) or "none"
        raise ValueError(f"there is no picture {request.name!r} of this run; there is {there}")
    return _PICTURES[request.name][1](subject, request)
