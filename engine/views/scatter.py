"""Predicted against actual, for one real target of several inputs."""

from ..protocol.pictures import Scatter
from ..protocol.views import PictureRequest
from .subject import Pair, Subject, columns, has_number, sample


def available(subject: Subject) -> bool:
    """For one real target each, unless a single input lets the fit itself be drawn."""
    return has_number(subject) and columns(subject) != 1


def paint(subject: Subject, request: PictureRequest) -> Scatter:
    """At most 500 points of each part, in the target's unit."""
    del request
    actual, predicted = _points(subject, sample(subject.train))
    held_out_actual, held_out_predicted = _points(subject, sample(subject.valid))
    return Scatter(
        name=subject.names.y,
        actual=actual,
        predicted=predicted,
        held_out_actual=held_out_actual,
        held_out_predicted=held_out_predicted,
    )


def _points(subject: Subject, part: Pair) -> tuple[list[float], list[float]]:
    x, y = part
    if not len(x):
        return [], []
    return subject.in_unit(y).tolist(), subject.numbers(x).tolist()
