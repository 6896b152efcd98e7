"""The update of single numbers by the optimizer's own formula, with the numbers in it.

SGD with momentum: Sutskever et al. (2013), as torch has it; Adam: Kingma and Ba (2015); AdamW:
Loshchilov and Hutter (2019); RMSprop: Hinton (2012). Each is computed in float64 and left out
where it does not lead from the number before to the number after the update.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.optim import SGD, Adam, AdamW, RMSprop
from torch.optim.optimizer import Optimizer

from ...protocol.views import Passage
from ...training.tensors import factor, formula, num, number_name, says
from .moment import SPELLED, Moment


@dataclass(frozen=True)
class One:
    """One number, its gradient, the optimizer's numbers, and its own state before and after."""

    name: str
    before: float
    after: float
    gradient: float
    numbers: dict[str, Any]
    old: dict[str, float]
    new: dict[str, float]


Spelled = tuple[float, list[str]]  # the number after the update, and how it came about


def spelled(moment: Moment, optimizer: Optimizer) -> list[Passage]:
    """The formula for each number of a tiny model, or for the one with the steepest gradient."""
    rule = _RULES.get(type(optimizer))
    if rule is None or not moment.state_after:
        return []
    said: list[Passage] = []
    for one in _picked(moment):
        try:
            found = rule(one)
        except (ArithmeticError, KeyError, ValueError):
            found = None
        if found is not None and _leads_to(found[0], one):
            said += [formula(line) for line in found[1]]
    if not said:
        return []
    words = ["With the gradient as it was clipped."] if moment.clipped else []
    if moment.count > SPELLED:
        one = f"One of the {moment.count:,} numbers in full, the one with the steepest gradient:"
        words.append(one)
    return [*([says(" ".join(words))] if words else []), *said]


def _picked(moment: Moment) -> list[One]:
    ones: list[One] = []
    for (place, i), old, new in zip(
        moment.picked, moment.state_before, moment.state_after, strict=True
    ):
        before, after, used = moment.before[place], moment.after[place], moment.used[place]
        if used is not None:
            name = number_name(moment.names[place], before.shape, i)
            numbers = moment.numbers[place]
            at = _at(before, i), _at(after, i), _at(used, i)
            ones.append(One(name, at[0], at[1], at[2], numbers, old, new))
    return ones


def _leads_to(after: float, one: One) -> bool:
    """Whether the formula comes to the true number: exact but for float32's rounding."""
    if not math.isfinite(one.after):
        return False
    rounding = 2e-7 * max(abs(one.before), abs(one.after))
    return abs(after - one.after) <= rounding + 1e-4 * abs(one.after - one.before) + 1e-30


def _at(tensor: Tensor, i: int) -> float:
    return tensor.detach().double().reshape(-1)[i].item()


def _decayed(one: One) -> tuple[float, list[str]]:
    """g + λ·w where weight decay is added to the gradient, and how it is said."""
    decay = float(one.numbers.get("weight_decay", 0.0))
    if not decay:
        return one.gradient, []
    g = one.gradient + decay * one.before
    said = f"{num(one.gradient)} + {num(decay)}·{factor(one.before)} = {num(g)}"
    return g, [f"g = gradient + weight_decay·{one.name} = {said}"]


def _sgd(one: One) -> Spelled | None:
    n = one.numbers
    if n.get("maximize") or n.get("dampening"):
        return None
    lr, momentum = float(n["lr"]), float(n["momentum"])
    g, said = _decayed(one)
    word = "g" if said else "gradient"
    if momentum:
        kept = one.old.get("momentum_buffer")
        v = g if kept is None else momentum * kept + g
        words = "v = " + (
            f"{word} = {num(v)}, the first of its kind"
            if kept is None
            else f"momentum·v + {word} = {num(momentum)}·{factor(kept)} + {factor(g)} = {num(v)}"
        )
        said = [*said, words]
        ahead = g + momentum * v
        if n["nesterov"]:
            words = f"{factor(g)} + {num(momentum)}·{factor(v)} = {num(ahead)}"
            said.append(f"u = {word} + momentum·v = {words}")
        g, word = (ahead, "u") if n["nesterov"] else (v, "v")
    return _moved(one, lr, g, word, said)


def _moved(one: One, lr: float, g: float, word: str, said: list[str]) -> Spelled:
    after = one.before - lr * g
    line = f"{one.name} ← {one.name} − lr·{word} = {num(one.before, 6)} − {num(lr)}·{factor(g)}"
    return after, [*said, f"{line} = {num(one.after, 6)}"]


def _adam(one: One) -> Spelled | None:
    n = one.numbers
    decoupled = bool(n.get("decoupled_weight_decay"))  # AdamW
    if n.get("maximize") or n.get("amsgrad"):
        return None
    lr, (b1, b2), eps = float(n["lr"]), map(float, n["betas"]), float(n["eps"])
    before, decay, said = one.before, float(n.get("weight_decay", 0.0)), list[str]()
    if decoupled:
        g = one.gradient
        if decay:
            before *= 1 - lr * decay
            words = f"{num(one.before, 6)}·(1 − {num(lr)}·{num(decay)}) = {num(before, 6)}"
            said = [f"{one.name} ← {one.name}·(1 − lr·weight_decay) = {words}"]
    else:
        g, said = _decayed(one)
    word = "g" if said and not decoupled else "gradient"
    m0, v0, t = one.old.get("exp_avg", 0.0), one.old.get("exp_avg_sq", 0.0), one.new["step"]
    m, v = b1 * m0 + (1 - b1) * g, b2 * v0 + (1 - b2) * g * g
    first, second = m / (1 - b1**t), v / (1 - b2**t)
    step = lr * first / (math.sqrt(second) + eps)
    said += [
        f"m = {num(b1)}·m + {num(1 - b1)}·{word} = "
        f"{num(b1)}·{factor(m0)} + {num(1 - b1)}·{factor(g)} = {num(m)}",
        f"v = {num(b2)}·v + {num(1 - b2)}·{word}² = "
        f"{num(b2)}·{num(v0)} + {num(1 - b2)}·{factor(g)}² = {num(v)}",
        f"m′ = m / (1 − {num(b1)}^{t:g}) = {num(first)}   "
        f"v′ = v / (1 − {num(b2)}^{t:g}) = {num(second)}",
        f"{one.name} ← {one.name} − lr·m′/(√v′ + {num(eps)}) = {num(before, 6)} − "
        f"{num(lr)}·{factor(first)}/{num(math.sqrt(second) + eps)} = {num(one.after, 6)}",
    ]
    return before - step, said


def _rmsprop(one: One) -> Spelled | None:
    n = one.numbers
    if n.get("maximize") or n.get("centered"):
        return None
    lr, alpha, eps, momentum = (float(n[k]) for k in ("lr", "alpha", "eps", "momentum"))
    g, said = _decayed(one)
    word = "g" if said else "gradient"
    v0 = one.old.get("square_avg", 0.0)
    v = alpha * v0 + (1 - alpha) * g * g
    u = g / (math.sqrt(v) + eps)
    said += [
        f"v = {num(alpha)}·v + {num(1 - alpha)}·{word}² = "
        f"{num(alpha)}·{num(v0)} + {num(1 - alpha)}·{factor(g)}² = {num(v)}",
        f"u = {word} / (√v + {num(eps)}) = {factor(g)} / {num(math.sqrt(v) + eps)} = {num(u)}",
    ]
    if not momentum:
        return _moved(one, lr, u, "u", said)
    kept = one.old.get("momentum_buffer", 0.0)
    b = momentum * kept + u
    said.append(f"b = momentum·b + u = {num(momentum)}·{factor(kept)} + {factor(u)} = {num(b)}")
    return _moved(one, lr, b, "b", said)


_RULES: dict[type[Optimizer], Callable[[One], Spelled | None]] = {
    SGD: _sgd,
    Adam: _adam,
    AdamW: _adam,
    RMSprop: _rmsprop,
}
