"""Whether a claim about a situation is true, by hindsight: one check for each verdict.

Each says yes only where it is clearly so; a situation that was made to show something and does
not clearly show it is left out of the figures (and counted), whatever the coach says of it.
"""

import math
from collections.abc import Callable
from statistics import median, pstdev

from .coach_cases import NOTHING
from .coach_truth import LONGER, Hindsight, batch_losses, dead_share, gradients, start_norm

EARLY = 5  # steps after which nothing can be told yet


def clear(h: Hindsight, verdict: str) -> bool:
    """Whether the verdict is clearly true of the situation."""
    return CHECKS[verdict](h)


def _diverges(h: Hindsight) -> bool:
    """It has begun to climb, goes on to ten times its start and beyond, and a shorter step mends
    that."""
    own, t = h.own, h.end
    before = [loss for loss in own.up_to(t) if math.isfinite(loss)]
    visible = own.at(t) >= 3 * min(before)
    onward = own.at(LONGER * t) >= 10 * own.whole[0]
    slower = min(h.at_rate(f).at(t) for f in (0.1, 0.01, 0.001))
    return visible and onward and slower <= own.whole[0]


def _bounces(h: Hindsight) -> bool:
    """It goes up and down and neither falls nor runs away; a tenth or a hundredth of the rate from
    the start ends at half the loss or less."""
    own, t = h.own, h.end
    late = [own.at(s * t) for s in (2, 2.5, 3, 3.5, 4)]
    later, swing = median(late), max(late) / max(min(late), 1e-30)
    around = median(own.at(s * t) for s in (0.5, 0.625, 0.75, 0.875, 1))
    slower = min(h.at_rate(f).at(t) for f in (0.1, 0.01))
    steady = 0.7 * around <= later < 10 * own.whole[0]
    return steady and swing >= 1.2 and slower <= 0.5 * around and _dead(h) < 0.5


def _crawls(h: Hindsight) -> bool:
    """Less than a third of what ten or a hundred times the rate wins by now, and less than two
    thirds of it even with four times the steps."""
    own, t = h.own, h.end
    faster = min(h.at_rate(f).at(t) for f in (10, 100))
    start, possible = own.whole[0], own.whole[0] - faster
    if possible <= 0.2 * start:
        return False
    return start - own.at(t) <= possible / 3 and start - own.at(LONGER * t) <= 2 * possible / 3


def _stands_still(h: Hindsight) -> bool:
    """It hardly changes, now or later, at ten times the rate or a tenth; yet from these very
    weights a second-order method reaches a third of the loss."""
    own, t = h.own, h.end
    now = own.at(t)
    still = abs(now - own.at(t / 2)) <= 0.05 * now and own.at(LONGER * t) >= 0.85 * now
    others = min(h.at_rate(f).at(t) for f in (10, 0.1))
    return still and others >= 0.8 * now and h.reachable() <= now / 3


def _overfits(h: Hindsight) -> bool:
    """On data it never saw the loss has climbed by 15 % from its best and stays up, while on its
    own data it went on falling."""
    own, t = h.own, h.end
    best_step = min((s for s in own.beyond if s <= t), key=lambda s: own.beyond[s])
    best = own.beyond[best_step]
    end, later = own.beyond[t], own.beyond[max(own.beyond)]
    falls = own.at(t) <= 0.7 * own.whole[best_step] and own.at(t) <= 0.7 * end
    return end >= 1.15 * best and later >= 1.15 * best and falls


def _vanish(h: Hindsight) -> bool:
    """Somewhere before the last matrix the gradient is a thousandth of what it is there, nothing
    is learned, and a soundly built twin learns."""
    found = gradients(h)
    tiny = min(found[: len(found) // 2]) <= 1e-3 * found[-1]
    sound = h.course(LONGER * h.end, h.case.sound).at(LONGER * h.end)
    return tiny and h.own.at(h.end) >= 0.85 * h.trivial and sound <= 0.7 * h.trivial


def _explode(h: Hindsight) -> bool:
    """The first gradient is a thousand times that of a soundly built twin, and the loss is far
    above that of guessing while the twin's is not."""
    now = h.own.at(h.end)
    sound = h.twin(**h.case.sound).at(h.end)
    wild = start_norm(h, {}) >= 1e3 * start_norm(h, h.case.sound)
    return wild and now >= 5 * h.trivial and sound <= 2 * h.trivial


def _dead_units(h: Hindsight) -> bool:
    """Half of a layer's units or more give 0 for all training data; a twin without that is
    clearly better."""
    sound = h.twin(**h.case.sound) if h.case.sound else h.at_rate(0.1)
    return _dead(h) >= 0.5 and sound.at(h.end) <= 0.7 * h.own.at(h.end)


def _no_signal(h: Hindsight) -> bool:
    """The labels were shuffled; on data beyond it never beat guessing by more than chance."""
    shuffled = h.case.settings.get("shuffled") == "on"
    return shuffled and min(h.own.beyond.values()) >= 0.97 * h.trivial_beyond()


def _batch_too_small(h: Hindsight) -> bool:
    """Batches of these weights scatter by half the loss or more, and what the whole loss did over
    the later half of the run lies within what their mean cannot tell."""
    own, t = h.own, h.end
    losses = batch_losses(h)
    scatter = pstdev(losses)
    blind = 2 * scatter * math.sqrt(12 / (t / 2))
    return scatter >= 0.5 * own.at(t) and abs(own.at(t) - own.at(t / 2)) <= blind / 2


def _nothing(h: Hindsight) -> bool:
    """Too early to tell; or it learns, at a rate that neither tenth nor tenfold clearly beats, and
    what it learns carries over."""
    own, t = h.own, h.end
    now, start = own.at(t), own.whole[0]
    if t <= EARLY:
        return now <= 1.5 * start
    slower, faster = h.at_rate(0.1).at(t), h.at_rate(10).at(t)
    best = min(now, slower, faster)
    won = (start - now) / (start - best) if start > best else 0.0
    later = (start - own.at(LONGER * t)) / (start - best) if start > best else 0.0
    beyond = [loss for step, loss in own.beyond.items() if step <= t]
    carries = not beyond or beyond[-1] <= 1.08 * min(beyond)
    learns = not h.has_data or own.at(LONGER * t) <= 0.9 * h.trivial
    at_pace = won >= 0.5 or later >= 0.9
    return at_pace and slower >= 0.6 * now and carries and learns and _dead(h) < 0.4


def _dead(h: Hindsight) -> float:
    if not h.has_data or h.end not in h.own.models:
        return 0.0
    return dead_share(h.own.models[h.end], h.parts({})[1][0])


CHECKS: dict[str, Callable[[Hindsight], bool]] = {
    "diverges": _diverges,
    "bounces": _bounces,
    "crawls": _crawls,
    "stands still": _stands_still,
    "overfits": _overfits,
    "gradients vanish": _vanish,
    "gradients explode": _explode,
    "dead units": _dead_units,
    "no signal": _no_signal,
    "batch too small": _batch_too_small,
    NOTHING: _nothing,
}
