"""Numbers of a run on their way into the curves and the store. Used by the conductor.

Losses are collected in a plain list, because a step may take 50 µs, and flushed at every report.
On an accelerator they stay tensors until then and come over in one copy.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..history.curve import Curves
from ..history.store import Store
from ..protocol.knob import Value
from .trouble import bad_on_device

if TYPE_CHECKING:
    from .conductor import Conductor

Listener = Callable[[str, list[int], list[float]], None]


class Record:
    """`losses` holds those of the steps since the last flush, floats or device tensors."""

    def __init__(self, store: Store, curves: Curves) -> None:
        self.store = store
        self.curves = curves
        self.losses: list[Any] = []
        self.latest: dict[str, float | None] = {}
        self.series: list[str] = ["loss"]
        self.listener: Listener = lambda name, steps, values: None  # the coach
        self._named: dict[str, tuple[list[int], list[Tensor]]] = {}
        self._bad_step = 0
        self._waiting: dict[str, tuple[list[int], list[float]]] = {}

    def named(self, step: int, parts: Mapping[str, Tensor]) -> None:
        """Parts of one step's loss; a step may lack some."""
        for name, part in parts.items():
            steps, collected = self._named.setdefault(name, ([], []))
            steps.append(step)
            collected.append(part)

    def flush(self, conductor: "Conductor") -> None:
        """Hand what was collected to the curves and the store, losses first: what a disk has of a
        step never lacks its loss."""
        bad = self._flush_losses(conductor) if self.losses else None
        for name, (steps, values) in self._waiting.items():
            self._keep(name, steps, values)
        self._waiting = {}
        if bad is not None:
            bad_on_device(conductor, *bad)

    def _flush_losses(self, conductor: "Conductor") -> tuple[int, float] | None:
        """Returns step and loss of the first that is not finite, where only now it is known."""
        last = conductor.t.step
        steps = list(range(last - len(self.losses) + 1, last + 1))
        losses = _numbers(self.losses)
        self.losses.clear()
        if steps[0] == self._bad_step:  # kept when it went bad, before its update
            steps, losses = steps[1:], losses[1:]
        self._keep("loss", steps, losses)
        if conductor.comparison.runners and losses:
            conductor.comparison.noted(steps[-1], losses)
        for name, (at, parts) in self._named.items():
            self._keep(name, at, _numbers(parts))
        self._named = {}
        if conductor.t.reads_loss:
            return None
        return next(((s, x) for s, x in zip(steps, losses, strict=True) if not isfinite(x)), None)

    def bad_loss(self, step: int, value: float) -> None:
        """A loss that is not finite is history too, though its update was not made."""
        if step != self._bad_step:
            self._bad_step = step
            self._keep("loss", [step], [value])

    def beside(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Numbers of a replica: history that can be charted, but none of this run's."""
        if not steps:
            return
        self.store.record(name, steps, values)
        self.curves.extend(name, steps, values)
        if name not in self.series:
            self.series.append(name)

    def numbers(self, step: int, found: Mapping[str, float]) -> None:
        """Metrics, or what a validation found."""
        for name, value in found.items():
            steps, values = self._waiting.setdefault(name, ([], []))
            steps.append(step)
            values.append(value)
            self.latest[name] = value

    def forget_held_out(self) -> None:
        """What was measured is of another model, or of other data; their curves stay."""
        self.latest = {n: v for n, v in self.latest.items() if not n.startswith("valid_")}

    def _keep(self, name: str, steps: list[int], values: list[float]) -> None:
        if not steps:
            return
        self.store.record(name, steps, values)
        self.curves.extend(name, steps, values)
        self.listener(name, steps, values)
        self.latest[name] = values[-1]
        if name not in self.series:
            self.series.append(name)

    def mark(self, step: int, text: str) -> None:
        self.curves.mark(step, text)

    def knobs(self, values: Mapping[str, Value]) -> None:
        self.store.knobs(dict(values))

    def new_branch(self) -> None:
        """After a restart: an empty chart; the old branch stays in the store."""
        self.losses.clear()
        self._waiting = {}
        self._named, self._bad_step = {}, 0
        self.latest, self.series = {}, ["loss"]
        self.curves.clear()
        self.store.new_branch()


def _numbers(values: list[Any]) -> list[float]:
    if values and isinstance(values[0], Tensor):
        return torch.stack([torch.as_tensor(v) for v in values]).double().tolist()
    return values[:]
