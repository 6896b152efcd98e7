"""Sentences and numbers that several of the coach's verdicts say. Used by those alone."""

from math import isfinite
from statistics import fmean, median

from numpy import array_split

from ...protocol.knob import format_number
from .evidence import Evidence
from .look import Look
from .trial import Anew

LEVEL = 0.85  # the median of the later half over that of the earlier, from which on it is level


def n(number: float) -> str:
    """Three digits."""
    return format_number(float(f"{number:.3g}")) if isfinite(number) else str(number)


def span(e: Evidence) -> tuple[float, float]:
    trend = e.trend
    recent = e.losses.newest(trend.count if trend else 20)
    return float(recent.min()), float(recent.max())


def course(e: Evidence) -> tuple[float, float, str]:
    """The loss at the start and as it stands, measured alike, and both said: of the examples
    looked at, else means of as many batches."""
    first, look = e.first, e.look
    if not e.since and first is not None and look is not None and first.rows == look.rows:
        said = f"loss {n(look.loss)} at step {look.step}, was {n(first.loss)} at step {first.step}"
        return first.loss, look.loss, said
    then, now = fmean(e.losses.opening[: e.few]), e.recent
    first_step = e.losses.last - e.losses.count + 1
    earlier = over(first_step, first_step + min(e.few, len(e.losses.opening)) - 1)
    later = over(e.losses.last - e.few + 1, e.losses.last)
    return then, now, f"loss {n(now)} {later}, was {n(then)} {earlier}"


def over(first: int, last: int) -> str:
    return f"at step {first}" if first == last else f"over steps {first} to {last}"


def level_said(e: Evidence) -> str:
    """Between what the latest losses lie, and whether they fall."""
    trend, (low, high) = e.trend, span(e)
    if trend is None:
        return f"between {n(low)} and {n(high)}"
    said = f"between {n(low)} and {n(high)} over the last {trend.count} steps"
    if not trend.falls and trend.halves >= LEVEL:
        return f"{said}, not falling"
    recent = e.losses.newest(trend.count)
    earlier, later = (float(median(half)) for half in array_split(recent, 2))
    return f"{said}, median {n(earlier)} in their first half, then {n(later)}"


def limit_said(look: Look | None, rate: float | None = None) -> str:
    """`rate`: the present one, where the look is of earlier."""
    rate = look.rate if look is not None and rate is None else rate
    if look is None or look.limit is None or rate is None:
        return ""
    return (
        f"From the steepest curvature at step {look.step}, steps are stable up to a learning rate "
        f"of about {n(look.limit)}; it is {n(rate)}. "
    )


def trial_said(look: Look | None) -> str:
    trial = look.trial if look else None
    if trial is None:
        return ""
    at = ", ".join(f"{times(f)} {n(loss)}" for f, loss in trial.after.items())
    drawn = " (dropout left out)" if look is not None and look.drawn else ""
    return f"Tried on copies for {trial.steps} steps from {n(trial.before)}{drawn}: {at}. "


def anew_said(anew: Anew) -> str:
    began = f"the weights of step {anew.since}" if anew.since else "the start"
    return f"from {began}, {anew.steps} steps at lr ÷ 10 reach {n(anew.loss)}"


def times(factor: float) -> str:
    if factor == 1:
        return "at this rate"
    return f"at ×{factor:g}" if factor > 1 else f"at ÷{1 / factor:g}"


def own_said(look: Look) -> str:
    risen = sum(after > before for before, after in look.own)
    if not look.own or not risen:
        return ""
    return f"Of {len(look.own)} updates, {risen} made the loss of their own batch larger. "
