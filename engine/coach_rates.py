"""Verdicts on the length of the step and the size of the batch. Listed in `coach_verdicts.py`."""

from statistics import median

from . import coach_remedies as remedies
from .coach_evidence import Evidence
from .coach_words import limit_said, n, own_said, span, trial_said
from .protocol.state import Advice


def bounces(e: Evidence) -> Advice | None:
    """The loss does not fall; a tenth of the rate would bring it down at once."""
    look, trend = e.seen, e.trend
    if look is None or look.trial is None or trend is None or e.losses.count < 20:
        return None
    trial, shorter, same = look.trial, look.trial.fall(0.1), look.trial.fall(1.0)
    falls = trend.change < -3 * trend.error and e.now < 0.5 * losses_before(e)
    wild = trial.swing >= 1.5 and shorter >= 0.4
    learned = 0.03 if wild and trial.swing >= 3 else 0.07
    if (falls and not wild) or e.against_guessing < learned:
        return None
    mends = shorter >= 0.25 and shorter >= same + 0.1
    mends = mends or (shorter >= 0.2 and same <= -0.2)
    above = e.trivial is not None and e.now >= 1.5 * e.trivial and shorter >= 0.25
    swings = trial.swing >= 2 and shorter >= same + 0.05
    overshoots = bool(look.own) and median(b / a - 1 for a, b in look.own if a) >= 0.1
    clear = mends or above or swings or (overshoots and shorter > same)
    grown = growth(e)
    thrown = grown >= 6 and e.against_guessing >= 0.1
    if not (clear or thrown or _on_the_edge(e) or _was_better(e)):
        return None
    words, knobs = remedies.rate(e, 0.1)
    low, top = span(e)
    sentence = f"between {n(low)} and {n(top)} over the last {trend.count} steps, not falling"
    if shorter > 0:
        reached = n(trial.after[0.1])
        sentence += f"; {trial.steps} steps at lr ÷ 10 take {n(e.now)} to {reached}"
    more = limit_said(look) + trial_said(look) + own_said(look)
    if thrown:
        more += f"In one layer the weights have grown {n(grown)}-fold; begin again with R. "
    return Advice("bounces", sentence, more, words, knobs)


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
    if trend.falls or e.against_guessing < 0.2 or look.trial.fall(0.1) < 0.05:
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
    if e.now < 0.5 * losses_start(e) or growth(e) > 3:
        return None
    slow = 0.1 if room is None or room >= 200 else 0.01  # sure of the step, or of the slowness
    if not (longer >= 5 * same and longer >= 0.001 and 0 <= same <= slow):
        return None
    factor = 100 if room is not None and room >= 1000 else 10
    words, knobs = remedies.rate(e, factor)
    start = losses_start(e)
    sentence = (
        f"loss {n(e.now)} at step {e.step}, was {n(start)} at step {e.since + 1}; "
        f"{look.trial.steps} steps win {same:.1%}, at lr × 10 {longer:.0%}"
    )
    moves = [layer for layer in look.layers if layer.weight]
    more = limit_said(look) + trial_said(look)
    if moves:
        share = median(layer.update / layer.weight for layer in moves)
        more += f"A step changes the weights by {n(share)} of themselves; about 1e-3 is usual. "
    return Advice("crawls", sentence, more, words, knobs)


def losses_start(e: Evidence) -> float:
    return e.losses.start


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
        f"loss {n(then)} at step {step}, {n(e.now)} at {e.step}; "
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


def batch_too_small(e: Evidence) -> Advice | None:
    """The losses scatter so much from batch to batch that falling and climbing look alike."""
    look, trend = e.seen, e.trend
    if look is None or trend is None or e.losses.count < 40 or e.learned:
        return None
    losses = look.batch_losses
    if look.trial is not None and look.trial.swing > 1.5:
        return None
    if len(losses) < 4 or not e.examples or e.batch * 8 > e.examples or not trend.level > 0:
        return None
    blind, scatter = trend.error / trend.level, look.scatter
    if scatter < 0.35 or blind < 0.12 or abs(trend.change) > 2.5 * trend.error:
        return None
    words, knobs = remedies.batch(e)
    sentence = (
        f"batches of {e.batch} with the same weights scatter by ±{scatter:.0%}; over the last "
        f"{trend.count} steps a change of ±{2 * blind:.0%} would not show"
    )
    more = (
        "Whether the loss falls cannot be told from these batches. Eight times as many examples "
        "scatter about a third as much; more steps, a smoothed chart (m) or held-out data tell "
        "it, too."
    )
    return Advice("batch too small", sentence, more, words, knobs)
