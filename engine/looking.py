"""Looking at a model without changing its training: eval mode, no gradients, own generators.

Used by validation and by every picture.
"""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .attributes import own_attributes, own_buffers
from .inspection.modes import mark
from .losses import ShapeError
from .parameters import is_view, picture_of
from .randomness import own_generators
from .sampler import Tensors, to_device
from .training import Training
from .views.subject import Subject

ROWS = 2000  # examples of each part that pictures are painted from
ROWS_OF_ITEMS = 256  # where each must be fetched from a Dataset


@contextmanager
def looking(model: nn.Module) -> Generator[None]:
    """Eval mode without gradients. All generators, buffers, and each module's flag and attributes
    are put back."""
    with own_generators(), own_attributes(model), own_buffers(model), torch.no_grad():
        mark(model)
        model.eval()
        yield


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
