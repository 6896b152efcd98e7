"""Along which axes to look at a hill, and how far: the pages of `outlook.py`.

A handful of parameters are axes themselves. Larger models are cut along the way their training
took (or two random directions), and straight downhill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite

import torch
from torch import Tensor

from .landscape import Ground, filter_normalised, principal
from .survey import Plane, Range, of_parameters, window_around

HANDFUL = 6  # up to so many numbers, the axes are the parameters themselves
SEEDS = (1, 2)  # of the two random directions
_CLIMB = 6.0  # times its first loss that a run may climb above it and still widen the window
_LEAST = 0.4  # of a parameter's size (or of 1): what is seen of it at least
_ROOM = 0.35  # beside a path, in its widths


@dataclass(frozen=True)
class Page:
    """One way to cut through the space of weights: `chosen` parameters, or by its kind."""

    kind: str  # "parameters", "path", "random" or "downhill"
    chosen: tuple[int, ...] = ()


@dataclass(frozen=True)
class Here:
    """Where a run stands (`weights`, flat), the loss and its gradient there.

    `trail` [n, d] is the way so far, with the present last; `ahead` that to come, with the
    present first; `losses` and `losses_ahead` are those along them. `others` are the ways of a
    comparison's replicas.
    """

    weights: Tensor
    height: float
    gradient: Tensor
    trail: Tensor
    losses: Sequence[float]
    ahead: Tensor
    losses_ahead: Sequence[float]
    others: tuple[Tensor, ...] = ()


def pages(numbers: int) -> list[Page]:
    """All there are for a model of so many numbers, the most useful first."""
    if numbers > HANDFUL:
        return [Page("path"), Page("random"), Page("downhill")]
    singles = [Page("parameters", (index,)) for index in range(numbers)]
    pairs = [Page("parameters", pair) for pair in combinations(range(numbers), 2)]
    return pairs + singles if numbers == 2 else singles + pairs


def lay(
    page: Page, here: Here, parameters: Sequence[Tensor], names: Sequence[str], before: Plane | None
) -> Plane:
    """The plane of a page through where the run stands."""
    if page.kind == "parameters":
        return of_parameters(names, page.chosen, here.weights)
    if page.kind == "downhill":
        steepness = here.gradient.norm().clamp_min(1e-30)
        return Plane(("downhill",), here.weights, -here.gradient[None] / steepness, "downhill")
    trail = here.trail[here.trail.isfinite().all(1)]
    if page.kind == "path" and len(trail) > 2 and here.weights.isfinite().all():
        try:
            directions, shares = principal(trail)
        except ValueError:  # it stands still
            pass
        else:
            if before is not None and before.kind == "path":  # not mirrored from look to look
                signs = (before.directions * directions).sum(1, keepdim=True)
                directions = torch.where(signs < 0, -directions, directions)
            axes = tuple(
                f"direction {i} ({100 * share:.0f} % of the way)"
                for i, share in enumerate(shares, 1)
            )
            return Plane(axes, here.weights, directions, "path")
    directions = torch.stack([filter_normalised(list(parameters), seed) for seed in SEEDS])
    return Plane(("random direction 1", "random direction 2"), here.weights, directions, "random")


def window(
    plane: Plane, here: Here, ground: Ground, before: Sequence[Range] | None
) -> tuple[Range, ...]:
    """How far to look along each axis; the ends of `before` stay as long as they fit well."""
    if plane.kind == "random":
        return ((-1.0, 1.0), (-1.0, 1.0))
    if plane.kind == "downhill":
        return (_down(plane, here, ground),)
    if plane.kind == "path":
        return _around_path(plane, here)
    at = plane.coordinates(here.weights[None])[0].tolist()
    slopes = plane.along(here.gradient)
    walked = [*_near(here, here.trail, here.losses), *_near(here, here.ahead, here.losses_ahead)]
    bottom = _bottom(at, plane, here, ground)
    ends: list[Range] = []
    for axis, (place, slope) in enumerate(zip(at, slopes, strict=True)):
        first = plane.coordinates(here.trail[:1])[0, axis].item()
        old = before[axis] if before is not None and len(before) == len(at) else None
        if old is not None and _astray(place, first, old):
            ends.append(old)
            continue
        floor = _floor(place, slope, axis, plane, here, ground)
        seen = [plane.coordinates(weights[None])[0, axis].item() for weights in walked]
        others = [_finite(plane.coordinates(way)[:, axis]) for way in here.others]
        reach = _reach(floor, first, [*seen, bottom[axis]], [x for way in others for x in way])
        ends.append(window_around(reach, old))
    return tuple(ends)


def _near(here: Here, way: Tensor, losses: Sequence[float]) -> list[Tensor]:
    """The weights of a way without those where a run astray has climbed far above its start."""
    known = [loss for loss in (*here.losses, *here.losses_ahead) if isfinite(loss)]
    if not known:
        return []
    first = known[0]
    top = first + _CLIMB * max(abs(first), first - min(known))
    return [w for w, loss in zip(way, losses, strict=False) if loss <= top]


def _astray(place: float, first: float, old: Range) -> bool:
    """Whether the run has left what is shown by more than its width, and its start is in it."""
    wide = old[1] - old[0]
    near = old[0] - wide <= place <= old[1] + wide
    return not near and old[0] <= first <= old[1]


def _floor(
    place: float, slope: float, axis: int, plane: Plane, here: Here, ground: Ground
) -> float:
    """Where along an axis a parabola of this slope and curvature has its floor (Newton's step),
    if the ground is really at least half as low there; else where the run stands."""
    direction = plane.directions[axis]
    bend = ground.bend(here.weights, direction)
    if not (isfinite(bend) and bend > 0):
        return place
    floor = place - slope / bend
    fall = here.height - ground(here.weights + (floor - place) * direction)
    return floor if fall >= 0.25 * slope * slope / bend else place


def _bottom(at: list[float], plane: Plane, here: Here, ground: Ground) -> list[float]:
    """Where Newton's step along all axes at once leads, if it is really lower there."""
    found = newton(ground, plane, at)
    moved = torch.tensor(found) - torch.tensor(at)
    fall = -0.5 * float(moved @ torch.tensor(plane.along(here.gradient)))
    return found if here.height - ground(plane.weights(*found)) >= 0.5 * fall else at


def _reach(floor: float, first: float, walked: Sequence[float], others: Sequence[float]) -> Range:
    """What to see of one parameter: both walls of the valley it started in, and the ways."""
    seen = [x for x in (first, floor, 2 * floor - first, *walked) if isfinite(x)] or [0.0]
    low, high = min(seen), max(seen)
    least = _LEAST * max(1.0, abs(seen[0]))
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    wide = high - low
    beside = [min(max(x, low - wide), high + wide) for x in others]
    return min([low, *beside]), max([high, *beside])


def newton(ground: Ground, plane: Plane, at: Sequence[float]) -> list[float]:
    """Newton's step from a point of the plane towards a minimum near it; the point itself where
    the ground does not bend upwards."""
    weights = plane.weights(*at)
    _, gradient = ground.slope(weights)
    H = ground.curvature(weights, plane.directions).double()
    g = torch.tensor(plane.along(gradient), dtype=torch.double)
    if not (H.isfinite().all() and torch.linalg.eigvalsh(H)[0] > 0):
        return list(at)
    return (torch.tensor(at, dtype=torch.double) - torch.linalg.solve(H, g)).tolist()


def _down(plane: Plane, here: Here, ground: Ground) -> Range:
    """Behind the ball a little, and beyond the floor of a parabola of this slope and bend."""
    steepness = here.gradient.norm().item()
    bend = ground.bend(here.weights, plane.directions[0])
    far = steepness / bend if isfinite(bend) and bend > 0 else 1.0
    far = min(max(far, 1e-6), 100.0) or 1.0
    return window_around((-0.75 * far, 2.5 * far))


def _around_path(plane: Plane, here: Here) -> tuple[Range, ...]:
    """The path with room around it; the narrower axis at least a tenth of the wider one."""
    at = plane.coordinates(here.trail)
    at = at[at.isfinite().all(1)]
    low, high = at.amin(0), at.amax(0)
    for other in here.others:  # as far as they stay near
        beside = plane.coordinates(other).nan_to_num()
        room = high - low
        low = torch.minimum(low, beside.amin(0).maximum(low - room))
        high = torch.maximum(high, beside.amax(0).minimum(high + room))
    widest = (high - low).max().clamp_min(1e-6)
    room = _ROOM * torch.maximum(high - low, 0.1 * widest)
    ends = torch.stack([low - room, high + room], 1).tolist()
    return tuple((float(a), float(b)) for a, b in ends)


def _finite(values: Tensor) -> list[float]:
    return [value for value in values.tolist() if isfinite(value)]
