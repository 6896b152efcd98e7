"""What a longer or a shorter step would bring: tried for a few dozen steps on copies of the run.

Used by the coach before it offers another learning rate. The copies start where the run stands,
take the same batches, and are thrown away; no user function but `loss` and `step` is called.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import inf, isfinite
from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_

from ..randomness import own_generators
from ..sampler import Tensors, gather
from ..training import Training
from ..views.copied import with_optimizer
from ..whole_loss import loss_of
from .copies import steadied

FACTORS = (1.0, 0.1, 10.0)  # of the learning rate
STEPS = 40
FEWEST = 8  # steps that say something
OVERTIME = 4  # times as long it may take until there are so many
EVERY = 4  # steps between two measurements of the later half


@dataclass(frozen=True)
class Trial:
    """The loss of the same examples before and after `steps` steps at each factor: the mean of
    what was measured in the later half. `swing` is the largest rise, as a factor, among those at
    the run's own rate: what only falls has none."""

    steps: int
    before: float
    after: dict[float, float]
    swing: float = 1.0
    seconds: float = 0.0

    def fall(self, factor: float) -> float:
        """The share of the loss that was won; negative where it rose."""
        loss = self.after.get(factor, inf)
        return (self.before - loss) / self.before if self.before > 0 else 0.0


def trial(t: Training, sample: Any, seconds: float) -> Trial | None:
    """As many steps as take about so long in all; None where those were too few to say anything.

    Training goes on bit for bit as if there had been none.
    """
    began = time.thread_time()
    if t.scaler is not None or not (t.self_loss or isinstance(t.parts.train, Tensors)):
        return None
    after: dict[float, float] = {}
    steps, before, swing = STEPS, inf, 1.0
    with own_generators():
        for factor in FACTORS:
            left = began + seconds - time.thread_time()
            share = left if factor == FACTORS[0] else inf  # the others take as many as the first
            before, seen, steps = _taken(t, factor, steps, share / len(FACTORS), sample)
            if steps < FEWEST:
                return None
            after[factor] = sum(seen) / len(seen)
            if factor == FACTORS[0] and isfinite(after[factor]):
                swing = _swing(seen)
    return Trial(steps, before, after, swing, time.thread_time() - began)


def _swing(seen: list[float]) -> float:
    """The largest rise from one of these to a later one."""
    lows = accumulate(seen, min)
    return max(now / max(low, 1e-30) for now, low in zip(seen, lows, strict=True))


def _taken(
    t: Training, factor: float, steps: int, seconds: float, sample: Any
) -> tuple[float, list[float], int]:
    """The loss of `sample` before, and in the later half; and the steps taken."""
    torch.manual_seed(t.step)
    until = time.thread_time() + seconds
    patience = until + (OVERTIME - 1) * seconds  # for the fewest steps that say something
    model, optimizer = with_optimizer(t)
    for group in optimizer.param_groups:
        group["lr"] = group["lr"] * factor
    parameters = [p for p in model.parameters() if p.requires_grad]
    for mine, theirs in zip(parameters, t.parameters, strict=True):
        kept = None if t.zero_grad or theirs.grad is None else theirs.grad.clone()
        mine.grad = kept
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
                return before, [inf], max(taken, min(steps, FEWEST))
            seen.append((taken, now))
        if over:
            break
    return before, [now for step, now in seen if step > taken // 2], taken


def _measured(t: Training, model: torch.nn.Module, sample: Any) -> float:
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
