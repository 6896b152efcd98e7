"""The picture `compare`: how every entrant of the comparison stands. Painted from numbers alone.

`spread` says by which knob entrants differ; `rates.py` beside it draws losses against that.
"""

from math import isfinite
from typing import TYPE_CHECKING

from ..protocol.knob import Knob
from ..protocol.pictures import Comparison, Entrant
from ..protocol.views import PictureRequest
from .subject import Subject

if TYPE_CHECKING:
    from ..callbacks.comparison.comparison import Comparison as Living
    from ..callbacks.comparison.entrants import Standing
    from ..training.training import Training


def available(subject: Subject) -> bool:
    """Whether there is a comparison."""
    return subject.comparison is not None and bool(subject.comparison.runners)


def paint(subject: Subject, request: PictureRequest) -> Comparison:
    """One row for each entrant, this run first."""
    living = subject.comparison
    assert living is not None
    knob = spread(living)
    standings = [standing for standing, _, _ in living.entrants()]
    return Comparison(
        entrants=tuple(
            _entrant(standing, t, stopped, living, knob)
            for standing, t, stopped in living.entrants()
        ),
        knob=knob.name if knob else "",
        log=bool(knob and knob.log),
        notes=(averaged(standings),),
    )


def spread(living: "Living") -> Knob | None:
    """The number in which entrants differ most; None where they differ in no number."""
    trainings = [t for _, t, _ in living.entrants()]
    knobs = trainings[0].experiment.knobs
    numbers = [name for name in living.names if knobs[name].kind in ("int", "float")]
    counts = {name: len({t.values[name] for t in trainings}) for name in numbers}
    best = max(numbers, key=lambda name: counts[name], default="")
    return knobs[best] if counts.get(best, 0) > 1 else None


def group_of(t: "Training", living: "Living", knob: Knob | None) -> str:
    """What else differs, in words: `adam`."""
    from ..callbacks.comparison.comparison import in_words  # which imports the views

    knobs, but = t.experiment.knobs, knob.name if knob else ""
    return " ".join(in_words(knobs[n], t.values[n]) for n in living.names if n != but)


def averaged(standings: "list[Standing]") -> str:
    """Over how many steps losses are averaged."""
    from ..callbacks.comparison.entrants import WIDEST  # which imports the views

    windows = {standing.window for standing in standings}
    if windows == {1}:
        return "loss: of the last step, which is an epoch"
    how_many = str(min(windows)) if len(windows) == 1 else f"{min(windows)} to {max(windows)}"
    epoch = "" if WIDEST in windows else " (one epoch)"
    return f"loss: mean of the last {how_many} steps{epoch}"


def _entrant(
    standing: "Standing", t: "Training", stopped: str, living: "Living", knob: Knob | None
) -> Entrant:
    best_valid = standing.patience.best
    return Entrant(
        label=standing.label,
        step=standing.step,
        loss=standing.loss,
        best=standing.best,
        best_step=standing.best_step,
        valid_loss=standing.valid,
        best_valid=best_valid if isfinite(best_valid) else None,
        best_valid_step=standing.patience.best_step,
        metrics=standing.metrics,
        stopped=stopped,
        at=float(t.values[knob.name]) if knob else None,
        group=group_of(t, living, knob),
    )
