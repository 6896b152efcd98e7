"""The picture `rates`: loss against the knob in which entrants differ, with the good-enough band.

And what the learning-rate finder found. Painted from numbers alone.
"""

from collections.abc import Sequence
from math import isfinite

from ..protocol.knob import Knob
from ..protocol.pictures import Entrant, Group, Rates
from ..protocol.views import PictureRequest
from . import comparison
from .subject import Subject

GOOD = 1.5  # times the lowest loss of its line is good enough


def available(subject: Subject) -> bool:
    """Whether entrants differ by a number, or a learning rate was looked for."""
    found = subject.finder is not None and subject.finder.found is not None
    living = subject.comparison
    return found or (
        living is not None and bool(living.runners) and comparison.spread(living) is not None
    )


def paint(subject: Subject, request: PictureRequest) -> Rates:
    """Both, as far as they are there."""
    sweep = subject.finder.found if subject.finder else None
    living = subject.comparison
    knob = comparison.spread(living) if living is not None and living.runners else None
    if living is None or knob is None:
        t = subject.training
        present = t.descent.number("lr") if t is not None else None
        return Rates(
            knob="lr", log=True, sweep=sweep, present=None if present is None else float(present)
        )
    painted = comparison.paint(subject, request)
    groups = grouped(painted.entrants)
    rule = f"band: loss at most {GOOD:g} × the lowest of its line"
    return Rates(
        groups=groups,
        knob=knob.name,
        log=_by_factors(knob, groups),
        present=painted.entrants[0].at,
        sweep=sweep if knob.name == "lr" else None,
        notes=(rule, *painted.notes),
    )


def _by_factors(knob: Knob, groups: Sequence[Group]) -> bool:
    values = [value for group in groups for value in group.at]
    return knob.log and min(values) > 0


def grouped(entrants: Sequence[Entrant]) -> tuple[Group, ...]:
    """Entrants that are alike in all but the knob, in its order."""
    groups: list[Group] = []
    for name in dict.fromkeys(entrant.group for entrant in entrants):
        members = sorted(
            (e for e in entrants if e.group == name and e.at is not None),
            key=lambda e: e.at or 0.0,
        )
        losses = [_loss(entrant) for entrant in members]
        at = [entrant.at or 0.0 for entrant in members]
        best, band = _band(at, losses)
        labels = tuple(entrant.label for entrant in members)
        groups.append(Group(name, at, losses, labels, best, band))
    return tuple(groups)


def _loss(entrant: Entrant) -> float | None:
    """The present loss; None where it went to infinity."""
    diverged = entrant.stopped.startswith("loss is")
    return None if diverged or entrant.loss is None or not isfinite(entrant.loss) else entrant.loss


def _band(
    at: Sequence[float], losses: Sequence[float | None]
) -> tuple[float | None, tuple[float, float] | None]:
    """The best value, and the ends of the good-enough ones next to it."""
    measured = [(loss, i) for i, loss in enumerate(losses) if loss is not None]
    if not measured:
        return None, None
    lowest, best = min(measured)

    def good(i: int) -> bool:
        loss = losses[i] if 0 <= i < len(losses) else None
        return loss is not None and loss <= lowest + (GOOD - 1) * abs(lowest)

    low = high = best
    while good(low - 1):
        low -= 1
    while good(high + 1):
        high += 1
    return at[best], (at[low], at[high])
