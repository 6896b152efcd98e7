"""The way a model has come: loss, parameters and gradients of each step that was noted.

The stepper notes steps, the table of steps and the hill read `rows`. A run that nobody looks at
is only sampled with each report, so noting costs it nothing.
"""

import math
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from ..training.tensors import number_name

if TYPE_CHECKING:
    from ..training.training import Training

SMALL = 64  # numbers of a model whose every parameter is kept
START = 1_000_000
LARGE = 10_000_000  # of one that is noted only where somebody copies its parameters anyway
ROWS = 10_000  # kept at most
LOOKED_AT = 2.0  # seconds a picture that needs the trail counts as looked at
FEW = 20  # steps in a row noted after each report of a run at full speed that is looked at
BY_HAND = 1000  # steps taken with one order that still count as taken by hand
EXAMPLES = 3
_ROUNDING = 1e-5  # of a norm in float32
NEEDED_BY = ("steps", "hill")  # pictures

Numbers: TypeAlias = "array[float]"


@dataclass(frozen=True, slots=True)
class Row:
    """Step number `step`: its loss, and the update it made.

    `before`, `after` and `gradient` are in the order of `Trail.names`; all empty for a model of
    more than `SMALL` numbers. A sampled row has no `before` and no `change`. `slope` and
    `gradient` are from before clipping.
    """

    step: int
    loss: float
    rate: float | None  # learning rate of the first parameter group, as it acted
    slope: float  # Euclidean norm of the gradient
    change: float | None  # Euclidean norm of the update
    before: Numbers
    after: Numbers
    gradient: Numbers
    prediction: tuple[float, ...]  # of a few examples of the batch, before the update
    target: tuple[float, ...]  # theirs, where each is one number
    clipped: float | None = None  # norm of the gradient that the update used, if clip shortened it


class Trail:
    """`rows` from the oldest to the newest; `names` are those of the numbers, a, b, w[0]."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.names: tuple[str, ...] = ()
        self.start: dict[str, Tensor] = {}  # the state dict at step 0, of models up to `START`
        self.every = False  # lessons, and headless runs that print their steps
        self.most = ROWS
        self._looked_at = -math.inf
        self._few = self._count = 0
        self._before: list[Tensor] = []
        self._rate: float | None = None

    def begin(self, t: "Training", every: bool) -> None:
        """Step 0, or a model rebuilt: what was noted is another model's."""
        self._count, known = t.numbers, not t.shapeless
        self.names = tuple(number_names(t)) if known and self._count <= SMALL else ()
        self.every, self._before = every, []
        self.start = {}
        if known and self._count <= START:
            self.start = {name: v.detach().clone() for name, v in t.model.state_dict().items()}
        self.rows.clear()

    def refit(self, t: "Training") -> None:
        """Something was rebuilt: before the first step, or with other numbers, it begins anew."""
        others = t.numbers != self._count or (self.small and tuple(number_names(t)) != self.names)
        if others or not t.step:
            self.begin(t, self.every)

    @property
    def small(self) -> bool:
        """Whether every number of the model is kept."""
        return bool(self.names)

    def look(self) -> None:
        """Somebody looks at a picture made of this."""
        self._looked_at = time.monotonic()

    def on(self, slow: bool) -> bool:
        """Whether to note the next step; `slow` if it is taken by hand or at a pace."""
        if self._count > LARGE:
            return False
        if self.every or (slow and self.small):
            return True
        return (slow or self._few > 0) and time.monotonic() - self._looked_at < LOOKED_AT

    def before(self, t: "Training", copies: list[Tensor] | None = None) -> None:
        """After backward: parameters as they still are, in copies somebody has already made."""
        self._before = copies or [p.detach().clone() for p in t.parameters]
        self._rate = _rate(t)

    def after(self, t: "Training") -> None:
        """After update: note the step."""
        self._few -= 1
        before, self._before = self._before, []
        if before:
            with suppress(Exception):  # complex numbers, for example; noting is never worth a run
                self._keep(self._row(t, before))

    def _row(self, t: "Training", before: list[Tensor]) -> Row:
        rate = self._rate if t.descent.scheduler is not None else _rate(t)
        with torch.no_grad():
            if self.small:
                old, new = flat(before), flat(t.parameters)
                change = math.dist(old, new)
            else:
                old = new = array("d")
                change = norm([p - b for p, b in zip(t.parameters, before, strict=True)])
            slope, found, clipped = self._slope(t)
            shown = _examples(t)
        return Row(t.step, _loss(t), rate, slope, change, old, new, found, *shown, clipped)

    def _slope(self, t: "Training") -> tuple[float, Numbers, float | None]:
        """Norm and numbers of the gradient before clipping, and the norm clipping left of it."""
        numbers = _gradient(t) if self.small else array("d")
        length = math.hypot(*numbers)
        if not self.small:
            length = norm([p.grad for p in t.parameters if p.grad is not None])
        times = shortening(t, length)
        if times == 1.0:
            return length, numbers, None
        return length * times, array("d", (g * times for g in numbers)), length

    def sample(self, t: "Training") -> None:
        """With a report: where a small model stands, if the last step was not noted."""
        self._few = FEW
        if not self.small or not t.step or (self.rows and self.rows[-1].step >= t.step):
            return
        with suppress(Exception):
            (slope, found, clipped), none, at = self._slope(t), array("d"), flat(t.parameters)
            row = Row(t.step, _loss(t), _rate(t), slope, None, none, at, found, (), (), clipped)
            self._keep(row)

    def _keep(self, row: Row) -> None:
        rows = self.rows
        while rows and rows[-1].step >= row.step:  # gone back
            rows.pop()
        rows.append(row)
        if len(rows) > self.most:
            half = len(rows) // 2
            rows[:half] = rows[:half:2]


def number_names(t: "Training") -> list[str]:
    """A name for each number to learn, in the order of `t.parameters`: a, w[0], w[0,1]."""
    return [
        number_name(name, parameter.shape, i)
        for name, parameter in t.model.named_parameters()
        if parameter.requires_grad
        for i in range(parameter.numel())
    ]


def flat(tensors: Sequence[Tensor]) -> Numbers:
    """All their numbers, one tensor after another."""
    dense = [tensor.to_dense() if tensor.is_sparse else tensor for tensor in tensors]
    together = torch.cat([tensor.detach().reshape(-1) for tensor in dense])
    return array("d", together.tolist())


def norm(tensors: Sequence[Tensor | None]) -> float:
    """Euclidean norm over all of them together; sparse ones count with the values they hold.

    Squares of finite numbers may be too large for float32: then in float64.
    """
    dense = [g.coalesce().values() if g.is_sparse else g for g in tensors if g is not None]
    norms = [torch.linalg.vector_norm(g.detach().float()) for g in dense]
    found = torch.stack(norms).norm().item() if norms else 0.0
    if not math.isinf(found):
        return found
    return math.hypot(*(torch.linalg.vector_norm(g.detach().cpu().double()).item() for g in dense))


def shortening(t: "Training", length: float) -> float:
    """By how much the last update's gradient, now of that length, was longer before clipping."""
    if t.norm is None or not length:
        return 1.0
    times = t.norm.item() / length
    return times if 1.0 + _ROUNDING < times < math.inf else 1.0


def _gradient(t: "Training") -> Numbers:
    return flat([torch.zeros_like(p) if p.grad is None else p.grad for p in t.parameters])


def _rate(t: "Training") -> float | None:
    rate = t.descent.effective("lr")
    return None if rate is None else float(rate)


def _loss(t: "Training") -> float:
    return t.value if t.reads_loss else t.loss.item()


def _examples(t: "Training") -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The first, the middle and the last prediction of the batch, with their targets."""
    prediction, target = t.prediction, t.target
    if not isinstance(prediction, Tensor) or not prediction.is_floating_point():
        return (), ()
    if not prediction.ndim or prediction.numel() != len(prediction):
        return (), ()
    index = examples(len(prediction))
    shown = prediction.detach().reshape(-1)[index].tolist()
    if not isinstance(target, Tensor) or target.numel() != len(prediction):
        return tuple(shown), ()
    return tuple(shown), tuple(target.reshape(-1)[index].tolist())


def examples(count: int) -> list[int]:
    """Which of so many examples are noted."""
    return sorted({0, count // 2, count - 1}) if count else []
