"""The phases of one step with true shapes, dtypes and numbers. Fed by the conductor.

`Observer` looks at one step as it goes; it reads, it never writes.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import torch
from msgspec.structs import replace
from torch import Tensor

from ..inspection.changes import Looked
from ..inspection.moment import Moment
from ..inspection.passages import detail
from ..inspection.sources import Sources
from ..protocol.state import PHASES
from ..protocol.views import Passage, PhaseRow, Phases

if TYPE_CHECKING:
    from ..training import Training

CODE = {
    "batch": "x, y = batch",
    "predict": "prediction = model(x)",
    "loss": "loss = loss_fn(prediction, y)",
    "zero": "optimizer.zero_grad()",
    "backward": "loss.backward()",
    "update": "optimizer.step()",
}
OWN_STEP = {"predict": "", "loss": "loss = step(model, batch)"}
OWN_LOSS = {"batch": "", "predict": "", "loss": "loss = model()"}


class Observer:
    """Rows of the latest step observed; rows of phases not yet taken are the step's before."""

    def __init__(self) -> None:
        self._rows = {phase: PhaseRow(phase) for phase in PHASES}
        self._step = 0
        self._done = 0
        self.before: list[Tensor] = []
        self._moment: Moment | None = None
        self._sources = Sources()
        self.fresh = False  # a phase was noted since `phases` was last asked for

    def phases(self) -> Phases:
        self.fresh = False
        return Phases(self._step, self._done, tuple(self._rows.values()))

    def detailed(self, t: "Training", first: float | None) -> Phases:
        """The same, with everything there is to say of each phase taken of this step."""
        plain, moment = self.phases(), self._moment
        if moment is None:
            return plain
        looked = Looked(moment, t, self._sources, first)
        rows = [
            replace(row, detail=_detail(row.phase, looked)) if place < self._done else row
            for place, row in enumerate(plain.rows)
        ]
        return replace(plain, rows=tuple(rows))

    def code(self, t: "Training") -> None:
        """Name the lines of PyTorch before any step was taken."""
        self._done = self._step = 0
        self._moment = None
        self._sources.learn(t)
        for phase in PHASES:
            self._rows[phase] = PhaseRow(phase, code=_code(t, phase))

    def before_update(self, t: "Training") -> None:
        self.before = [parameter.detach().clone() for parameter in t.parameters]

    def after(self, t: "Training", phase: str) -> None:
        """Note what `phase` of the present step made."""
        self._step = t.step if phase == "update" else t.step + 1
        self._done, self.fresh = PHASES.index(phase) + 1, True
        try:
            tensors, number = self._seen(t, phase)
        except Exception as error:  # sparse gradients, for example; looking is never worth a run
            tensors, number = "", f"not shown: {error}"
        self._rows[phase] = PhaseRow(phase, tensors, number, _code(t, phase))
        if phase == PHASES[0] or self._moment is None or self._moment.step != self._step:
            self._moment = Moment(t) if phase == PHASES[0] else None
        if self._moment is not None:
            with suppress(Exception):  # looking is never worth a run
                self._moment.took(t, phase)

    def catch_up(self, t: "Training", phase: str) -> None:
        """Note the phases of a step that nobody looked at, up to `phase`."""
        for taken in PHASES[: PHASES.index(phase) + 1]:
            self.after(t, taken)

    def _seen(self, t: "Training", phase: str) -> tuple[str, str]:
        from ..diagnosis import describe

        match phase:
            case "batch":
                return describe(t.batch), ""
            case "predict":
                return describe(t.prediction), _mean(t.prediction)
            case "loss":
                return "", f"{t.loss.item():.6g}"
            case "zero":
                return "", "grad = 0" if t.zero_grad else "grad kept"
            case "backward":
                return "", f"|g| {_norm([p.grad for p in t.parameters]):.4g}"
            case _:
                before, self.before = self.before, []
                changes = [p.detach() - b for p, b in zip(t.parameters, before, strict=False)]
                if self._moment is not None and self._moment.copied:
                    self._moment.before = before
                return "", f"Δ {_norm(changes):.3g}"


def _detail(phase: str, looked: Looked) -> tuple[Passage, ...]:
    try:
        return detail(phase, looked)
    except Exception as error:  # a model that cannot be called again, for example
        return (Passage("says", f"not shown: {type(error).__name__}: {error}"),)


def _code(t: "Training", phase: str) -> str:
    own = OWN_STEP if t.has_step else OWN_LOSS if t.self_loss else {}
    return own.get(phase, CODE[phase])


def _norm(tensors: Sequence[Tensor | None]) -> float:
    """Euclidean norm over all of them together."""
    there = [tensor.detach() for tensor in tensors if tensor is not None]
    if not there:
        return 0.0
    norms = torch.stack([torch.linalg.vector_norm(tensor) for tensor in there])
    return float(torch.linalg.vector_norm(norms))


def _mean(prediction: object) -> str:
    if not isinstance(prediction, Tensor) or not prediction.is_floating_point():
        return ""
    return f"mean {prediction.detach().float().mean().item():.4g}"
