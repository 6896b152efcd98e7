"""What a picture is painted from, and how it is looked at. Used by the pictures beside it.

Nothing here draws from a generator: samples are evenly spaced, so the same weights give the
same picture, and looking never changes training.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..callbacks.best import Best
from ..callbacks.trace import Trail
from ..experiment.parameters import is_view, picture_of
from ..training.losses import ShapeError
from ..training.sampler import Tensors, to_device
from ..training.training import Training

if TYPE_CHECKING:
    from ..callbacks.comparison.comparison import Comparison
    from ..callbacks.comparison.finder import RateFinder
    from ..callbacks.landscape.surroundings import Outlook
    from ..experiment.experiment import Names

Pair = tuple[Tensor, Tensor]

POINTS = 500  # points drawn of each part
NUMBERS = 1_000_000  # input numbers read for one picture, unless that were too few rows
FEWEST = 32
ROWS = 2000  # examples of each part that pictures are painted from
ROWS_OF_ITEMS = 256  # where each must be fetched from a Dataset


def _no_moves() -> tuple[int, Mapping[int, tuple[float, float]]]:
    return 0, {}


@dataclass(frozen=True)
class Subject:
    """A model as it stands, with data to show it on (CPU tensors; a sample of large data sets).

    `predict` takes inputs on any device and returns float32 on the CPU; it is in eval mode and
    without gradients. `draws` are the experiment's own views by the names of their pictures.
    `training` is where all of it comes from, to be read and never changed; None in tests.
    `trail` is the way the model has come, `best` its weights at the best validation; `moves`
    gives the last step looked at, with |change| and |w| by a parameter's id;
    `phase` is the last one taken of a step begun, "" between two. `outlook` knows the hill.
    """

    model: nn.Module
    predict: Callable[[Tensor], Tensor]
    train: Pair | None
    valid: Pair | None
    names: "Names"
    draws: Mapping[str, Callable[[], object]] = field(default_factory=dict[str, Any])
    training: Training | None = None
    first: tuple[str, ...] = ()  # pictures that the file wants before others
    trail: Trail = field(default_factory=Trail)
    best: Best = field(default_factory=Best)
    moves: Callable[[], tuple[int, Mapping[int, tuple[float, float]]]] = _no_moves
    phase: Callable[[], str] = str
    comparison: "Comparison | None" = None
    finder: "RateFinder | None" = None
    outlook: "Outlook | None" = None

    def input_name(self, column: int) -> str:
        """The name of an input column; x, or x1, x2, ... where it has none."""
        names = self.names.x
        if column < len(names):
            return names[column]
        return "x" if columns(self) == 1 else f"x{column + 1}"

    def class_names(self, count: int) -> tuple[str, ...]:
        """Names of `count` classes; their numbers where they have none."""
        names = self.names.classes
        return tuple(names[i] if i < len(names) else str(i) for i in range(count))

    def in_unit(self, target: Tensor) -> Tensor:
        """Targets or predictions, [n] or [n, 1], as float64 [n] in the unit a person knows."""
        return target.reshape(-1).double() * self.names.scale + self.names.offset

    def numbers(self, x: Tensor) -> Tensor:
        """The model's one number for each row of `x`, float64 [n], in that unit."""
        output = self.predict(x)
        if output.numel() != len(x):
            raise _unexpected(output, "one number")
        return self.in_unit(output)


def rows(subject: Subject) -> Pair | None:
    """Any part of the data that has rows, to see shapes and types by."""
    for part in (subject.train, subject.valid):
        if part is not None and len(part[0]):
            return part
    return None


def columns(subject: Subject) -> int:
    """Real inputs of one example: 1 for x [n] and [n, 1], d for [n, d], 0 for anything else."""
    part = rows(subject)
    if part is None or not part[0].is_floating_point() or part[0].ndim > 2:
        return 0
    return part[0].shape[1] if part[0].ndim == 2 else 1


def has_classes(subject: Subject) -> bool:
    """Whether targets are whole numbers [n]."""
    part = rows(subject)
    if part is None or part[1].ndim != 1:
        return False
    return not part[1].is_floating_point() and not part[1].is_complex()


def has_number(subject: Subject) -> bool:
    """Whether targets are one real number each, [n] or [n, 1]."""
    part = rows(subject)
    return part is not None and part[1].is_floating_point() and part[1][0].numel() == 1


def held_out(subject: Subject) -> tuple[Tensor, Tensor, str]:
    """Inputs and targets to judge the model by, and which these are."""
    if subject.valid is not None and len(subject.valid[0]):
        return *subject.valid, "held out"
    assert subject.train is not None
    return *subject.train, "training"


def _evenly(count: int, most: int) -> Tensor:
    """At most `most` evenly spaced indices below `count`."""
    kept = min(count, most)
    return torch.arange(kept) * count // max(kept, 1)


def sample(part: Pair | None, most: int = POINTS) -> Pair:
    """At most `most` evenly spaced rows, fewer where each is large, such as a photograph.

    Two empty tensors where there is no such part.
    """
    if part is None or not len(part[0]):
        return torch.empty(0), torch.empty(0)
    x, target = part
    affordable = max(NUMBERS // max(x[0].numel(), 1), FEWEST)
    if len(x) <= min(most, affordable):
        return part
    index = _evenly(len(x), min(most, affordable))
    return x[index], target[index]


def probabilities(scores: Tensor) -> Tensor:
    """Class probabilities [n, C] of what a classifier returns; 0 where it is not a number.

    [n, C] are logits. [n] and [n, 1] are the logit of class 1 of two.
    """
    if scores.ndim == 1 or (scores.ndim == 2 and scores.shape[1] == 1):
        p = scores.reshape(-1).sigmoid()
        return torch.stack([1 - p, p], 1).nan_to_num(0.0)
    if scores.ndim != 2:
        raise _unexpected(scores, "class scores")
    return scores.softmax(1).nan_to_num(0.0)


def _unexpected(output: Tensor, wanted: str) -> ValueError:
    shape = "×".join(map(str, output.shape)) or "a scalar"
    return ValueError(f"this picture needs {wanted} for each row, and the model returns {shape}")


def subject(t: Training) -> Subject:
    """What the pictures of this training are painted from."""

    def predict(x: Tensor) -> Tensor:
        with t.autocast:
            output = t.model(x.to(t.device))
        if not isinstance(output, Tensor):
            raise ShapeError(
                f"the model returns a {type(output).__name__}, not one tensor with a row for each "
                "example, so what it predicts cannot be shown; a view() of your own can"
            )
        return output.detach().float().cpu()

    held_out = t.parts.held_out
    return Subject(
        model=t.model,
        predict=predict,
        train=_rows(t.parts.train),
        valid=None if held_out is None else _rows(held_out),
        names=t.experiment.names,
        draws={
            picture_of(function): partial(_own_view, t, function)
            for function in t.experiment.functions
            if is_view(function)
        },
        training=t,
        first=t.experiment.show,
    )


def _own_view(t: Training, function: str) -> object:
    x, y = _own_pair(t)
    return t.experiment.call(function, t.model, x, y)


def _own_pair(t: Training) -> tuple[Any, Any]:
    rows = t.parts.train.rows(ROWS)
    if isinstance(rows, tuple | list) and len(rows) == 2:
        return to_device(rows[0], t.device), to_device(rows[1], t.device)
    return to_device(rows, t.device), None


def _rows(feed: Any) -> tuple[Tensor, Tensor] | None:
    """(x, y) of a part on the CPU, or None where its batches are not pairs of tensors."""
    rows = feed.rows(ROWS if isinstance(feed, Tensors) else ROWS_OF_ITEMS)
    if not isinstance(rows, tuple | list) or len(rows) != 2:
        return None
    x, y = rows
    if not isinstance(x, Tensor) or not isinstance(y, Tensor) or len(x) != len(y):
        return None
    return x.cpu(), y.cpu()
