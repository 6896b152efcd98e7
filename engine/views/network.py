"""A model layer by layer: weights, outputs, gradients, updates, dead units; neurons if it is small.

Every number is of the model as it stands, outputs in the mode that steps have it in. Gradients are
those of the last step, before clipping; updates those of the last step that was observed.
"""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from ..callbacks.trace import norm, shortening
from ..protocol.pictures import Layer, Matrix, Network
from ..protocol.views import PictureRequest
from ..training.modes import as_trained, in_train_mode
from .layers import Seen, kind, listed, walk, weight_std
from .planar import chain, matrices, planar, units
from .subject import Subject, rows, sample

_EXAMPLES = 256  # looked at, fewer where each is large
_NUMBERS = 1_000_000  # of them
_FEWEST = 4
_MOST_LAYERS = 400
_MATRIX = 4096  # numbers of a weight matrix that is sent
_MATRICES = 8


def available(subject: Subject) -> bool:
    """For every model: there is always something to train."""
    return next(subject.model.parameters(), None) is not None


def paint(subject: Subject, request: PictureRequest) -> Network:
    """Its layers in the order of the calls; for a small planar one also its neurons."""
    model = subject.model
    seen, notes = _seen(subject)
    drawn = chain(model) if planar(subject) and not notes else []
    moved_at, moves = subject.moves()
    step = None if subject.training is None else subject.training.step
    if moves and moved_at != step:
        notes.append(f"Δ/w of step {moved_at:,}")
    shown = seen[:_MOST_LAYERS]
    if len(seen) > len(shown):
        notes.append(f"the first {len(shown)} of {len(seen)} layers")
    inputs = sample_of(subject)
    batch = 0 if inputs is None else len(inputs)
    times = _shortening(subject)
    notes += _how(model, times, bool(drawn))
    layers = tuple(_layer(one, moves, batch, times) for one in shown)
    parameters = list(model.parameters())
    pictures, names = ((), ())
    if drawn:
        pictures, names = units(subject, drawn, request)
    return Network(
        layers=layers,
        parameters=sum(p.numel() for p in parameters),
        frozen=sum(p.numel() for p in parameters if not p.requires_grad),
        matrices=matrices(drawn) if drawn else _matrices(seen),
        columns=names,
        units=pictures,
        notes=tuple(notes),
    )


def sample_of(subject: Subject) -> Tensor | None:
    """A few inputs to look at the model with."""
    if rows(subject) is None:
        return None
    part = subject.train if subject.train is not None and len(subject.train[0]) else subject.valid
    assert part is not None
    each = max(part[0][0].numel(), 1)
    return sample(part, min(_EXAMPLES, max(_NUMBERS // each, _FEWEST)))[0]


def _seen(subject: Subject) -> tuple[list[Seen], list[str]]:
    """What hooks saw; where the model cannot be called on a sample, what it consists of."""
    model: nn.Module = getattr(subject.model, "_orig_mod", subject.model)  # of a compiled one
    inputs = sample_of(subject)
    try:
        with as_trained(model):
            if inputs is not None:
                return walk(model, lambda: _call(subject, model, inputs)), []
            if subject.training is not None and subject.training.self_loss:
                return walk(model, model), []
        reason = "its data are not tensors"
    except Exception as error:  # the model is a user's own
        reason = f"{type(error).__name__}: {error}"[:200]
    return listed(model), [f"outputs are not shown: {reason}"]


def _call(subject: Subject, model: nn.Module, inputs: Tensor) -> Any:
    if subject.training is None:
        return subject.predict(inputs)
    with subject.training.autocast:
        return model(inputs.to(subject.training.device))


def _how(model: nn.Module, times: float, drawn: bool) -> list[str]:
    """What must be known to compare the numbers with others."""
    mode = in_train_mode(model).removeprefix(", ")
    said = ["|grad| is from before clipping"] if times > 1 else []
    if mode:
        said.append(f"outputs {mode}" + ("; neurons in eval mode" if drawn else ""))
    return said


def _shortening(subject: Subject) -> float:
    """What to multiply `.grad` with, to have it as it was before clipping."""
    t = subject.training
    if t is None or subject.phase() == "backward":  # it has not been clipped yet
        return 1.0
    return shortening(t, norm([p.grad for p in t.parameters]))


def _layer(seen: Seen, moves: Mapping[int, tuple[float, float]], batch: int, times: float) -> Layer:
    own = [parameter for _, parameter in seen.parameters]
    gradients = [p.grad for p in own if p.grad is not None]
    gradient = norm(gradients) if gradients else None
    shape = list(map(str, seen.shape))
    if seen.shape and seen.shape[0] == batch:
        shape[0] = "n"
    return Layer(
        name=seen.name,
        kind=kind(seen.module),
        shape="×".join(shape),
        parameters=sum(p.numel() for p in own),
        weight_std=weight_std(seen.parameters),
        mean=seen.mean,
        std=seen.std,
        gradient=None if gradient is None else gradient * times,
        ratio=_ratio(own, moves),
        dead=seen.dead,
    )


def _ratio(own: list[nn.Parameter], moves: Mapping[int, tuple[float, float]]) -> float | None:
    """log10 of |Δw| / |w| at the last update observed; None before one, or where nothing moved."""
    known = [moves[id(p)] for p in own if id(p) in moves]
    moved = math.hypot(*(change for change, _ in known))
    size = math.hypot(*(before for _, before in known))
    if not moved or not size or not math.isfinite(moved / size):
        return None
    return math.log10(moved / size)


def _matrices(seen: list[Seen]) -> tuple[Matrix, ...]:
    """Weights of the layers that are small enough, kernels as rows; each number as it is."""
    found: list[Matrix] = []
    for one in seen:
        own = dict(one.parameters)
        weight, bias = own.get("weight"), own.get("bias")
        if weight is None or weight.ndim < 2 or weight.numel() > _MATRIX:
            continue
        prefix = f"{one.name}." if one.name else ""
        whole = bias is not None and bias.shape == weight.shape[:1]
        found.append(
            Matrix(
                name=f"{prefix}weight",
                values=weight.detach().float().flatten(1).tolist(),
                bias_name=f"{prefix}bias" if whole else "",
                bias=bias.detach().float().tolist() if whole and bias is not None else [],
            )
        )
    return tuple(found[:_MATRICES])
