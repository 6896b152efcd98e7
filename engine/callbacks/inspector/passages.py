"""The detail of each phase, piece by piece: what it is for, the line it is, its true tensors.

Called by `views.phases` under `looking(model)`, when somebody has the step inspector open.
"""

from typing import TYPE_CHECKING, Any

from torch import Tensor

from ...protocol.views import Passage
from ...training.losses import shape
from ...training.tensors import EACH, PARTS, code, each_number, num, says, table, tensor
from ..trace import norm
from . import formulas
from .changes import Looked, update
from .moment import Moment
from .sources import loss_line, model_lines

if TYPE_CHECKING:
    from ...training.training import Training


def detail(phase: str, looked: Looked) -> tuple[Passage, ...]:
    """Everything there is to say of a phase that was taken."""
    return tuple(_PHASES[phase](looked))


def _batch(looked: Looked) -> list[Passage]:
    t, moment = looked.t, looked.moment
    if t.self_loss:
        return [says("There is no data: the model computes its loss from its parameters alone.")]
    said = [says(f"What this step learns from: {moment.where}.")]
    said.append(code("batch = next(batches)" if t.has_step else "x, y = next(batches)"))
    if t.has_augment:
        said += [code("x = augment(x)"), *looked.sources.function(t, "augment")]
    return said + [tensor(name, value) for name, value in _named(moment.batch, t)]


def _named(batch: Any, t: "Training") -> list[tuple[str, Tensor]]:
    """The batch's tensors by the names people know."""
    if isinstance(batch, Tensor):
        return [("x", batch)]
    if isinstance(batch, dict):
        return [(str(name), value) for name, value in batch.items() if isinstance(value, Tensor)]
    parts = list(batch) if isinstance(batch, tuple | list) else []
    names = t.experiment.names
    x = f"x: {', '.join(names.x)}" if 0 < len(names.x) <= 4 else "x"
    y = "y" if names.y == "y" else f"y: {names.y}"
    called = [x, y, *(f"part {i + 1}" for i in range(2, len(parts)))]
    return [(n, v) for n, v in zip(called, parts, strict=False) if isinstance(v, Tensor)]


def _predict(looked: Looked) -> list[Passage]:
    t, moment = looked.t, looked.moment
    if t.has_step or t.self_loss:
        what = "step(model, batch) predicts and computes" if t.has_step else "model() computes"
        said = [says(f"Nothing here: {what} the loss in one go, in the next phase.")]
        return [*said, *(model_lines(t, looked.sources) if t.has_step else ()), _weights(moment, t)]
    said = [
        says(
            "The model answers for every example of the batch. Autograd notes each operation on "
            "the way, so that it can walk back."
        ),
        code("prediction = model(x)"),
        *model_lines(t, looked.sources),
    ]
    if isinstance(moment.prediction, Tensor):
        if formulas.is_tiny(moment):
            said += formulas.predictions(moment, t, looked.sources)
        said.append(tensor("prediction", moment.prediction))
    return [*said, _weights(moment, t)]


def _weights(moment: Moment, t: "Training") -> Passage:
    """The parameters the prediction was made with."""
    tensors = moment.before or [p.detach() for p in t.parameters]
    if moment.count <= EACH:
        rows = [[name, num(value, 6)] for name, value in each_number(moment.names, tensors)]
        return table(["parameter", "value"], rows)
    rows = [
        [name, shape(p), num(p.float().mean().item(), 3), num(_std(p), 3)]
        for name, p in zip(moment.names, tensors, strict=True)
    ]
    return table(["parameter", "shape", "mean", "std"], rows, PARTS)


_MEANING = {
    "mse": "the mean of (prediction − target)² over the batch",
    "mae": "the mean of |prediction − target| over the batch",
    "huber": "squared for errors below 1, absolute beyond, the mean over the batch",
    "cross_entropy": "the mean of −log of the probability given to the true class",
}


def _loss(looked: Looked) -> list[Passage]:
    t, moment = looked.t, looked.moment
    own = "step" if t.has_step else "loss"
    if t.self_loss:
        meaning, line = "the model's own", code("loss = model()")
        lines = model_lines(t, looked.sources)
    elif own in t.experiment.functions:
        call = "step(model, batch)" if t.has_step else "loss(prediction, y)"
        meaning, line = f"the experiment's own {own}()", code(f"loss = {call}")
        lines = looked.sources.function(t, own)
    else:
        meaning, line, lines = _meaning(t), code(loss_line(t)), ()
    said = [says(f"How wrong was it? One number: {meaning}."), line, *lines]
    said.append(Passage("tensor", "loss", "scalar", rows=((num(moment.loss, 6),),)))
    if moment.parts:
        said.append(table(["part", "value"], [[n, num(v, 6)] for n, v in moment.parts.items()]))
    if formulas.is_tiny(moment):
        return said + formulas.losses(moment, t)
    return said + _errors(moment)


def _meaning(t: "Training") -> str:
    from ...training.losses import by_target

    name = str(t.values["loss"])
    return _MEANING[by_target(t.target) if name == "auto" else name]


def _errors(moment: Moment) -> list[Passage]:
    """How the loss spreads over the batch: errors, or what the true class was given."""
    prediction, target = moment.prediction, moment.target
    if not isinstance(prediction, Tensor) or not isinstance(target, Tensor):
        return []
    if not prediction.is_floating_point():
        return []
    if target.is_floating_point() and target.numel() == prediction.numel():
        return [tensor("error", prediction.reshape(target.shape) - target)]
    if not target.is_floating_point() and prediction.ndim == 2 and target.numel() == len(target):
        classes = target.reshape(-1).long()
        kept = classes >= 0  # cross-entropy ignores −100
        given = prediction.float().softmax(1)[kept].gather(1, classes[kept][:, None])
        return [tensor("probability of the true class", given.reshape(-1))]
    return []


def _zero(looked: Looked) -> list[Passage]:
    t, moment = looked.t, looked.moment
    if t.zero_grad:
        said = [
            says(
                "backward() adds to the gradients that are there. So those of the step before go "
                "first."
            ),
            code("optimizer.zero_grad()"),
        ]
    else:
        said = [
            says(
                "zero_grad is off: the gradients of the steps before stay, and backward() adds "
                "this step's to them. Directions pile up."
            ),
            code("# optimizer.zero_grad() is left out"),
        ]
    old = [(n, g) for n, g in zip(moment.names, moment.old, strict=False) if g is not None]
    if not old:
        return [*said, says("There are none yet: no step came before.")] if moment.copied else said
    names, tensors = [name for name, _ in old], [g for _, g in old]
    now = "none" if t.zero_grad else "kept"
    if moment.count <= EACH:
        rows = [[f"{n}.grad", num(g), now] for n, g in each_number(names, tensors)]
        return [*said, table(["gradient", "of the step before", "now"], rows)]
    rows = [[f"{n}.grad", num(norm([g])), now] for n, g in zip(names, tensors, strict=True)]
    return [*said, table(["gradient", "length before", "now"], rows, PARTS)]


def _backward(looked: Looked) -> list[Passage]:
    t, moment = looked.t, looked.moment
    scaler = t.scaler
    said = [
        says(
            "Autograd walks back from the loss and finds its slope along each parameter: how "
            "steeply it rises, just here, as that parameter alone grows."
        ),
        code("scaler.scale(loss).backward()" if scaler else "loss.backward()"),
    ]
    if scaler is not None:
        said.append(says(f"Gradients are scaled by {scaler.get_scale():g} until the update."))
    if moment.clipped and not moment.gradients:
        said.append(says("Of so large a model they are not kept: these are as clipping left them."))
    there = [
        (name, gradient)
        for name, gradient in zip(moment.names, _gradients(moment, t), strict=True)
        if gradient is not None
    ]
    names, tensors = [name for name, _ in there], [g for _, g in there]
    if moment.count <= EACH:
        rows = [[n, num(g, 6), _sign(n, g)] for n, g in each_number(names, tensors)]
        said.append(table(["parameter", "gradient", "what its sign says"], rows))
        if formulas.is_tiny(moment) and scaler is None:
            said += formulas.gradients(moment, t)
        return said
    return said + [tensor(f"{name}.grad", gradient) for name, gradient in there[:PARTS]]


def _sign(name: str, gradient: float) -> str:
    if gradient == 0 or gradient != gradient:
        return "flat here" if gradient == 0 else ""
    sign, way = (">", "↓") if gradient > 0 else ("<", "↑")
    return f"g {sign} 0  →  {name} {way}"


def _gradients(moment: Moment, t: "Training") -> list[Tensor | None]:
    return moment.gradients or [p.grad for p in t.parameters]


def _std(value: Tensor) -> float:
    return value.float().std(correction=0).item()


_PHASES = {
    "batch": _batch,
    "predict": _predict,
    "loss": _loss,
    "zero": _zero,
    "backward": _backward,
    "update": update,
}
