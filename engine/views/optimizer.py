"""What the optimizer keeps for each parameter, and the step it would take next.

A row for each number of a small model, else for each tensor (norms). The next step is taken by a
copy of model and optimizer, so it is what any optimizer would really do. The gradient is found in
the mode that steps have the model in.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from ..protocol.pictures import Table
from ..protocol.views import PictureRequest
from ..training.copies import gradients, with_optimizer
from ..training.modes import as_trained, in_train_mode
from .examples import examples, labels, numbers
from .subject import Subject

if TYPE_CHECKING:
    from ..training.training import Training

EACH = 64  # numbers of a model with a row for each
MOST = 10_000_000  # numbers of a model that is copied for it
_NAMES = {"momentum_buffer": "buffer", "exp_avg": "m", "exp_avg_sq": "v", "square_avg": "v"}
_ADAMS = (Adam, AdamW)
_RATE = "median rate"
_LENGTHS = "|…| is a length; the rate is the median of the numbers that ever had a gradient."
Columns = dict[str, list[Tensor]]  # for each parameter a tensor of its shape


def available(subject: Subject) -> bool:
    """For models of at most ten million numbers."""
    return 0 < numbers(subject) <= MOST and (
        subject.train is not None or (subject.training is not None and subject.training.self_loss)
    )


def paint(subject: Subject, request: PictureRequest) -> Table:
    """Gradient, what is kept, effective rate and next step, of each number or tensor."""
    t = subject.training
    assert t is not None
    each = numbers(subject) <= EACH
    columns, said = _columns(subject, t)
    if each:
        names = labels(subject)
        values = [_flat(tensors) for tensors in columns.values()]
        heads = list(columns)
    else:
        names = [name for name, p in t.model.named_parameters() if p.requires_grad]
        values = [_norms(name, columns) for name in columns]
        heads = [_RATE if name == "rate" else f"|{name}|" for name in columns]
    rows = zip(names, *(map(_shown, column) for column in values), strict=True)
    return Table(
        title=f"{type(t.optimizer).__name__}'s next step, number {t.step + 1}",
        columns=("", *heads),
        rows=tuple(rows),
        notes=(*_formula(t.optimizer), *([] if each else [_LENGTHS]), f"The gradient is {said}."),
    )


def _columns(subject: Subject, t: "Training") -> tuple[Columns, str]:
    """Gradient, state, rate, step and value of each parameter, and where the gradient is from."""
    gradient, said = _gradient(subject, t)
    model, optimizer = with_optimizer(t)
    ours = [p for p in model.parameters() if p.requires_grad]
    kept = [dict(optimizer.state.get(p, {})) for p in ours]
    kept = [{k: v.clone() if isinstance(v, Tensor) else v for k, v in s.items()} for s in kept]
    for parameter, g in zip(ours, gradient, strict=True):
        parameter.grad = g.clone()
    if t.clip:
        length = clip_grad_norm_(ours, t.clip).item()
        said += f"; |g| {length:.4g} clipped to {t.clip:g}" if length > t.clip else ""
    _schedule(t, optimizer)
    before = [p.detach().clone() for p in ours]
    with torch.enable_grad():  # some optimizers look at it
        optimizer.step()
    step = [p.detach() - b for p, b in zip(ours, before, strict=True)]
    used = [torch.zeros_like(p) if p.grad is None else p.grad.detach() for p in ours]
    columns: Columns = {"gradient": used}
    columns |= _kept(optimizer, kept, ours)
    columns["rate"] = _rates(optimizer, ours, used, step)
    columns["step"] = step
    columns |= _corrected(optimizer, ours)
    columns["value"] = before
    return columns, said


def _gradient(subject: Subject, t: "Training") -> tuple[list[Tensor], str]:
    """What the next update will be given, and of which examples it is."""
    named = {name: p for name, p in t.model.named_parameters() if p.requires_grad}
    if subject.phase() == "backward":
        scale = 1.0 if t.scaler is None else t.scaler.get_scale()
        there = [torch.zeros_like(p) if p.grad is None else p.grad for p in named.values()]
        return [
            g.detach() / scale for g in there
        ], "that of this step, as backward left it in .grad"
    shown = examples(subject)
    with as_trained(t.model):
        fresh = gradients(t, shown.batch)
    said = f"that of {shown.said}{in_train_mode(t.model)}"
    if t.zero_grad:
        return [fresh[name] for name in named], said
    piled = [fresh[name] if p.grad is None else fresh[name] + p.grad for name, p in named.items()]
    return piled, f"{said}, on top of what .grad holds (zero_grad is off)"


def _schedule(t: "Training", optimizer: Optimizer) -> None:
    """The learning rate of the coming update, where a cosine decides."""
    from ..training.optim import cosine

    acts, start = t.descent.effective("lr"), t.descent.number("lr")
    if not t.descent.total or not acts or not start:
        return
    coming = float(start) * cosine(t.step, t.descent.total)
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * coming / float(acts)


def _kept(optimizer: Optimizer, kept: Sequence[dict[str, Any]], ours: list[Any]) -> Columns:
    """What it keeps for each number now, before the step, under the names of the papers."""
    keys = dict.fromkeys(
        key
        for parameter in ours
        for key, value in optimizer.state.get(parameter, {}).items()
        if isinstance(value, Tensor) and value.shape == parameter.shape and key != "step"
    )
    return {
        _NAMES.get(str(key), str(key)): [
            state[key] if isinstance(state.get(key), Tensor) else torch.zeros_like(p)
            for state, p in zip(kept, ours, strict=True)
        ]
        for key in keys
    }


def _corrected(optimizer: Optimizer, ours: list[Any]) -> Columns:
    """Adam's m̂ and v̂ of the coming step (Kingma & Ba 2015): m and v over 1 − βᵗ."""
    if not isinstance(optimizer, _ADAMS):
        return {}
    found: Columns = {"m corr": [], "v corr": []}
    for parameter, group in _grouped(optimizer, ours):
        state, (beta1, beta2) = optimizer.state[parameter], group["betas"]
        t = float(state["step"])
        found["m corr"].append(state["exp_avg"] / (1 - beta1**t))
        found["v corr"].append(state["exp_avg_sq"] / (1 - beta2**t))
    return found


def _rates(
    optimizer: Optimizer, ours: list[Any], used: list[Tensor], step: list[Tensor]
) -> list[Tensor]:
    """By how much each number's direction is multiplied: lr, or lr over its own running size."""
    rates: list[Tensor] = []
    for (parameter, group), g, change in zip(_grouped(optimizer, ours), used, step, strict=True):
        state, lr = optimizer.state.get(parameter, {}), float(group["lr"])
        if isinstance(optimizer, _ADAMS) and "exp_avg_sq" in state:
            v = state["max_exp_avg_sq"] if group["amsgrad"] else state["exp_avg_sq"]
            v = v / (1 - group["betas"][1] ** float(state["step"]))
            rates.append(lr / (v.sqrt() + group["eps"]))
        elif isinstance(optimizer, RMSprop) and "square_avg" in state:
            v = state["square_avg"]
            v = v - state["grad_avg"] ** 2 if group["centered"] else v
            rates.append(lr / (v.sqrt() + group["eps"]))
        elif isinstance(optimizer, SGD):
            rates.append(torch.full_like(parameter, lr))
        else:
            rates.append((change / g).abs().nan_to_num(0.0, 0.0, 0.0))
    return rates


def _grouped(optimizer: Optimizer, ours: list[Any]) -> list[tuple[Any, dict[str, Any]]]:
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    return [(p, groups.get(id(p), optimizer.param_groups[0])) for p in ours]


def _flat(tensors: list[Tensor]) -> list[float]:
    return torch.cat([tensor.detach().double().reshape(-1).cpu() for tensor in tensors]).tolist()


def _norms(name: str, columns: Columns) -> list[float]:
    """Of each tensor its norm; of rates the median of those that have something to act on."""
    if name != "rate":
        return [tensor.double().norm().item() for tensor in columns[name]]
    acting = [columns[key] for key in columns if key not in ("rate", "step", "value")]
    medians: list[float] = []
    for place, rates in enumerate(columns["rate"]):
        alive = torch.zeros_like(rates, dtype=torch.bool)
        for tensors in acting:
            alive |= tensors[place] != 0
        medians.append(rates[alive].double().median().item() if alive.any() else math.nan)
    return medians


def _shown(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"


def _formula(optimizer: Optimizer) -> list[str]:
    """How the columns make the step."""
    group = optimizer.param_groups[0]
    decay = float(group.get("weight_decay") or 0.0)
    for kind, said in ((_ADAMS, _adam), (RMSprop, _rmsprop), (SGD, _sgd)):
        if isinstance(optimizer, kind):
            apart = isinstance(optimizer, AdamW)
            shrinks = f" AdamW also takes lr · {decay:g} of each value away."
            mixed = f" Weight decay: the gradient is that of the loss plus {decay:g} · value."
            return [said(group) + ((shrinks if apart else mixed) if decay else "")]
    return []


def _adam(group: dict[str, Any]) -> str:
    beta1, beta2 = group["betas"]
    return (
        f"m ← {beta1:g} m + {1 - beta1:.3g} gradient, v ← {beta2:g} v + {1 - beta2:.3g} gradient²; "
        ""
        "divided by 1 − βᵗ they are corrected for their start at 0. rate = lr / (√v corr + ε), "
        "step = −rate · m corr."
    )


def _rmsprop(group: dict[str, Any]) -> str:
    said = f"v ← {group['alpha']:g} v + {1 - group['alpha']:.3g} gradient²; rate = lr / (√v + ε), "
    if not group["momentum"]:
        return said + "step = −rate · gradient."
    return said + (
        f"buffer ← {group['momentum']:g} buffer + gradient / (√v + ε), step = −lr · buffer."
    )


def _sgd(group: dict[str, Any]) -> str:
    momentum = group["momentum"]
    if not momentum:
        return "step = −rate · gradient; nothing is kept."
    buffer = f"buffer ← {momentum:g} buffer + gradient (the first time, the gradient alone); "
    if group["nesterov"]:
        return buffer + f"step = −rate · (gradient + {momentum:g} buffer)."
    return buffer + "step = −rate · buffer."
