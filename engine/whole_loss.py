"""The loss over the training data as a whole, at the weights as they stand.

Used by the order that edits a weight, which answers with it, and by pictures that show its
gradient. Call it inside `looking`; a gradient is asked for with `torch.enable_grad` around it and
`torch.autograd.grad`, so that nothing of the training changes.
"""

from typing import Any

import torch
from torch import Tensor

from .losses import built_in, by_target, pair, scalar
from .sampler import rows_in, to_device
from .training import Training

ROWS = 2000  # examples measured at most, evenly spaced


def whole_loss(t: Training) -> tuple[Tensor, int]:
    """The loss of all training examples in one batch (of `ROWS` where there are more), and how
    many those were; 0 for a model that makes its own loss. Augmentation is left out.
    """
    with t.autocast:
        if t.self_loss:
            return scalar(t.model(), "model()'s own loss"), 0
        batch: Any = to_device(t.parts.train.rows(ROWS), t.device)
        if batch is None:
            raise ValueError("the training data cannot be looked at as a whole")
        if t.has_step:
            returned: Any = t.experiment.call("step", t.model, batch)
            total = sum(returned.values()) if isinstance(returned, dict) else returned
            return scalar(total, "step()"), rows_in(batch)
        x, target = pair(batch)
        criterion = t.criterion or built_in(by_target(target))
        return scalar(criterion(t.model(x), target), "loss()"), rows_in(batch)


def whole_gradient(t: Training) -> dict[str, Tensor]:
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
