"""The detail of an update: where every parameter went, by which rule, and what that won.

Called by `passages`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.func import functional_call
from torch.optim import SGD

from ...experiment.randomness import set_generators
from ...protocol.views import Passage
from ...training.losses import shape
from ...training.modes import as_trained, in_train_mode
from ...training.tensors import ALL, EACH, PARTS, code, each_number, num, says, table
from ..trace import norm
from . import updates
from .moment import Moment
from .sources import Sources, optimizer_line

if TYPE_CHECKING:
    from ...training.training import Training

_ROUNDING = 1e-6  # of a loss in float32
_NEGLIGIBLE = 0.01  # of its change
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
    if moment.clip:
        said.append(code(f"clip_grad_norm_(model.parameters(), {moment.clip:g})"))
    said.append(code("optimizer.step()"))
    said += own or (code(optimizer_line(t)),)
    said += _clipping(moment)
    if not moment.after:
        return said
    if moment.count <= EACH:
        said.append(_moves(moment))
    else:
        said.append(_changes(moment))
    return [*said, *updates.spelled(moment, t.optimizer), *_fall(looked)]


def _clipping(moment: Moment) -> list[Passage]:
    """How hard clipping bit, if it was on."""
    if moment.norm is None:
        return []
    length, limit = num(moment.norm), num(moment.clip)
    if not moment.clipped:
        return [says(f"|g| {length} is not longer than {limit}: nothing was clipped.")]
    said = f"|g| {length} clipped to {limit}: every number of the gradient times "
    return [says(said + f"{num(moment.clip / (moment.norm + 1e-6))} for the update.")]


def _moves(moment: Moment) -> Passage:
    before, after, used, found = (
        each_number(moment.names, _filled(moment, tensors))
        for tensors in (moment.before, moment.after, moment.used, moment.unclipped)
    )
    heads = ["parameter", "before", "gradient", "clipped", "change", "after"]
    rows = [
        [name, num(old, 6), num(g), num(u), num(new - old), f"{num(new, 6)} {_way(new - old)}"]
        for (name, old), (_, new), (_, u), (_, g) in zip(before, after, used, found, strict=True)
    ]
    return _without_clipped(moment, heads, rows)


def _filled(moment: Moment, tensors: Sequence[Tensor | None]) -> list[Tensor]:
    """With zeros where there is none."""
    pairs = zip(moment.before, tensors, strict=True)
    return [torch.zeros_like(p) if tensor is None else tensor for p, tensor in pairs]


def _way(change: float) -> str:
    return WAYS[(change > 0) - (change < 0)]


def _changes(moment: Moment) -> Passage:
    """Lengths of each parameter's weights, gradient and change, and their ratio."""
    rows: list[list[str]] = []
    for name, old, new, g, u in zip(
        moment.names, moment.before, moment.after, moment.unclipped, moment.used, strict=True
    ):
        change, weight = norm([new - old]), norm([old])
        ratio = num(change / weight, 2) if weight else "–"
        lengths = [num(weight, 3), _length(g), _length(u), num(change, 3)]
        rows.append([name, shape(old), *lengths, ratio])
    heads = ["parameter", "shape", "|w|", "|g|", "clipped", "|Δ|", "|Δ|/|w|"]
    return _without_clipped(moment, heads, rows, PARTS)


def _length(gradient: Tensor | None) -> str:
    return "–" if gradient is None else num(norm([gradient]), 3)


def _without_clipped(
    moment: Moment, heads: list[str], rows: list[list[str]], most: int = ALL
) -> Passage:
    """The table, its column `clipped` only where that says something."""
    if not moment.clipped:
        at = heads.index("clipped")
        heads, *rows = ([*row[:at], *row[at + 1 :]] for row in (heads, *rows))
    return table(heads, rows, most)


def _fall(looked: Looked) -> list[Passage]:
    """What the step won on its own batch, and which share of the whole fall that is."""
    t, moment = looked.t, looked.moment
    if t.scaler is not None:
        return []
    slope = sum(
        ((new - old).double() * g.double()).sum().item()
        for old, new, g in zip(moment.before, moment.after, moment.slopes, strict=True)
        if g is not None
    )
    foretold = f"The slope times the change foretold {_signed(slope)}"
    if t.has_step or t.self_loss or t.experiment.keeps:  # user code that may do more than look
        return [says(f"{foretold} for the loss.")]
    before, after = _loss_at(looked, moment.before), _loss_at(looked, moment.after)
    rounding = _ROUNDING * abs(moment.loss) + _NEGLIGIBLE * abs(after - before)
    if not abs(before - moment.loss) <= rounding:
        said = f"{foretold} for the loss. What came of it cannot be measured: asked again, model "
        return [says(said + "and loss give another number than in the step.")]
    mode = in_train_mode(t.model)
    said = f"On this very batch{mode}{',' if mode else ''} the loss went from "
    said += f"{num(before, 6)} to {num(after, 6)}: {_signed(after - before)}. {foretold}."
    return [says(said + _share(looked, before, after))]


def _share(looked: Looked, before: float, after: float) -> str:
    """The step's share of the fall since step 1, where every step has the same examples."""
    first, moment = looked.first, looked.moment
    if first is None or not moment.whole or moment.step < 2 or not first >= before > after:
        return ""
    share = num(100 * (before - after) / (first - after), 3)
    said = f" The loss fell from {num(first)} at step 1 to here: this step's share of that is "
    return said + f"{share}%."


def _signed(value: float) -> str:
    return f"+{num(value)}" if value > 0 else num(value)


def _loss_at(looked: Looked, tensors: list[Tensor]) -> float:
    """The loss of the step's own batch with other parameters, found as the step found it."""
    t, moment = looked.t, looked.moment
    state = dict(zip(moment.names, tensors, strict=True))
    state |= {name: buffer.clone() for name, buffer in moment.buffers.items()}
    x: Any = moment.batch[0] if isinstance(moment.batch, tuple | list) else None
    with as_trained(t.model), t.autocast:
        if moment.generators is not None:
            set_generators(moment.generators)
        prediction = functional_call(t.model, state, (x.clone() if isinstance(x, Tensor) else x,))
        return float(t.loss_of(prediction, moment.target))
