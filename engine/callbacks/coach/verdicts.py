"""What the coach sees: one function for each verdict, evidence in, advice out or None.

The first that is sure wins; causes come before what follows from them. Where the numbers do not
say it clearly there is no verdict. `bench/coach.py` measures how often they are right.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf, isfinite
from statistics import median

from ...protocol.state import Advice
from . import remedies
from .evidence import Evidence
from .rates import batch_too_small, bounces, crawls, stands_still
from .signal import Signal
from .words import limit_said, n, over

DEEP = 5  # weight matrices before gradients can vanish on their way
STACKED = 3  # before they can explode


def verdict(e: Evidence) -> Advice | None:
    """What there is to say of a training; None where nothing is known."""
    for judge in JUDGES:
        if (advice := judge(e)) is not None:
            return advice
    return None


def alarmed(e: Evidence, band: tuple[float, float, float]) -> Advice:
    """The loss has just left its band, and why is not known."""
    newest, low, high = band
    words, knobs = remedies.rate(e, 0.1)
    sentence = f"loss {n(newest)} at step {e.losses.last}, usual {n(low)} to {n(high)}"
    more = (
        "The last losses all lie above the band of those before: their median, and six times "
        "their usual distance from it. A single odd batch does not do that. If the loss does not "
        "come back by itself, the step is too long."
    )
    return Advice("climbs", sentence, more, words, knobs, alarm=True)


# --- the loss runs away -------------------------------------------------------------------------


def explodes(e: Evidence) -> Advice | None:
    """From the start the loss is far above guessing, through a stack of layers that enlarge."""
    first = e.first
    if first is None or not e.trivial or len(first.layers) < STACKED or e.inputs > 10:
        return None
    wild = not first.loss < 30 * e.trivial
    still = e.losses.broken or not e.now < 1.5 * e.trivial
    if not (wild and still and e.step):
        return None
    words, knobs = remedies.cut(e)
    largest = max(layer.gradient for layer in first.layers)
    sentence = (
        f"the first loss was {n(first.loss)} where guessing gives {n(e.trivial)}, "
        f"|gradient| {n(first.slope)}"
    )
    more = (
        f"Each of the {len(first.layers)} layers enlarges what it is given, and the gradient on "
        f"its way back as well: its largest root mean square in one matrix was {n(largest)}. "
        "Weights that are drawn smaller (divided by the root of the inputs of a unit) cure it; "
        "clipping the gradient's length keeps a step from running away; R with new weights begins "
        "again."
    )
    return Advice("gradients explode", sentence, more, words, knobs)


def diverges(e: Evidence) -> Advice | None:
    """The loss climbs far above where it was, and goes on climbing with steps of this length."""
    losses = e.losses
    if losses.count < 1 or not (losses.broken or losses.count >= 4):
        return None
    was, first, last = losses.lowest_mean(_enough(e))
    if not _runs_away(e, was):
        return None
    rate = next((one.rate for one in (e.look, e.first) if one and one.rate), None)
    room = e.stable.limit / rate if e.stable and e.stable.limit and rate else None
    factor = 0.1 if room is None or room > 0.2 else 0.01 if room > 0.02 else 0.001
    words, knobs = remedies.rate(e, factor)
    end = f"not finite at step {losses.broken}" if losses.broken else ""
    now = f"loss {end or f'{n(losses.latest)} at step {losses.last}'}"
    sentence = f"{now}, was {n(was)} {over(first, last)}"
    more = limit_said(e.stable, rate) + _batches_blamed(e, room)
    more += (
        "Each step goes farther than the slope holds and lands higher on the other side. A "
        "shorter step is the cure, from a fresh start: R, then run."
    )
    return Advice("diverges", sentence, more, words, knobs)


def _runs_away(e: Evidence, was: float) -> bool:
    """Whether the newest losses are far above what it `was`, and above the start."""
    newest = float(e.losses.newest(3).max())
    if newest < 3 * max(was, 1e-30) and e.losses.count > 3:
        return False
    if e.losses.broken:
        return newest >= e.start * 0.99 or 2 * e.start <= e.now < inf
    trial = e.seen.trial if e.seen else None
    onward = trial is not None and not trial.fall(1.0) > -2.0
    far = newest >= 100 * max(e.start, e.trivial or 0.0)
    return min(newest, e.now) >= 2 * e.start and (onward or far)


def _enough(e: Evidence) -> int:
    """Losses to take a mean of, so that chance makes it no tenth lower, as far as there are."""
    if 0 < e.examples <= e.batch or (e.look is not None and not e.look.rows):
        return 1
    scatter = e.sound.scatter if e.sound else 0.0
    return max(e.few, min(round((10 * scatter) ** 2), e.losses.count // 4))


def _batches_blamed(e: Evidence, room: float | None) -> str:
    """Where the examples together would bear the step, and a few of them may not."""
    scatter = e.sound.scatter if e.sound else 0.0
    if e.examples < 8 * e.batch or (room is None and scatter < 0.5) or (room or 1.0) < 1:
        return ""
    return (
        ("" if room is None else "That is the limit for these examples together. ")
        + f"With the same weights, batches of {e.batch} scatter"
        + (f" by ±{scatter:.0%}" if scatter else "")
        + ": an unusual one can be steeper, and throw the weights off. Larger batches bear longer "
        "steps. "
    )


# --- something in the network blocks ------------------------------------------------------------


def dead_units(e: Evidence) -> Advice | None:
    """Half of a layer or more gives 0 for every example, and little is learned, or little of what
    shorter steps would have."""
    look = e.seen or (e.first if e.step == 0 else None)
    if look is None or not look.dead or look.rows < 16:
        return None
    name, share = max(look.dead, key=lambda one: one[1])
    if share < 0.5:
        return None
    born = dict(e.first.dead).get(name, 0.0) if e.first else 0.0
    wins = look.trial is not None and look.trial.fall(1.0) >= 0.3
    if e.against_guessing < (1.0 if wins else 0.2):
        anew = e.anew() if born < 0.5 else None
        if anew is None or anew.loss > 0.5 * e.now:
            return None
    sentence = f"{share:.0%} of the units of {name} give 0 for all {look.rows} examples looked at"
    more = (
        "A rectified unit that is below 0 for every example has no gradient and never comes back. "
    )
    if born >= 0.5:
        words, knobs = remedies.revive(e)
        if e.step:
            sentence += f", {born:.0%} did before the first step"
        more += (
            "No learning rate mends what begins so: biases far below 0 or inputs far from 0 do "
            "that. Biases near 0, standardised inputs, other weights to begin with (another "
            "seed, then R), or an activation that is never quite flat do."
        )
    else:
        words, knobs = remedies.rate(e, 0.1)
        if (look.rate or 0.0) < 0.05:
            words, knobs = remedies.activation(e, *remedies.SLOPED) or (words, knobs)
        more += (
            f"Before the first step that was {born:.0%}: steps that are too long throw units "
            "there. Lower the rate and begin again with new weights (R), or take an activation "
            "that is never quite flat."
        )
    return Advice("dead units", sentence, more, words, knobs)


def vanishes(e: Evidence) -> Advice | None:
    """Gradients shrink five-hundredfold on their way to the first layers; nothing is learned."""
    look = e.seen or (e.first if e.step == 0 else None)
    if look is None or len(look.layers) < DEEP or not e.against_guessing >= 0.8:
        return None
    if e.step and e.losses.count < 8:
        return None
    last = look.layers[-1]
    early = min(look.layers[: len(look.layers) // 2], key=lambda layer: layer.gradient)
    if not last.gradient or early.gradient > 2e-3 * last.gradient:
        return None
    found = remedies.activation(e, "relu", "gelu")
    words, knobs = found or ("relu, or fewer layers", {})
    smaller = last.gradient / max(early.gradient, 1e-38)
    sentence = (
        f"the gradient of {early.name} is {n(early.gradient)}, that of {last.name} "
        f"{n(last.gradient)}: {n(smaller)} times smaller"
    )
    more = (
        f"Each of {len(look.layers)} layers multiplies the gradient by something below 1 on its "
        "way back, so the first layers hardly learn. Rectified units keep it, normalisation and "
        "connections past the layers do, and so do fewer layers."
    )
    return Advice("gradients vanish", sentence, more, words, knobs)


def no_signal(e: Evidence) -> Advice | None:
    """No better than guessing after passes enough, and no test finds labels tied to inputs."""
    if e.step < 100 or e.epoch < 2 or e.examples < 100 or not e.trivial:
        return None
    stuck = e.now >= 0.85 * e.trivial
    lowest_step, lowest = min(e.valid, key=lambda one: one[1], default=(0, 0.0))
    unseen = len(e.valid) >= 3 and lowest >= 0.95 * e.trivial
    if not stuck and not unseen:
        return None
    found = e.signal()
    if found is None or found.rows < 100 or found.strength >= 3.5:
        return None
    loss = f"loss {n(e.now)}"
    if not stuck:
        step, newest = e.valid[-1]
        loss = f"validation {n(newest)} at step {step}, lowest {n(lowest)} at step {lowest_step},"
    sentence = (
        f"{loss} after {e.epoch} epochs, always guessing the same gives {n(e.trivial)}; "
        + _neighbours(found)
    )
    more = (
        f"Of {found.rows} examples, neither the nearest neighbours nor a straight line tell the "
        f"label from the inputs (at most {found.strength:.1f} standard errors; 5 would be beyond "
        "doubt). Look whether inputs and labels still belong together: a shuffle of one of them, "
        "a wrong column. What only a cleverer view of the inputs shows is not ruled out."
    )
    return Advice("no signal", sentence, more, "look at the labels", {})


def _neighbours(found: Signal) -> str:
    if found.classes:
        return f"nearest neighbours agree for {found.neighbours:.0%} (chance: {found.chance:.0%})"
    return f"correlation with the neighbours' mean {found.neighbours:.2f}"


def overfits(e: Evidence) -> Advice | None:
    """Validation has turned and climbed while the training loss went on falling."""
    valid = e.valid
    if len(valid) < 5:
        return None
    window = max(1, min(len(valid) // 10, 20))
    losses = [loss for _, loss in valid]
    smooth = _smooth(losses, window)
    place = min(range(len(smooth)), key=smooth.__getitem__)
    lowest_step, lowest = min(valid, key=lambda one: one[1])
    best = min(smooth[place], lowest + 4 * _jitter(losses))  # a lucky one is no best
    now, jitter = median(smooth[-window:]), _jitter(smooth)
    then = e.train_then.get(lowest_step)
    if place >= len(smooth) - 2 or then is None or not isfinite(then):
        return None
    climbed = now >= 1.1 * best and now - best >= 3 * jitter
    trained = e.recent if e.look is None or e.look.drawn else e.now
    learned = trained <= 0.8 * then and e.now <= 0.75 * now and e.against_guessing <= 0.7
    if not climbed or not learned:
        return None
    words, knobs = remedies.brake(e)
    sentence = (
        f"validation {n(valid[-1][1])}, was {n(lowest)} at step {lowest_step}; "
        f"training {n(e.recent)}, was {n(then)}"
    )
    more = (
        "What the model still learns is this data's own noise. The best weights were those of "
        f"step {lowest_step}. More data, weight decay, dropout or a smaller model keep the two "
        "losses together; stopping early takes the best of this run."
    )
    if e.few > 1:
        more += f" Training losses are means of {e.few} batches."
    return Advice("overfits", sentence, more, words, knobs)


def _jitter(values: Sequence[float]) -> float:
    """The usual change from one to the next, of late."""
    return median([abs(b - a) for a, b in pairwise(values)][-50:])


def _smooth(values: Sequence[float], window: int) -> list[float]:
    half = window // 2
    return [median(values[max(0, i - half) : i + half + 1]) for i in range(len(values))]


JUDGES: tuple[Callable[[Evidence], Advice | None], ...] = (
    explodes,
    diverges,
    dead_units,
    vanishes,
    no_signal,
    bounces,
    overfits,
    crawls,
    stands_still,
    batch_too_small,
)
