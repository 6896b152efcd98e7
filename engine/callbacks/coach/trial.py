"""What a longer or a shorter step would bring, or would have brought: tried on copies of the run.

Used by the coach before it offers another learning rate. A `Trial` starts where the run stands, an
`Anew` with the weights the run began with. The copies take batches as the run does and are thrown
away; no user function but `loss` and `step` is called.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import accumulate
from math import inf, isfinite
from statistics import fmean
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from ...experiment.randomness import own_generators
from ...training.copies import with_optimizer
from ...training.objective import loss_of
from ...training.sampler import Tensors, gather
from ...training.training import Training
from .copies import as_it_stands, examples, steadied

FACTORS = (1.0, 0.1, 10.0)  # of the learning rate
STEPS = 40
FEWEST = 8  # steps that say something
OVERTIME = 4  # times as long it may take until there are so many
EVERY = 4  # steps between two measurements
LATER = 250  # steps from the start, at most
SHORTER = 0.1  # of the learning rate, from the start
Found = TypeVar("Found")


@dataclass(frozen=True)
class Trial:
    """The loss of the same examples before and after `steps` steps at each factor: the mean of
    what was measured in the later half. `swing` is the largest rise, as a factor, among those at
    the run's own rate: what only falls has none."""

    steps: int
    before: float
    after: dict[float, float]
    swing: float = 1.0

    def fall(self, factor: float) -> float:
        """The share of the loss that was won; negative where it rose."""
        loss = self.after.get(factor, inf)
        return (self.before - loss) / self.before if self.before > 0 else 0.0


@dataclass(frozen=True)
class Anew:
    """The loss of the examples looked at after `steps` steps at a tenth of the learning rate, from
    the weights of step `since` with an optimizer that has taken none: the mean of what was measured
    in the last quarter."""

    since: int
    steps: int
    loss: float


def trial(t: Training, sample: Any, seconds: float) -> Trial | None:
    """As many steps as take about so long in all; None where those were too few to say anything.

    Training goes on bit for bit as if there had been none.
    """
    return at_once(trials(t, sample, seconds))


def trials(t: Training, sample: Any, seconds: float) -> Generator[None, None, Trial | None]:
    """The same, returned after several parts: one for each factor."""
    if not can_be_tried(t):
        return None
    after: dict[float, float] = {}
    steps, before, swing = STEPS, inf, 1.0
    for factor in FACTORS:
        share = seconds if factor == FACTORS[0] else inf  # the others take as many as the first
        with own_generators(), redirect_stdout(StringIO()):
            copies = as_it_stands(t)
            before, seen, steps = _taken(t, copies, factor, steps, share / len(FACTORS), sample)
        if steps < FEWEST:
            return None
        later = [loss for step, loss in seen if step > steps // 2]
        after[factor] = fmean(later)
        if factor == FACTORS[0] and isfinite(after[factor]):
            swing = _swing(later)
        if factor != FACTORS[-1]:
            yield
    return Trial(steps, before, after, swing)


def at_once(parts: Generator[None, None, Found]) -> Found:
    """What comes of all parts, one right after the other."""
    while True:
        try:
            next(parts)
        except StopIteration as end:
            return end.value


def anew(t: Training, origin: nn.Module, since: int, seconds: float) -> Anew | None:
    """As many steps as the run took since then, or as take about so long.

    None where those were too few to say anything. Training goes on bit for bit as if there had
    been none.
    """
    most = min(t.step - since, LATER)
    if most < FEWEST or not can_be_tried(t):
        return None
    with own_generators(), redirect_stdout(StringIO()):
        sample, _, _ = examples(t)
        copies = with_optimizer(t, origin)
        _, seen, steps = _taken(t, copies, SHORTER, most, seconds, sample)
    if steps < FEWEST:
        return None
    return Anew(since, steps, fmean(loss for step, loss in seen if step > steps * 3 // 4))


def can_be_tried(t: Training) -> bool:
    """Whether copies of the run can take steps as it does: not in fp16, nor with data that must
    be fetched."""
    return t.scaler is None and (t.self_loss or isinstance(t.parts.train, Tensors))


def _swing(seen: list[float]) -> float:
    """The largest rise from one of these to a later one."""
    lows = accumulate(seen, min)
    return max(now / max(low, 1e-30) for now, low in zip(seen, lows, strict=True))


def _taken(
    t: Training,
    copies: tuple[nn.Module, Optimizer],
    factor: float,
    steps: int,
    seconds: float,
    sample: Any,
) -> tuple[float, list[tuple[int, float]], int]:
    """The loss of `sample` before and, by step, on the way; and the steps taken.

    What is not finite is inf, and all that is told of the way.
    """
    torch.manual_seed(t.step)
    until = time.thread_time() + seconds
    patience = until + (OVERTIME - 1) * seconds  # for the fewest steps that say something
    model, optimizer = copies
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * factor
    parameters = [p for p in model.parameters() if p.requires_grad]
    before, taken = _measured(t, model, sample), 0
    seen: list[tuple[int, float]] = []
    for batch in _batches(t):
        with torch.enable_grad(), t.autocast:
            loss = loss_of(t, model, batch)
        if t.zero_grad:
            optimizer.zero_grad()
        with torch.enable_grad():
            loss.backward()
        if t.clip:
            clip_grad_norm_(parameters, t.clip)
        optimizer.step()
        taken += 1
        late = time.thread_time() > (until if taken >= FEWEST else patience)
        over = late or taken >= steps
        if over or taken % EVERY == 0:
            now = _measured(t, model, sample)
            if not isfinite(now):
                taken = max(taken, min(steps, FEWEST))
                return before, [(taken, inf)], taken
            seen.append((taken, now))
        if over:
            break
    return before, seen, taken


def _measured(t: Training, model: nn.Module, sample: Any) -> float:
    """With nothing drawn, and every module's own flag put back."""
    flags = [(module, module.training) for module in model.modules()]
    steadied(model)
    with torch.no_grad(), t.autocast:
        loss = loss_of(t, model, sample).item()
    for module, training in flags:
        module.training = training
    return loss


def _batches(t: Training) -> Iterator[Any]:
    """Batches as the run takes them, from a shuffling of its own."""
    feed = t.parts.train
    while True:
        if not isinstance(feed, Tensors):
            yield ()
        elif t.batch_size >= feed.size:
            yield feed.rows(feed.size)
        else:
            order = torch.randperm(feed.size) if t.shuffle else torch.arange(feed.size)
            for rows in order.split(t.batch_size):
                yield gather(feed.fields, rows.to(t.device))
