"""A copy of the model and its optimizer, for pictures that differentiate, step or measure.

Whatever is done to the copies, the training they are of does not change. Call it inside
`looking`: what user code draws from a generator is put back there.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ..whole_loss import loss_of
from .bars import named_weights, only_layer
from .subject import Subject

if TYPE_CHECKING:
    from ..training import Training

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
    from ..sampler import rows_in, to_device

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
    from ..trail import number_names

    assert subject.training is not None
    names, layer = number_names(subject.training), only_layer(subject.model)
    if layer is None:
        return names
    known = [name for name, _ in named_weights(subject, layer)]
    return known if len(known) == len(names) else names


def _counted(count: int, kind: str = "") -> str:
    return f"{count:,} {kind}example{'' if count == 1 else 's'}"


def copied(model: nn.Module) -> nn.Module:
    """The model again, without gradients, every tensor its own."""
    return deepcopy(model)


def gradients(t: "Training", batch: Any, model: nn.Module | None = None) -> dict[str, Tensor]:
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


def with_optimizer(t: "Training", origin: nn.Module | None = None) -> tuple[nn.Module, Optimizer]:
    """Copies of model and optimizer that belong together, the optimizer's state with them.

    Its hooks stay behind; the learning rate they would write is written in. With `origin`, the
    same model with earlier weights: a copy of that, and an optimizer that has taken no step.
    """
    from ..optim import complete_state

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
