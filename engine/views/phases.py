"""The phases of one step with true shapes, dtypes and numbers. Fed by the conductor.

`Observer` looks at one step as it goes; it reads, it never writes.
"""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace
from torch import Tensor

from ..callbacks.inspector.changes import Looked
from ..callbacks.inspector.moment import Moment
from ..callbacks.inspector.passages import detail
from ..callbacks.inspector.sources import Sources
from ..callbacks.trace import norm
from ..protocol.state import PHASES
from ..protocol.views import Passage, PhaseRow, Phases

if TYPE_CHECKING:
    from ..training.training import Training

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
    """Rows of the latest step observed; rows of phases not yet taken are those of the step just
    before it, and blank where that was not observed."""

    def __init__(self) -> None:
        self._rows = {phase: PhaseRow(phase) for phase in PHASES}
        self._step = 0
        self._done = 0
        self._model: object = None  # whose rows these are
        self.before: list[Tensor] = []
        self._before_step = 0  # the update that `before` was copied for
        self._moment: Moment | None = None
        self._sources = Sources()
        self.fresh = False  # a phase was noted since `phases` was last asked for
        self.took = 0.0  # seconds spent on the latest step observed

    def phases(self) -> Phases:
        self.fresh = False
        return Phases(self._step, self._done, tuple(self._rows.values()))

    def detailed(self, t: "Training", first: float | None) -> Phases:
        """The same, with everything there is to say of each phase taken of this step; after it,
        if nobody looked on at the last step, of the last one that was observed."""
        plain, moment = self.phases(), self._moment
        if moment is None:
            return plain
        plain = replace(plain, step=moment.step)
        looked = Looked(moment, t, self._sources, first)
        rows = [
            replace(row, detail=_detail(row.phase, looked)) if place < self._done else row
            for place, row in enumerate(plain.rows)
        ]
        return replace(plain, rows=tuple(rows))

    def code(self, t: "Training", *, begun: bool = False) -> None:
        """Name the lines of PyTorch; what was seen of another model is forgotten.

        Without a step `begun`, one that was not observed to its end was given up.
        """
        self._sources.learn(t)
        if self._model is not t.model or not (t.step or begun):
            self._model, self._moment = t.model, None
            self._done = self._step = 0
            self._rows = {phase: PhaseRow(phase) for phase in PHASES}
        elif not begun and self._done < len(PHASES):
            self._step, self._done, self._moment = t.step, 0, None
        for phase, row in self._rows.items():
            self._rows[phase] = replace(row, code=_code(t, phase))

    def before_update(self, t: "Training") -> None:
        began = time.perf_counter()
        self.before = [parameter.detach().clone() for parameter in t.parameters]
        self._before_step = t.step + 1
        self.took += time.perf_counter() - began

    def after(self, t: "Training", phase: str) -> None:
        """Note what `phase` of the present step made."""
        began = time.perf_counter()
        if phase == PHASES[0] and (self._step, self._done) != (t.step, len(PHASES)):
            self._done = 0
            self.gave_up(t)
        self._step = t.step if phase == "update" else t.step + 1
        self._done, self.fresh = PHASES.index(phase) + 1, True
        self._note(t, phase)
        if phase == PHASES[0] or self._moment is None or self._moment.step != self._step:
            self._moment = Moment(t) if phase == PHASES[0] else None
        if self._moment is not None:
            with suppress(Exception):  # looking is never worth a run
                self._moment.took(t, phase)
        spent = 0.0 if phase == PHASES[0] else self.took
        self.took = spent + time.perf_counter() - began

    def gave_up(self, t: "Training") -> None:
        """The phases to come of this step are not taken: nothing is known of them."""
        for phase in PHASES[self._done :]:
            self._rows[phase] = PhaseRow(phase, code=_code(t, phase))

    def catch_up(self, t: "Training", phase: str) -> None:
        """Note the phases of a step that nobody looked at, up to `phase`."""
        for taken in PHASES[: PHASES.index(phase) + 1]:
            self.after(t, taken)

    def settle(self, t: "Training", change: float | None) -> None:
        """Between steps: note the last one taken where nobody looked on. What it made is still
        there; how far it moved the parameters is `change`, if that is known."""
        if self._step >= t.step:
            return
        self._step, self._done, self.fresh = t.step, len(PHASES), True
        for phase in PHASES:
            self._note(t, phase, change)
        if t.norm is not None:  # `.grad` is as clipping left it
            row = self._rows["backward"]
            self._rows["backward"] = replace(row, number=f"|g| {t.norm.item():.4g}")

    def _note(self, t: "Training", phase: str, change: float | None = None) -> None:
        try:
            tensors, number = self._seen(t, phase, change)
        except Exception as error:  # sparse gradients, for example; looking is never worth a run
            tensors, number = "", f"not shown: {error}"
        self._rows[phase] = PhaseRow(phase, tensors, number, _code(t, phase))

    def _seen(self, t: "Training", phase: str, change: float | None) -> tuple[str, str]:
        from ..training.diagnosis import describe

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
                return "", f"|g| {norm([p.grad for p in t.parameters]):.4g}"
            case _:
                before, self.before = self.before, []
                if self._before_step != t.step:
                    return "", "Δ not seen" if change is None else f"Δ {change:.3g}"
                changes = [p.detach() - b for p, b in zip(t.parameters, before, strict=False)]
                if self._moment is not None and self._moment.copied and self._moment.step == t.step:
                    self._moment.before = before
                return "", f"Δ {norm(changes):.3g}"


def _detail(phase: str, looked: Looked) -> tuple[Passage, ...]:
    try:
        return detail(phase, looked)
    except Exception as error:  # a model that cannot be called again, for example
        return (Passage("says", f"not shown: {type(error).__name__}: {error}"),)


def _code(t: "Training", phase: str) -> str:
    own = OWN_STEP if t.has_step else OWN_LOSS if t.self_loss else {}
    return own.get(phase, CODE[phase])


def _mean(prediction: object) -> str:
    if not isinstance(prediction, Tensor) or not prediction.is_floating_point():
        return ""
    return f"mean {prediction.detach().float().mean().item():.4g}"
