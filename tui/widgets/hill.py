"""The loss as a hill: a curve over one axis, bands of height over two; the ball and its way."""

import math

from ...engine.protocol.pictures import Landscape, Trail
from ..draw.axes import number
from ..draw.grid import Grid, Ink, message
from ..draw.palette import Palette
from ..draw.relief import relief
from ..draw.ridge import other_sign, ridge


def draw(view: Landscape, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The ground with the ball on it, its way so far and to come, and the minimum."""
    if not drawable(view):
        return message("no heights yet", width, height, Ink(pens.faint))
    return (relief if view.y else ridge)(view, width, height, pens)


def drawable(view: Landscape) -> bool:
    """Whether there is a ground with somebody on it."""
    ways = [view.trail, *view.others]
    axes = [view.x, *([view.y] if view.y else [])]
    return (
        all(len(axis) > 1 and axis[0] != axis[-1] and _all_finite(axis) for axis in axes)
        and len(view.axes) == len(axes)
        and len(view.heights) == max(len(view.y), 1)
        and all(len(row) == len(view.x) for row in view.heights)
        and all(way.x and (not view.y or len(way.y) == len(way.x)) for way in ways)
        and all(len(way.loss) == len(way.x) for way in ways)
    )


def _all_finite(axis: list[float]) -> bool:
    return all(map(math.isfinite, axis)) and math.isfinite(axis[-1] - axis[0])


def title(view: Landscape, pens: Palette) -> str:
    """What the first row says: where the ball is, its next step, what is low; the signs."""
    signs, dot = pens.signs, f" {pens.signs.dot} "
    if not drawable(view):
        return "hill"
    parts = [f"loss {number(view.trail.loss[-1], 4)}"]
    if not _abstract(view):
        parts.insert(0, _at(_short(view), _last(view.trail)))
    if view.y:
        low = "dark" if pens.colour and not pens.ascii else "0"
        parts.append(f"{low} is low" + (" for this run" if view.others else ""))
    else:
        parts += [f"next step {number(step, 4)}" for step in view.update]
    if view.others:
        named = [f"{other_sign(i, pens)[0]} {way.name}" for i, way in enumerate(view.others)]
        parts += [f"{signs.ball} {view.trail.name}", *named]
    if view.rough:
        parts.append("measuring")
    if view.pages > 1:  # first, where it is always seen
        parts.insert(0, f"page {view.page + 1}/{view.pages} {signs.arrows[0]}")
    lowest = [f"{signs.floor} lowest in sight"] if view.lowest and view.y and not view.fog else []
    return dot.join([*parts, *view.notes, *lowest])


def _abstract(view: Landscape) -> bool:
    """Whether the axes are directions, whose numbers mean little by themselves."""
    return any("direction" in name or name == "downhill" for name in view.axes)


def _short(view: Landscape) -> list[str]:
    """Names of the axes, without what stands in brackets."""
    return [name.split(" (")[0] for name in view.axes]


def _last(way: Trail) -> list[float]:
    return [way.x[-1], *way.y[-1:]]


def words(view: Landscape) -> str:
    """The picture as sentences; in fog only what can be felt."""
    if not drawable(view):
        return "The hill: no heights yet."
    names, here = _short(view), _last(view.trail)
    at = _at(names, here)
    said = [f"The loss over {' and '.join(view.axes)}. The ball is at {at}: {_loss(view.trail)}."]
    for name, slope in zip(names, view.slope, strict=False):
        if math.isfinite(slope):
            way = "grows" if slope < 0 else "shrinks" if slope else "stays"
            so = "" if _abstract(view) else f": downhill {name} {way}"
            said.append(f"The slope along {name} is {number(slope, 4)}{so}.")
    if view.update:
        moves = _at(names, list(view.update))
        said.append(f"The next update changes {moves}.")
    if len(view.trail.x) > 1:
        first = [view.trail.x[0], *view.trail.y[:1]]
        said.append(f"It began at {_at(names, first)} and landed {len(view.trail.x) - 1} times.")
    said += [f"{other.name} is at {_at(names, _last(other))}." for other in view.others]
    if not view.fog:
        said += _beyond(view, names)
    return " ".join([*said, *(f"{note[:1].upper()}{note[1:]}." for note in view.notes)])


def _beyond(view: Landscape, names: list[str]) -> list[str]:
    """What is seen without fog."""
    said: list[str] = []
    if view.lowest:
        *place, low = view.lowest
        said.append(f"The lowest place in sight is {number(low, 4)} at {_at(names, place)}.")
    if view.ahead is not None and len(view.ahead.x) > 1:
        steps = len(view.ahead.x) - 1
        said.append(f"With these knobs {steps} more steps lead to {_at(names, _last(view.ahead))}.")
    return said


def _at(names: list[str], place: list[float]) -> str:
    return ", ".join(f"{n} {number(x, 4)}" for n, x in zip(names, place, strict=False))


def _loss(way: Trail) -> str:
    return f"loss {number(way.loss[-1], 4)}"
