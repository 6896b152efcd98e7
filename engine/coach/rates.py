"""Verdicts on the length of the step and the size of the batch. Listed in `verdicts.py`."""

from statistics import median

from ..protocol.state import Advice
from . import remedies
from .evidence import Evidence
from .look import Look
from .losses import Trend
from .trial import Trial
from .words import course, level_said, limit_said, n, own_said, trial_said

THROWN = 6  # times larger than at the start, from which on weights count as thrown far off


def bounces(e: Evidence) -> Advice | None:
    """The loss does not fall; a tenth of the rate would bring it down at once."""
    look, trend = e.seen, e.trend
    if look is None or look.trial is None or trend is None or e.losses.count < 20:
        return None
    trial, shorter, same = look.trial, look.trial.fall(0.1), look.trial.fall(1.0)
    grown = growth(e)
    better = shorter >= 0.1 or shorter >= max(0.0, same + 0.5)
    worse = same <= -0.1 or (same <= 0 and shorter >= 0.25)
    flung = grown >= THROWN and worse and better  # falls from where it was thrown
    if _goes_down(e, trial, trend, flung):
        return None
    thrown = flung or (grown >= THROWN and e.against_guessing >= 0.1)
    if not (thrown or _mends(e, look, trial) or _on_the_edge(e) or _was_better(e)):
        return None
    words, knobs = remedies.rate(e, 0.1)
    sentence = level_said(e)
    if shorter > 0:
        reached = n(trial.after[0.1])
        drawn = " without dropout" if look.drawn else ""
        sentence += f"; {trial.steps} steps at lr ÷ 10 take {n(trial.before)} to {reached}{drawn}"
    more = limit_said(look) + trial_said(look) + own_said(look)
    if thrown:
        more += f"In one layer the weights have grown {n(grown)}-fold; begin again with R. "
    return Advice("bounces", sentence, more, words, knobs)


def _goes_down(e: Evidence, trial: Trial, trend: Trend, flung: bool) -> bool:
    """It falls, or nearly all is learned, or the next steps win much as they are; and shorter
    ones would not win much more while most is still to be won."""
    grown, guess = growth(e), e.against_guessing
    if guess >= 0.2 and trial.fall(0.1) >= max(0.4, trial.fall(1.0) + 0.15):
        return False
    falls = trend.change < -3 * trend.error and e.recent < 0.5 * losses_before(e)
    falls = falls or (trend.halves < 0.6 and grown < THROWN)
    wild = trial.swing >= 1.5 and trial.fall(0.1) >= 0.4 and (grown >= THROWN or not falls)
    learned = 0.03 if flung or (wild and trial.swing >= 3) else 0.07
    if trial.fall(1.0) <= -0.2 and trial.fall(0.1) >= 0.25:  # up again, and soon
        learned = 0.01 if trial.fall(1.0) <= -2 else min(learned, 0.05)
    if (falls and not wild and not flung) or guess < learned:
        return True
    climbs = trend.change > 2 * trend.error or guess >= 1.5
    return trial.fall(1.0) >= 0.3 and grown < 5 and not climbs


def _mends(e: Evidence, look: Look, trial: Trial) -> bool:
    """Shorter steps are clearly better from here, or these clearly bad."""
    shorter, same = trial.fall(0.1), trial.fall(1.0)
    mends = (shorter >= 0.25 and shorter >= same + 0.1) or (shorter >= 0.2 and same <= -0.2)
    above = e.trivial is not None and e.now >= 1.5 * e.trivial and shorter >= 0.25
    swings = trial.swing >= 2 and shorter >= same + 0.05
    flies = same <= -0.2 and shorter >= same + 0.2 and e.against_guessing >= 0.15
    overshoots = bool(look.own) and median(b / a - 1 for a, b in look.own if a) >= 0.1
    lost = growth(e) >= 3 and e.against_guessing >= 1 and shorter >= same + 0.1
    return mends or above or swings or flies or lost or (overshoots and shorter > same)


def growth(e: Evidence) -> float:
    """How many times larger the weights of one layer are than at the start, at most."""
    if e.look is None or e.first is None or len(e.look.layers) != len(e.first.layers):
        return 1.0
    pairs = zip(e.look.layers, e.first.layers, strict=True)
    return max((now.weight / then.weight for now, then in pairs if then.weight), default=1.0)


def _on_the_edge(e: Evidence) -> bool:
    """Steps about as long as is stable, and losses that go up and down far more than batches of
    the same weights differ."""
    look, trend = e.look, e.trend
    if look is None or look.trial is None or trend is None or look.room is None:
        return False
    swing = trend.spread / max(trend.level, 1e-30)
    calm = look.room > 5 or trend.falls or e.against_guessing < 0.2
    return not calm and swing >= max(0.3, 1.5 * look.scatter) and look.trial.fall(0.1) > 0.2


def _was_better(e: Evidence) -> bool:
    """It was at half the loss before, for longer than batches of the same weights explain."""
    look, trend = e.look, e.trend
    if look is None or look.trial is None or trend is None or e.losses.count < 60:
        return False
    far = growth(e) >= 3 and e.against_guessing >= 0.8  # no step leads back from there soon
    helps = look.trial.fall(0.1) >= (-0.05 if far else 0.05)
    if trend.falls or e.against_guessing < 0.2 or not helps:
        return False
    unsure = max(look.scatter, 0.05) / (e.losses.count / 16) ** 0.5
    return unsure <= 0.25 and e.now >= 2 * float(e.losses.history(16).min())


def losses_before(e: Evidence) -> float:
    """The mean loss of the first half of what there is."""
    history = e.losses.history(8)
    return float(history[: max(1, len(history) // 2)].mean())


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
    if longer < 0.25 and _blind(e):
        return None
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
