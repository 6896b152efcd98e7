"""What loss, gradient and update are taken of in a picture, and what its numbers are called."""

from dataclasses import dataclass
from typing import Any

from ..callbacks.trace import number_names
from ..training.sampler import rows_in, to_device
from .bars import named_weights, only_layer
from .subject import Subject

ROWS = 2000  # examples at most


@dataclass(frozen=True)
class Examples:
    """What a loss is taken of: the batch of the step begun, or training data as a whole."""

    batch: Any
    count: int
    said: str  # "the 20 examples of this step's batch"


def numbers(subject: Subject) -> int:
    """Numbers to learn; 0 where there is no training to look into."""
    t = subject.training
    return 0 if t is None else t.numbers


def examples(subject: Subject, most: int = ROWS) -> Examples:
    """The present batch inside a step; between two, all training data or `most` rows of it."""
    t = subject.training
    assert t is not None
    if t.self_loss:
        return Examples((), 0, "the model's own loss")
    if subject.phase():
        count = rows_in(t.batch)
        return Examples(t.batch, count, f"the {_counted(count)} of this step's batch")
    batch = to_device(t.parts.train.rows(most), t.device)
    count, size = rows_in(batch), t.parts.train.size
    some = f"{count:,} of {size:,} training examples" if size and size > count else ""
    return Examples(batch, count, some or f"all {_counted(count, 'training ')}")


def labels(subject: Subject) -> list[str]:
    """A name for each number to learn: its input's name in a linear model, else w or w[0,1]."""
    assert subject.training is not None
    names, layer = number_names(subject.training), only_layer(subject.model)
    if layer is None:
        return names
    known = [name for name, _ in named_weights(subject, layer)]
    return known if len(known) == len(names) else names


def _counted(count: int, kind: str = "") -> str:
    return f"{count:,} {kind}example{'' if count == 1 else 's'}"
