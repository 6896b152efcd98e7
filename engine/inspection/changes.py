"""The detail of an update: where every parameter went, by which rule, and what that won.

Called by `passages`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.func import functional_call
from torch.optim import SGD

from ..losses import shape
from ..protocol.views import Passage
from . import formulas, updates
from .moment import Moment
from .sources import Sources, optimizer_line
from .tensors import EACH, PARTS, code, each_number, num, says, table

if TYPE_CHECKING:
    from ..training import Training

WAYS = {1: "↑", 0: "·", -1: "↓"}


@dataclass(frozen=True)
class Looked:
    """What a detail is made of. `first` is the loss of step 1, where it is known."""

    moment: Moment
    t: "Training"
    sources: Sources
    first: float | None = None


def update(looked: Looked) -> list[Passage]:
    t, moment = looked.t, looked.moment
    group = t.optimizer.param_groups[0]
    plain = type(t.optimizer) is SGD and not (group["momentum"] or group["weight_decay"])
    how = "moves every parameter against its gradient, by lr times the gradient"
    if not plain:
        how = "makes a change of every parameter out of the gradients, by a rule of its own"
    said = [says(f"The optimizer {how}.")]
    own = looked.sources.function(t, "optimizer")
    if t.clip:
        said.append(code(f"clip_grad_norm_(model.parameters(), {t.clip:g})"))
    said.append(code("optimizer.step()"))
    said += own or (code(optimizer_line(t)),)
    if not moment.after:
        return said
    if moment.count <= EACH:
        said.append(_moves(moment))
    else:
        said.append(_changes(moment))
    return [*said, *updates.spelled(moment, t.optimizer), *_fall(looked)]


def _moves(moment: Moment) -> Passage:
    before, after = (each_number(moment.names, p) for p in (moment.before, moment.after))
    used = each_number(
        moment.names,
        [torch.zeros_like(p) if g is None else g for p, g in zip(moment.before, moment.used)],  # noqa: B905
    )
    rows = [
        [name, num(old, 6), num(g), num(new - old), f"{num(new, 6)} {_way(new - old)}"]
        for (name, old), (_, new), (_, g) in zip(before, after, used, strict=True)
    ]
    return table(["parameter", "before", "gradient", "change", "after"], rows)


def _way(change: float) -> str:
    return WAYS[(change > 0) - (change < 0)]


def _changes(moment: Moment) -> Passage:
    """Lengths of each parameter's weights, gradient and change, and their ratio."""
    rows: list[list[str]] = []
    for name, old, new, g in zip(
        moment.names, moment.before, moment.after, moment.used, strict=True
    ):
        change, weight = (new - old).float().norm().item(), old.float().norm().item()
        slope = "–" if g is None else num(g.float().norm().item(), 3)
        ratio = num(change / weight, 2) if weight else "–"
        rows.append([name, shape(old), num(weight, 3), slope, num(change, 3), ratio])
    return table(["parameter", "shape", "|w|", "|g|", "|Δ|", "|Δ|/|w|"], rows, PARTS)


def _fall(looked: Looked) -> list[Passage]:
    """What the step won on its own batch, and which share of the whole fall that is."""
    t, moment = looked.t, looked.moment
    slope = sum(
        ((new - old).double() * g.double()).sum().item()
        for old, new, g in zip(moment.before, moment.after, moment.used, strict=True)
        if g is not None
    )
    foretold = f"The slope times the change foretold {_signed(slope)}"
    if t.has_step or t.self_loss or t.scaler is not None:  # user code that may do more than look
        return [says(f"{foretold} for the loss.")] if t.scaler is None else []
    x = moment.batch[0] if isinstance(moment.batch, tuple | list) else None
    before = _loss_at(t, moment, moment.before, x)
    after = _loss_at(t, moment, moment.after, x)
    won = before - after
    mode = "" if formulas.same(before, moment.loss) else " (without dropout and the like)"
    said = f"On this very batch{mode} the loss went from {num(before, 6)} to {num(after, 6)}: "
    said += f"{_signed(-won)}. {foretold}."
    first = looked.first
    if first is not None and moment.step > 1 and first - after > 0 and won > 0:
        share = f"{num(100 * won / (first - after), 3)}%"
        about = "" if moment.whole else "about "  # batches differ
        said += f" The loss fell from {num(first)} at step 1 to here: this step's share of that is "
        said += f"{about}{share}."
    return [says(said)]


def _signed(value: float) -> str:
    return f"+{num(value)}" if value > 0 else num(value)


def _loss_at(t: "Training", moment: Moment, tensors: list[Tensor], x: Any) -> float:
    """The loss of the step's own batch with other parameters, in eval mode."""
    parameters = dict(zip(moment.names, tensors, strict=True))
    with t.autocast:
        prediction = functional_call(t.model, parameters, (x,))
    return float(t.loss_of(prediction, moment.target))
