"""A closer look at a training as it stands: gradients, what an update does, how steep it is.

Everything is done on copies of model and optimizer, inside `looking`, so that training goes on bit
for bit as if nobody had looked. The coach looks rarely; the verdicts read what a `Look` says.

What is measured, and where it comes from: the scatter of the gradient from batch to batch
(McCandlish et al. 2018, An empirical model of large-batch training); the largest curvature, by
power iteration, and the longest stable learning rate it leaves (Cohen et al. 2021 and 2022, on
the edge of stability, also for Adam, whose steps are seen through its preconditioner).
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from statistics import stdev
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from ...training.copies import with_optimizer
from ...training.eval_mode import looking
from ...training.sampler import rows_in
from ...training.training import Training
from . import curvature
from .copies import GRADIENTS, Copies, Vector, norm, rms
from .trial import Trial, at_once, trials

LARGEST = 5_000_000  # numbers of a model that is copied and looked at
UPDATED = 3  # batches for which an update is tried
TURNS = 10  # of the power iteration
PASSES = 24  # over the sample that a part of a look may take, about
GLANCE = 0.03  # seconds it may take before the first step
_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Threshold, nn.GELU, nn.SiLU)  # the last two nearly
_DROPOUTS = (nn.modules.dropout._DropoutNd,)  # pyright: ignore[reportPrivateUsage]
_NEARLY_0 = 1e-3


@dataclass(frozen=True)
class Layer:
    """A parameter of two or more dimensions: root mean squares of its numbers.

    Its gradient is that of batches of the run's size, where there are several.
    """

    name: str
    weight: float
    gradient: float
    update: float


@dataclass(frozen=True)
class Look:
    """What was seen at `step`. Losses and gradients are of `rows` training examples (0: the
    model's own loss), which are `everything` there is, or a sample."""

    step: int
    rows: int
    everything: bool
    loss: float
    slope: float  # Euclidean norm of the gradient
    layers: tuple[Layer, ...]
    dead: tuple[tuple[str, float], ...]  # rectifiers and the share of units that are always 0
    rate: float | None
    batch_losses: tuple[float, ...] = ()  # of batches of the run's size, all with these weights
    noise: float = 0.0  # variance of a batch's gradient around the whole, summed over its numbers
    own: tuple[tuple[float, float], ...] = ()  # a batch's loss before and after its own update
    after: tuple[float, ...] = ()  # the loss of all rows after each of these updates
    limit: float | None = None  # longest stable learning rate
    steep: float | None = None  # largest curvature, seen through the optimizer's preconditioner
    flat: float | None = None  # curvature along the gradient
    lowest: float = 0.0  # loss that a second-order method reaches in a moment
    trial: Trial | None = None
    drawn: bool = False  # training has dropout, and this has not
    cost: float = 0.0  # seconds of a core that a pass over the rows took, forward and back

    @property
    def room(self) -> float | None:
        """How many times longer the step could be before it is unstable."""
        if not self.limit or not self.rate:
            return None
        return self.limit / self.rate

    @property
    def gain(self) -> float:
        """The share of the loss that is known to be within reach."""
        return (self.loss - self.lowest) / self.loss if self.loss > 0 else 0.0

    @property
    def scatter(self) -> float:
        """Standard deviation of the batches' losses as a share of the loss."""
        if len(self.batch_losses) < 2 or not self.loss > 0:
            return 0.0
        return stdev(self.batch_losses) / self.loss

    @property
    def signal(self) -> float:
        """|G|² of the whole gradient against the variance of one batch's."""
        return self.slope**2 / self.noise if self.noise else float("inf")


def glance(t: Training) -> Look | None:
    """The slope and the layers, and how steep it is where a moment suffices to find out."""
    if not fits(t):
        return None
    began = time.thread_time()
    with quietly(t):
        here = Copies(t, GLANCE)
        first = _first(here)
        cost = _pass(began)
        return Look(**first | _steepness(here, cost, 0), cost=_warm_pass(here))


def look(t: Training, seconds: float = 0.05) -> Look | None:
    """One look, of about so long on a small model; None where the model is too large for it."""
    return at_once(parts(t, seconds))


def parts(
    t: Training, seconds: float, search: float = curvature.SECONDS
) -> Generator[None, None, Look | None]:
    """The same, returned after several parts: `t` must be as it was whenever the next begins.

    Seconds count inside the parts only. `search` is what the search for how far down it goes may
    take. Where a pass over the sample takes c (`Look.cost`), a part takes the longer of a third of
    `seconds`, `search`, and `PASSES` · c, about.
    """
    if not fits(t):
        return None
    began = time.thread_time()
    with quietly(t):
        here = Copies(t, seconds)
        first = _first(here)
    cost = _pass(began)
    yield from here.let_go()
    with quietly(t):
        affordable = int((here.until - time.thread_time()) / cost / 3)
        batches = here.batches[: max(2, min(affordable, GRADIENTS))]
        seen = [here.gradient(batch) for batch in batches]
    yield from here.let_go()
    with quietly(t):
        steepness = _steepness(here, cost, 4)
    yield from here.let_go()
    with quietly(t):
        changes = _changes(here, batches, seen)
    yield from here.let_go()
    with quietly(t):
        around = _around(here, seen, first)
        warm = _warm_pass(here)
    yield from here.let_go()
    with quietly(t):
        lowest = curvature.lowest(here, first["loss"], search)
    yield from here.let_go()
    tried = yield from trials(t, here.given, seconds)
    return Look(**first | steepness | changes | around, lowest=lowest, trial=tried, cost=warm)


@contextmanager
def quietly(t: Training) -> Generator[None]:
    """Looking, with what a model prints at each call left out."""
    with looking(t.model), redirect_stdout(StringIO()):
        yield


def fits(t: Training) -> bool:
    """Whether it may be copied and looked at, found out without copying anything.

    Not where a user's own `step` may count, print or log each call, where the first step gives
    the model its shape, or where model and buffers are larger than `LARGEST`, frozen ones too.
    """
    if t.has_step or t.experiment.keeps or t.shapeless:
        return False
    real = all(p.is_floating_point() and not p.is_sparse for p in t.parameters)
    held = chain(t.model.parameters(), t.model.buffers())
    return real and sum(tensor.numel() for tensor in held) <= LARGEST


def _first(here: Copies) -> dict[str, Any]:
    """What a glance shows."""
    t = here.t
    rate = t.descent.effective("lr")
    return {
        "step": t.step,
        "rows": 0 if t.self_loss else rows_in(here.sample),
        "everything": here.everything,
        "loss": here.loss(here.sample),
        "slope": norm(here.whole),
        "layers": _layers(here, [here.whole], []),
        "dead": _dead(here),
        "rate": None if rate is None else float(rate),
        "drawn": any(isinstance(m, _DROPOUTS) and m.p > 0 for m in here.model.modules()),
    }


def _changes(here: Copies, batches: list[Any], seen: list[Vector]) -> dict[str, Any]:
    """What updates of the run's optimizer do."""
    updates, own, after = _updated(here, batches, seen)
    return {"own": own, "after": after, "layers": _layers(here, seen, updates)}


def _around(here: Copies, seen: list[Vector], first: dict[str, Any]) -> dict[str, Any]:
    """How batches differ from each other, and how flat it is along the slope."""
    return {
        "batch_losses": tuple(here.loss(batch) for batch in here.batches),
        "noise": _scatter(seen),
        "flat": curvature.along(here) if first["slope"] else None,
    }


def _pass(began: float) -> float:
    """Seconds that one pass forward and back takes, of the four or so since then."""
    return max((time.thread_time() - began) / 4, 1e-6)


def _warm_pass(here: Copies) -> float:
    """Seconds of one more, when everything that it needs has been used before."""
    began = time.thread_time()
    here.gradient(here.sample)
    return time.thread_time() - began


def _steepness(here: Copies, cost: float, least: int) -> dict[str, Any]:
    """The largest curvature and the rate it bears, by as many turns as there is time for."""
    turns = max(least, min(TURNS, int((here.until - time.thread_time()) / cost)))
    scale = curvature.preconditioner(here)
    if scale is None or (turns < TURNS // 2 and not least):
        return {}
    steep = curvature.steepest(here, scale, turns)
    return {"limit": curvature.limit(here.t.optimizer, steep), "steep": steep}


def _updated(
    here: Copies, batches: list[Any], seen: list[Vector]
) -> tuple[list[Vector], tuple[tuple[float, float], ...], tuple[float, ...]]:
    """The updates that the first few batches ask for, and what they do to the losses."""
    updates: list[Vector] = []
    own: list[tuple[float, float]] = []
    after: list[float] = []
    for batch, gradient in list(zip(batches, seen, strict=False))[:UPDATED]:
        update = _update(here, gradient)
        before = here.loss(batch)
        with here.moved(update):
            own.append((before, here.loss(batch)))
            after.append(here.loss(here.sample))
        updates.append(update)
    return updates, tuple(own), tuple(after)


def _update(here: Copies, gradient: Vector) -> Vector:
    """The change that the run's optimizer would make for this gradient."""
    model, optimizer = with_optimizer(here.t)
    parameters = [p for p in model.parameters() if p.requires_grad]
    for parameter, g in zip(parameters, gradient, strict=True):
        parameter.grad = g.to(parameter.dtype, copy=True)
    if here.t.clip:
        clip_grad_norm_(parameters, here.t.clip)
    optimizer.step()
    return [p.detach() - at for p, at in zip(parameters, here.at, strict=True)]


def _layers(here: Copies, seen: list[Vector], updates: list[Vector]) -> tuple[Layer, ...]:
    found: list[Layer] = []
    for place, (name, parameter) in enumerate(here.named.items()):
        if parameter.ndim < 2:
            continue
        change = [rms(update[place]) for update in updates]
        found.append(
            Layer(
                name.removesuffix(".weight"),
                rms(here.at[place]),
                sum(rms(gradient[place]) for gradient in seen) / max(len(seen), 1),
                sum(change) / len(change) if change else 0.0,
            )
        )
    return tuple(found)


def _dead(here: Copies) -> tuple[tuple[str, float], ...]:
    """For each rectifier, the share of its units that are 0 for every row."""
    idle: dict[str, Tensor] = {}  # which units were 0 whenever the rectifier was used

    def note(name: str) -> Callable[[object, object, object], None]:
        def hook(module: object, given: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim > 1 and output.shape[1] > 1:
                units = output.detach().transpose(0, 1).flatten(1)
                zero = (units.abs() < _NEARLY_0).all(1)
                idle[name] = zero & idle[name] if name in idle else zero

        return hook

    hooks = [
        module.register_forward_hook(note(f"{type(module).__name__} {name}".strip()))
        for name, module in here.model.named_modules()
        if isinstance(module, _RECTIFIERS)
    ]
    try:
        if hooks:
            here.loss(here.sample)
    finally:
        for hook in hooks:
            hook.remove()
    return tuple((name, zero.float().mean().item()) for name, zero in idle.items())


def _scatter(seen: list[Vector]) -> float:
    """Σ over numbers of the variance of a batch's gradient, with the mean estimated."""
    if len(seen) < 2:
        return 0.0
    mean = [torch.stack(parts).mean(0) for parts in zip(*seen, strict=True)]
    total = sum(norm([g - m for g, m in zip(one, mean, strict=True)]) ** 2 for one in seen)
    return total / (len(seen) - 1)
