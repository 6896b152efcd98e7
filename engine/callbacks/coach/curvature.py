"""How steep and how flat a loss is around a model's weights, and how long a step it bears.

Functions of `Copies`; used by `look.py`. H·v is a difference of two gradients, so any model
and loss will do.
"""

import time
from math import isfinite
from typing import Any

import torch
from torch import Tensor
from torch.optim import LBFGS, SGD, Adam, AdamW, Optimizer, RMSprop

from ...training.copies import copied
from ...training.objective import loss_of
from .copies import Copies, Vector, dot, norm, unit

SECONDS = 0.06  # the search for how far down it goes may take
ROUND = 8  # iterations of it between two looks at the clock
_NEEDS = 10  # updates before Adam's preconditioner says anything


def curved(here: Copies, direction: Vector, length: float) -> Vector:
    """H·v by a difference of gradients, over a way of `length` there and back."""
    size = norm(direction)
    if not size:
        return [torch.zeros_like(v) for v in direction]
    ε = length / size
    with here.moved(direction, ε):
        ahead = here.gradient(here.sample)
    with here.moved(direction, -ε):
        behind = here.gradient(here.sample)
    return [(a - b) / (2 * ε) for a, b in zip(ahead, behind, strict=True)]


def preconditioner(here: Copies) -> Vector | None:
    """What the optimizer divides a gradient by; ones for SGD, None where that is not known."""
    optimizer = here.t.optimizer
    if type(optimizer) is SGD:
        return [torch.ones_like(g) for g in here.whole]
    if type(optimizer) not in (Adam, AdamW, RMSprop):
        return None
    trained = [p for p in here.t.model.parameters() if p.requires_grad]
    scale: Vector = []
    for parameter in trained:
        state, group = optimizer.state.get(parameter), _group(optimizer, parameter)
        if not state or float(state["step"]) < _NEEDS:
            return None
        second = state["square_avg" if isinstance(optimizer, RMSprop) else "exp_avg_sq"]
        if not isinstance(optimizer, RMSprop):
            second = second / (1 - group["betas"][1] ** float(state["step"]))
        scale.append(second.sqrt() + group["eps"])
    return scale


def steepest(here: Copies, scale: Vector, turns: int) -> float | None:
    """The largest eigenvalue of P^-½ H P^-½ by power iteration."""
    whole = here.whole
    root = [p.sqrt() for p in scale]
    generator = torch.Generator().manual_seed(here.t.step)
    start = [torch.randn(g.shape, generator=generator).to(g) for g in whole]
    if size := norm(whole):
        start = [
            s * (size / max(norm(start), 1e-30)) + g for s, g in zip(start, whole, strict=True)
        ]
    v = unit(start)
    length = 1e-3 * max(norm(here.at), 1.0)
    found = 0.0
    for _ in range(turns):
        step = [x / r for x, r in zip(v, root, strict=True)]
        turned = curved(here, step, length)
        turned = [h / r for h, r in zip(turned, root, strict=True)]
        found = dot(v, turned)
        if not norm(turned):
            return None
        v = unit(turned)
    return found if found > 0 else None


def along(here: Copies) -> float:
    """gᵀHg / gᵀg."""
    g = here.whole
    Hg = curved(here, g, 0.05 * max(norm(here.at), 1.0))
    return dot(g, Hg) / max(dot(g, g), 1e-38)


def lowest(here: Copies, loss: float, seconds: float = SECONDS) -> float:
    """How far down a second-order method gets: L-BFGS with a line search (Nocedal and Wright,
    Numerical optimization, algorithm 7.5), for a moment, on a copy."""
    until = time.thread_time() + seconds
    model = copied(here.model)
    parameters = [p for p in model.parameters() if p.requires_grad]
    search = LBFGS(parameters, max_iter=ROUND, history_size=10, line_search_fn="strong_wolfe")
    best = loss

    def closure() -> Tensor:
        search.zero_grad()
        with here.t.autocast:
            found = loss_of(here.t, model, here.sample)
        found.backward()
        return found

    with torch.enable_grad():
        while time.thread_time() < until:
            before = best
            search.step(closure)  # pyright: ignore[reportArgumentType]
            now = closure().item()
            if isfinite(now) and now < best:
                best = now
            if not best < before * (1 - 1e-3):
                break
    return best


def limit(optimizer: Optimizer, steep: float | None) -> float | None:
    """The learning rate above which a quadratic of that curvature diverges.

    2 (1 + β) / λ for gradient descent with momentum β; for Adam, whose momentum averages,
    2 (1 + β₁) / ((1 − β₁) λ) (Cohen et al. 2022).
    """
    if not steep:
        return None
    group = optimizer.param_groups[0]
    if isinstance(optimizer, (Adam, AdamW)):
        β = group["betas"][0]
        return 2 * (1 + β) / ((1 - β) * steep)
    return 2 * (1 + group.get("momentum", 0.0)) / steep


def _group(optimizer: Optimizer, parameter: Tensor) -> dict[str, Any]:
    return next(
        group for group in optimizer.param_groups if any(p is parameter for p in group["params"])
    )
