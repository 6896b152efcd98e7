"""Verdicts on the length of the step and the size of the batch. Listed in `verdicts.py`."""

from statistics import median

from ...protocol.state import Advice
from . import remedies
from .evidence import Evidence
from .losses import Trend
from .trial import SHORTER, Trial
from .words import (
    anew_said,
    course,
    level_said,
    limit_said,
    n,
    own_said,
    trial_said,
)

LEARNED = 0.05  # of the loss of always guessing the same, below which nearly all is learned
THROWN = 6  # times larger than at the start, from which on weights count as thrown far off


def bounces(e: Evidence) -> Advice | None:
    """The loss does not fall; a tenth of the rate would bring it down, or would have."""
    look, trend = e.seen, e.trend
    if look is None or look.trial is None or trend is None or e.losses.count < 20:
        return None
    mended = _mended(e, look.trial, trend)
    if not mended:
        return None
    words, knobs = remedies.rate(e, SHORTER)
    sentence = f"{level_said(e)}; {mended}{' without dropout' if look.drawn else ''}"
    more = limit_said(look) + trial_said(look) + own_said(look)
    if (grown := growth(e)) >= THROWN:
        more += f"In one layer the weights have grown {n(grown)}-fold; begin again with R. "
    elif look.trial.fall(0.1) < 0.1:
        more += "From here a shorter step wins little; begin again with R. "
    return Advice("bounces", sentence, more, words, knobs)


def _mended(e: Evidence, trial: Trial, trend: Trend) -> str:
    """What a tenth of the rate would have brought from the start, or brings from here; "" where
    that is not clearly better."""
    anew = e.anew() if trend.level >= LEARNED * (e.trivial or 0.0) else None
    if anew is not None and anew.loss <= min(0.6 * trend.level, 0.8 * e.now):
        return anew_said(anew)
    worse = anew is not None and anew.loss > e.now and anew.steps >= e.losses.count / 2
    if worse or not _better_from_here(e, trial, trend):
        return ""
    before, same, shorter = n(trial.before), n(trial.after[1.0]), n(trial.after[0.1])
    return f"{trial.steps} steps take {before} to {same}, at lr ÷ 10 to {shorter}"


def _better_from_here(e: Evidence, trial: Trial, trend: Trend) -> bool:
    """It neither falls nor is about to, and shorter steps are clearly better from here."""
    shorter, same = trial.fall(0.1), trial.fall(1.0)
    falls = trend.halves < 0.6 or (same >= 0.3 and growth(e) < THROWN)
    if falls or e.against_guessing < 2 * LEARNED:
        return False
    return (shorter >= 0.25 and shorter >= same + 0.1) or (same <= -0.2 and shorter >= same + 0.2)


def growth(e: Evidence) -> float:
    """How many times larger the weights of one layer are than at the start, at most."""
    if e.look is None or e.first is None or len(e.look.layers) != len(e.first.layers):
        return 1.0
    pairs = zip(e.look.layers, e.first.layers, strict=True)
    return max((now.weight / then.weight for now, then in pairs if then.weight), default=1.0)


def crawls(e: Evidence) -> Advice | None:
    """It falls far too slowly: ten times the rate wins many times as much, and is safe."""
    look, trend = e.seen, e.trend
    if look is None or look.trial is None or trend is None or e.losses.count < 20:
        return None
    longer, same, room = look.trial.fall(10.0), look.trial.fall(1.0), look.room
    if e.against_guessing < 0.3 or (room is not None and room < 20):
        return None
    start, now, fallen = course(e)
    if now < 0.5 * start or growth(e) > 3:
        return None
    if _blind(e) and (longer < 0.1 or (room or 0.0) < 1000):
        return None  # the batches tell nothing, and the step is not a thousandth of what it may be
    slow = 0.1 if room is None or room >= 200 else 0.01  # sure of the step, or of the slowness
    if not (longer >= 5 * same and longer >= 0.001 and 0 <= same <= slow):
        return None
    factor = 100 if room is not None and room >= 1000 else 10
    words, knobs = remedies.rate(e, factor)
    sentence = f"{fallen}; {look.trial.steps} steps win {same:.1%}, at lr × 10 {longer:.0%}"
    moves = [layer for layer in look.layers if layer.weight]
    more = limit_said(look) + trial_said(look)
    if moves:
        share = median(layer.update / layer.weight for layer in moves)
        more += f"A step changes the weights by {n(share)} of themselves; about 1e-3 is usual. "
    return Advice("crawls", sentence, more, words, knobs)


def stands_still(e: Evidence) -> Advice | None:
    """Flat, though much could be won, and no other rate wins it: a valley with a flat floor."""
    look, trend = e.seen, e.trend
    if look is None or look.trial is None or trend is None or e.losses.count < 30:
        return None
    room = look.room
    flat = abs(trend.change) <= 0.03 * trend.level and trend.error <= 0.03 * trend.level
    if not flat or look.gain < 0.4 or (room is not None and room > 50):
        return None
    if look.rate == 0:
        more = "Each step moves the weights by the learning rate times something. "
        said = "the learning rate is 0: no step changes anything"
        return Advice("stands still", said, more, "an lr above 0")
    if max(look.trial.fall(f) for f in look.trial.after) > 0.1:
        return None
    words, knobs = remedies.straighten(e)
    step, then = e.losses.still_since(0.03)
    sentence = (
        f"loss {n(then)} at step {step}, {n(e.losses.latest)} at {e.losses.last}; "
        f"{n(look.lowest)} is in reach, one direction is far flatter"
    )
    more = limit_said(look) + trial_said(look)
    if look.flat is not None and look.steep:
        more += (
            f"The curvature is {n(look.steep)} in the steepest direction and {n(abs(look.flat))} "
            "along the slope: a step short enough for the walls hardly moves along the floor. "
        )
    if e.inputs > 3:
        more += f"The inputs' numbers are about {n(e.inputs)}; standardised, the valley is round. "
    return Advice("stands still", sentence, more, words, knobs)


def _blind(e: Evidence) -> float:
    """The standard error of what the loss changes by, as a share of it, where batches scatter so
    much that no change would show; else 0."""
    look, trend = e.seen, e.trend
    if look is None or trend is None or e.losses.count < 40 or e.learned or not trend.level > 0:
        return 0.0
    if len(look.batch_losses) < 4 or not e.examples or e.batch * 8 > e.examples:
        return 0.0
    blind = trend.error / trend.level
    start, now, _ = course(e)
    odd = trend.change > 0 and now <= start  # they climb by chance: the examples together do not
    odd = odd or abs(trend.change) > 2 * abs(now - start)  # nor do those go so far
    hidden = abs(trend.change) <= 3 * trend.error or odd
    return blind if hidden and look.scatter >= 0.35 and blind >= 0.12 else 0.0


def batch_too_small(e: Evidence) -> Advice | None:
    """The losses scatter so much from batch to batch that falling and climbing look alike."""
    look, trend, blind = e.seen, e.trend, _blind(e)
    if look is None or trend is None or not blind:
        return None
    if look.trial is not None and look.trial.swing > 1.5:
        return None
    words, knobs = remedies.batch(e)
    sentence = (
        f"batches of {e.batch} with the same weights scatter by ±{look.scatter:.0%}; over the last "
        f"{trend.count} steps a change of ±{2 * blind:.0%} would not show"
    )
    more = (
        "Whether the loss falls cannot be told from these batches. Eight times as many examples "
        "scatter about a third as much; more steps, a smoothed chart (m) or held-out data tell "
        "it, too."
    )
    return Advice("batch too small", sentence, more, words, knobs)
