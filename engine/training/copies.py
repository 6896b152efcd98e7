"""Copies of a model and its optimizer, to differentiate, step or measure.

Whatever is done to the copies, the training they are of does not change. Call it inside
`eval_mode.looking`: what user code draws from a generator is put back there.
"""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from .objective import loss_of
from .optim import complete_state
from .training import Training


def copied(model: nn.Module) -> nn.Module:
    """The model again, without gradients, every tensor its own."""
    return deepcopy(model)


def gradients(t: Training, batch: Any, model: nn.Module | None = None) -> dict[str, Tensor]:
    """The gradient of the loss by autograd, for each parameter that is trained, by its name.

    Fresh: `.grad` is neither read nor written. Zeros where the loss does not reach.
    """
    model = copied(t.model) if model is None else model
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
    with torch.enable_grad(), t.autocast:
        loss = loss_of(t, model, batch)
    if not loss.requires_grad or not named:
        return {name: torch.zeros_like(p) for name, p in named.items()}
    found: Any = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    return {
        name: torch.zeros_like(p) if gradient is None else gradient.detach()
        for (name, p), gradient in zip(named.items(), found, strict=True)
    }


def with_optimizer(t: Training, origin: nn.Module | None = None) -> tuple[nn.Module, Optimizer]:
    """Copies of model and optimizer that belong together, the optimizer's state with them.

    Its hooks stay behind; the learning rate they would write is written in. With `origin`, the
    same model with earlier weights: a copy of that, and an optimizer that has taken no step.
    """
    model = copied(t.model if origin is None else origin)
    pairs = zip(t.model.parameters(), model.parameters(), strict=True)
    optimizer = deepcopy(t.optimizer, {id(old): new for old, new in pairs})
    if origin is not None:
        optimizer.state.clear()
    complete_state(optimizer)
    acts = t.descent.effective("lr")
    if t.descent.scheduler is not None and acts is not None:
        first = float(optimizer.param_groups[0]["lr"])
        for group in optimizer.param_groups:
            group["lr"] = group["lr"] * (float(acts) / first) if first else group["lr"]
    return model, optimizer
