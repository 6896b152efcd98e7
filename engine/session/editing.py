"""Writes one number of one parameter by hand, and says what the loss became. Used by `orders`.

Between steps only: a step that has begun starts again, because its graph remembers the weights.
"""

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..protocol.commands import Edit
from ..protocol.knob import format_number
from ..runs.listing import did_you_mean
from ..training.eval_mode import looking
from ..training.objective import ROWS, whole_loss
from ..training.tensors import number_name
from .building import abandon_step

if TYPE_CHECKING:
    from .conductor import Conductor

_LISTED = 8  # parameters named in a refusal


def edit(command: Edit, c: "Conductor") -> str:
    """Do it; returns what the answer says. Raises `ValueError` saying what is wrong."""
    parameter = _parameter(c.t.model, command.parameter)
    _check(command, parameter)
    place = torch.unravel_index(torch.tensor(command.index), parameter.shape)
    old = parameter.detach()[place].item()
    new = torch.tensor(command.value, dtype=parameter.dtype)
    if not math.isfinite(new.item()):
        raise ValueError(f"{format_number(command.value)} is too large for {parameter.dtype}")
    began = abandon_step(c)
    with torch.no_grad():
        parameter[place] = new
    c.t.given = True
    c.coach.replaced()
    name = number_name(command.parameter, parameter.shape, command.index)
    written = f"{name} {_short(old)} → {_short(new.item())}"
    c.record.mark(c.step, written)
    again = "; the step begun starts again" if began else ""
    if c.status == "running":
        return written + again
    c.why = f"{written} by hand: {loss_here(c)}"
    return f"{written} · {loss_here(c)}{again}"


def loss_here(c: "Conductor") -> str:
    """The loss over the training data at the weights as they stand, in words."""
    t = c.t
    try:
        with looking(t.model):
            loss, count = whole_loss(t)
    except Exception as error:  # a user's own step may do anything; the weight is written
        return f"the loss could not be measured: {error}"
    size = t.parts.train.size
    some = f" (over {count:,} of {size:,} examples)" if size and count == ROWS < size else ""
    return f"loss here {loss.item():.6g}{some}"


def _parameter(model: nn.Module, name: str) -> nn.Parameter:
    named = dict(model.named_parameters())
    if name in named:
        return named[name]
    listed = ", ".join(list(named)[:_LISTED]) + (", …" if len(named) > _LISTED else "")
    close = did_you_mean(name, list(named))
    raise ValueError(f"there is no parameter {name!r}{close}; there is {listed}")


def _check(command: Edit, parameter: Tensor) -> None:
    count = parameter.numel()
    if not 0 <= command.index < count:
        raise ValueError(
            f"{command.parameter} has {count} number{'s' if count > 1 else ''}: the index goes "
            f"from 0 to {count - 1}, not {command.index}"
        )
    if not math.isfinite(command.value):
        raise ValueError(f"a weight takes a finite number, not {command.value}")


def _short(value: float) -> str:
    return format_number(float(f"{value:.6g}"))
