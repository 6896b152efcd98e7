"""Sentences and numbers that several of the coach's verdicts say. Used by those alone."""

from math import isfinite

from .coach_evidence import Evidence
from .coach_look import Look
from .protocol.knob import format_number


def n(number: float) -> str:
    """Three digits."""
    return format_number(float(f"{number:.3g}")) if isfinite(number) else str(number)


def span(e: Evidence) -> tuple[float, float]:
    trend = e.trend
    recent = e.losses.newest(trend.count if trend else 20)
    return float(recent.min()), float(recent.max())


def limit_said(look: Look | None) -> str:
    if look is None or look.limit is None or look.rate is None:
        return ""
    return (
        f"From the steepest curvature here, steps are stable up to a learning rate of about "
        f"{n(look.limit)}; it is {n(look.rate)}. "
    )


def trial_said(look: Look | None) -> str:
    trial = look.trial if look else None
    if trial is None:
        return ""
    at = ", ".join(f"{times(f)} {n(loss)}" for f, loss in trial.after.items())
    return f"Tried on copies for {trial.steps} steps from {n(trial.before)}: {at}. "


def times(factor: float) -> str:
    if factor == 1:
        return "at this rate"
    return f"at ×{factor:g}" if factor > 1 else f"at ÷{1 / factor:g}"


def own_said(look: Look) -> str:
    risen = sum(after > before for before, after in look.own)
    if not look.own or not risen:
        return ""
    return f"Of {len(look.own)} updates, {risen} made the loss of their own batch larger. "
