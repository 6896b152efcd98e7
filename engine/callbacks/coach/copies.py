"""Copies of a model and of data to measure on, for a closer look. Used by `look.py`.

What is done to the copies never reaches the training. Call it inside `looking`.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from copy import copy
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ...training.copies import copied, gradients, with_optimizer
from ...training.objective import loss_of
from ...training.optim import Descent
from ...training.sampler import Tensors, gather, in_double, to_device
from ...training.training import Training

ROWS = 512  # training examples the slope and the steepness are measured on
BATCHES = 24  # their losses
GRADIENTS = 8  # and the gradients of the first of them
EXACT = 20_000  # numbers of a model that is measured in double precision
_NORMS = (nn.modules.batchnorm._BatchNorm,)  # pyright: ignore[reportPrivateUsage]

Vector: TypeAlias = list[Tensor]


class Copies:
    """`at` are the weights as they stand; `sample` and `batches` are training examples, the
    batches of the run's own size; `given` is the sample as it came. `whole` is the gradient over
    the sample. `until` is when (`time.thread_time`) measuring should come to its end."""

    def __init__(self, t: Training, seconds: float) -> None:
        self.t = t
        self.until = time.thread_time() + seconds
        self.model = steadied(copied(t.model))
        self.given, self.batches, self.everything = examples(t)
        self.sample = self.given
        numbers = sum(p.numel() for p in t.parameters)
        if numbers <= EXACT and t.device.type == "cpu":
            self._be_exact()
        self.named = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        self.parameters = list(self.named.values())
        self.at = [p.detach().clone() for p in self.parameters]
        self.whole: Vector = self.gradient(self.sample)

    def _be_exact(self) -> None:
        """Measure in double precision, where the model's code allows that."""
        before = self.model, self.sample, self.batches
        try:
            self.model = copied(self.model).double()
            self.sample, self.batches = in_double(self.sample), list(map(in_double, self.batches))
            self.loss(self.sample)
        except Exception:  # it makes tensors of its own
            self.model, self.sample, self.batches = before

    def loss(self, batch: Any) -> float:
        with self.t.autocast:
            return loss_of(self.t, self.model, batch).item()

    def gradient(self, batch: Any) -> Vector:
        return list(gradients(self.t, batch, self.model).values())

    def let_go(self) -> Generator[None]:
        """Between two parts of a look: what passes meanwhile is not counted."""
        left = self.until - time.thread_time()
        yield
        self.until = time.thread_time() + left

    @contextmanager
    def moved(self, by: Vector, times: float = 1.0) -> Generator[None]:
        """The weights moved, and put back."""
        try:
            for parameter, start, change in zip(self.parameters, self.at, by, strict=True):
                parameter.copy_(start + times * change)
            yield
        finally:
            for parameter, start in zip(self.parameters, self.at, strict=True):
                parameter.copy_(start)


def as_it_stands(t: Training) -> tuple[nn.Module, Optimizer]:
    """Copies of model and optimizer, with what has piled up of gradients where that is kept."""
    model, optimizer = with_optimizer(t)
    for mine, theirs in zip(model.parameters(), t.model.parameters(), strict=True):
        mine.grad = None if t.zero_grad or theirs.grad is None else theirs.grad.clone()
    return model, optimizer


def frozen(t: Training) -> Training:
    """The training as it stands, with a model and an optimizer of its own: it can be looked at
    part by part while the run goes on. Data and the values of knobs are the run's."""
    still = copy(t)
    still.model, still.optimizer = as_it_stands(t)
    still.parameters = [p for p in still.model.parameters() if p.requires_grad]
    still.descent = Descent(still.optimizer)
    return still


def examples(t: Training) -> tuple[Any, list[Any], bool]:
    """Rows to measure on, batches of the run's size, and whether the rows are all there are."""
    if t.self_loss:
        return (), [(), ()], True
    feed = t.parts.train
    if not isinstance(feed, Tensors):
        batch = t.batch if t.batch is not None else to_device(feed.rows(64), t.device)
        return batch, [batch], False
    everything = feed.size <= ROWS
    sample = feed.rows(ROWS)
    if t.batch_size >= feed.size:
        return sample, [feed.rows(feed.size)], everything
    generator = torch.Generator().manual_seed(t.step)
    order = torch.randperm(feed.size, generator=generator)
    rows = order.split(t.batch_size)[:BATCHES]
    batches = [gather(feed.fields, r.to(t.device)) for r in rows if len(r) == t.batch_size]
    return sample, batches, everything


def steadied(model: nn.Module) -> nn.Module:
    """Nothing drawn, as in eval mode, but batch norms scaled by their batch: what training sees
    is that, and steep only without."""
    model.eval()
    for module in model.modules():
        if isinstance(module, _NORMS):
            module.train()
    return model


def norm(vector: Vector) -> float:
    """Euclidean norm over all of them together."""
    if not vector:
        return 0.0
    return torch.stack([torch.linalg.vector_norm(v) for v in vector]).norm().item()


def dot(a: Vector, b: Vector) -> float:
    return sum((x * y).sum().item() for x, y in zip(a, b, strict=True))


def rms(tensor: Tensor) -> float:
    """Root mean square of its numbers."""
    return tensor.detach().float().square().mean().sqrt().item()


def unit(vector: Vector) -> Vector:
    size = norm(vector)
    return [v / size for v in vector] if size else vector
