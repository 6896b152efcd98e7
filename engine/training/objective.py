"""The experiment's loss of a batch, and over the training data as a whole, to be looked at.

Used by the order that edits a weight, by the coach, and by pictures. Call it inside `looking`; a
gradient is asked for with `torch.enable_grad` around it and `torch.autograd.grad`, so that nothing
of the training changes.
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from .losses import built_in, by_target, pair, scalar
from .sampler import rows_in, to_device

if TYPE_CHECKING:
    from .training import Training

ROWS = 2000  # examples measured at most, evenly spaced


def loss_of(t: "Training", model: nn.Module, batch: Any) -> Tensor:
    """The experiment's loss of `batch` as `model` has it: that of the run, or a copy.

    Raises `ValueError` where its functions keep something between steps: it would change.
    """
    if kept := t.experiment.keeps:
        raise ValueError(f"{kept}: measuring the loss would change it")
    if t.self_loss:
        return _number(model(), "model()'s own loss")
    if t.has_step:
        returned: Any = t.experiment.call("step", model, batch)
        total = sum(returned.values()) if isinstance(returned, dict) else returned
        return _number(total, "step()")
    x, target = pair(batch)
    criterion = t.criterion or built_in(by_target(target))
    return _number(criterion(model(x), target), "loss()")


def _number(loss: Any, what: str) -> Tensor:
    """The loss itself where it is a single number, so that its graph shows nothing of ours."""
    return loss if isinstance(loss, Tensor) and loss.ndim == 0 else scalar(loss, what)


def whole_loss(t: "Training") -> tuple[Tensor, int]:
    """The loss of all training examples in one batch (of `ROWS` where there are more), and how
    many those were; 0 for a model that makes its own loss. Augmentation is left out.
    """
    with t.autocast:
        if t.self_loss:
            return loss_of(t, t.model, ()), 0
        batch: Any = to_device(t.parts.train.rows(ROWS), t.device)
        if batch is None:
            raise ValueError("the training data cannot be looked at as a whole")
        return loss_of(t, t.model, batch), rows_in(batch)


def whole_gradient(t: "Training") -> dict[str, Tensor]:
    """Its gradient for each parameter that is trained, by name; zeros where it does not reach."""
    named = {name: p for name, p in t.model.named_parameters() if p.requires_grad}
    if not named:
        return {}
    with torch.enable_grad():
        loss, _ = whole_loss(t)
        if not loss.requires_grad:
            return {}
        found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    gradients: list[Tensor | None] = list(found)
    return {
        name: torch.zeros_like(parameter) if gradient is None else gradient.detach()
        for (name, parameter), gradient in zip(named.items(), gradients, strict=True)
    }
