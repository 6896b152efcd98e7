"""Which class is taken for which."""

import torch
from torch import Tensor

from ..protocol.pictures import Confusion
from ..protocol.views import PictureRequest
from .subject import Subject, has_classes, held_out, probabilities, sample

_EXAMPLES = 2_000  # counted at most
_CHUNK = 256  # rows predicted at once


def available(subject: Subject) -> bool:
    """For targets that are classes."""
    return has_classes(subject)


def paint(subject: Subject, request: PictureRequest) -> Confusion:
    """Counts over evenly spaced examples; `source` says over how many."""
    del request
    *part, source = held_out(subject)
    x, target = sample((part[0], part[1]), _EXAMPLES)
    target = target.long()
    predicted, count = _answers(subject, x)
    count = max(count, int(target.max()) + 1, len(subject.names.classes))
    counted = target >= 0  # cross-entropy ignores −100
    cells = torch.bincount(target[counted] * count + predicted[counted], minlength=count * count)
    every = f"{len(x)} of {len(part[0])}" if len(x) < len(part[0]) else f"{len(x)}"
    return Confusion(
        classes=subject.class_names(count),
        counts=cells.reshape(count, count).tolist(),
        source=f"{source}, {every}",
    )


def _answers(subject: Subject, x: Tensor) -> tuple[Tensor, int]:
    """The winning class of each row, and how many classes the model knows."""
    p = [probabilities(subject.predict(chunk)) for chunk in x.split(_CHUNK)]
    return torch.cat([part.argmax(1) for part in p]), p[0].shape[1]
