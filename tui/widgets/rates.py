"""Loss against a knob: where it is good enough (the band), and the learning-rate finder's curve.

The second page, where there are both, is the rate finder's.
"""

import math
from collections.abc import Sequence

from ...engine.protocol.pictures import Group, Rates, Sweep
from ..draw.axes import (
    Place,
    canvas,
    frame,
    log_labels,
    log_ticks,
    number,
    share,
    ticks,
)
from ..draw.compared import ink_of, sign_of
from ..draw.grid import Grid, Ink, message, shorten
from ..draw.palette import Palette
from ..draw.plot import Bounds, Stroke, plot
from ..draw.xy import GUTTER, widened

_DECADE = 10.0  # from this ratio on losses go on a log scale
_ABOVE = 0.12  # of the height, for what diverged


def draw(view: Rates, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The comparison's losses, or on the other page the rate finder's."""
    if _finder(view, page):
        assert view.sweep is not None
        return _draw_sweep(view.sweep, view.present, width, height, pens)
    if not any(loss is not None for group in view.groups for loss in group.loss):
        return message("no losses yet", width, height, Ink(pens.faint))
    return _draw_groups(view, width, height, pens)


def last(view: Rates, width: int, height: int) -> int:
    """The last page."""
    return 1 if view.groups and view.sweep is not None else 0


def title(view: Rates, pens: Palette) -> str:
    """What the caption says; of the comparison where there is one."""
    dot = f" {pens.signs.dot} "
    if view.groups:
        more = dot + "down: rate finder" if view.sweep is not None else ""
        return f"loss against {view.knob}{more}"
    signs = f"{pens.signs.mark} try{dot}s steepest{dot}{pens.signs.here} lowest"
    return f"rate finder{dot}{signs}" if view.sweep else f"loss against {view.knob}"


def words(view: Rates) -> str:
    """Each line with its best value and its band, then what the finder says."""
    said = [_group_in_words(group, view.knob) for group in view.groups]
    if view.groups:
        said += [f"{note}." for note in view.notes]
    if view.sweep is not None:
        said.append(f"Rate finder: {_advice(view.sweep)}; {view.sweep.ended}.")
    return " ".join(said) or "No losses yet."


def _finder(view: Rates, page: int) -> bool:
    return view.sweep is not None and (not view.groups or page > 0)


def _group_in_words(group: Group, knob: str) -> str:
    name = f"{group.name}: " if group.name else ""
    pairs = zip(group.at, group.loss, strict=True)
    losses = ", ".join(f"{_value(at)} gives {_loss(loss)}" for at, loss in pairs)
    return f"{name}{knob} {losses}. {_band_in_words(group)}."


def _band_in_words(group: Group) -> str:
    if group.best is None or group.band is None:
        return "none is good"
    low, high = group.band
    band = f"good from {_value(low)} to {_value(high)}" if high > low else "no other is as good"
    return f"best {_value(group.best)}, {band}"


def _value(value: float) -> str:
    return number(value, 3)


def _loss(loss: float | None) -> str:
    return "no loss (it diverged)" if loss is None else number(loss, 4)


def _draw_groups(view: Rates, width: int, height: int, pens: Palette) -> Grid:
    grid = Grid(width, height)
    notes = _legend(view, width, pens)
    rows = min(len(notes), max(height - 8, 0))
    for y, note in enumerate(notes[:rows]):
        grid.put(0, y, shorten(note[0], width), note[1])
    at = [value for group in view.groups for value in group.at]
    losses = [loss for group in view.groups for loss in group.loss if loss is not None]
    wild = any(loss is None for group in view.groups for loss in group.loss)
    across = _Axis(at + ([view.present] if view.present is not None else []), view.log)
    up = _Axis(losses, min(losses) > 0 and max(losses) > _DECADE * min(losses))
    chart = _chart(across, up, width, height - rows, len(view.groups), wild, pens)
    inner, place, bounds = chart
    for i, group in enumerate(view.groups):
        _band(inner, place, bounds, across, group, i, pens)
    strokes = [_line(group, i, across, up, pens) for i, group in enumerate(view.groups)]
    strokes += [_points(group, i, across, up, pens) for i, group in enumerate(view.groups)]
    inner.lay(plot(strokes, bounds, place.width, place.height, ascii=pens.ascii), place.x, place.y)
    for i, group in enumerate(view.groups):
        _diverged(inner, place, bounds, across, group, i, pens)
    _present(inner, place, bounds, across, view.present, pens)
    grid.lay(inner, 0, rows)
    return grid


def _legend(view: Rates, width: int, pens: Palette) -> list[tuple[str, Ink]]:
    """A line for each group, and the rule of the band."""
    said = [
        (f"{sign_of(i, pens)} {group.name or view.knob}: {_band_in_words(group)}", ink_of(i, pens))
        for i, group in enumerate(view.groups)
    ]
    return [*said, *((note, Ink(pens.faint)) for note in view.notes[:1])]


class _Axis:
    """Numbers on a linear or a log axis: `place` puts one on it, `labels` names some."""

    def __init__(self, values: Sequence[float], log: bool) -> None:
        self.log = log and all(value > 0 for value in values)
        placed = [self.place(value) for value in values if math.isfinite(value)]
        self.low, self.high = widened(placed)

    def place(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def labels(self, most: int, pens: Palette) -> list[tuple[float, str]]:
        if self.log:
            at = log_ticks(self.low, self.high, most)
            return list(zip(at, log_labels(at, pens.signs.powers), strict=True))
        return [(tick, number(tick)) for tick in ticks(self.low, self.high, most)]


def _chart(
    across: _Axis, up: _Axis, width: int, height: int, bands: int, wild: bool, pens: Palette
) -> tuple[Grid, Place, Bounds]:
    """An empty chart with both axes, with room for the bands below and crosses above."""
    grid = Grid(width, height)
    place = canvas(width, height, gutter=GUTTER)
    span = up.high - up.low
    room = span * (bands + 0.5) / max(place.height - bands, 1) if bands else 0.0
    bottom, top = up.low - room, up.high + (span * _ABOVE if wild else 0.0)
    bounds = Bounds(across.low, across.high, bottom, top)
    xs = across.labels(max(min(place.width // 9, 9), 2), pens)
    most = max(min((place.height + 1) // 2, 7), 2)
    ys = [(at, label) for at, label in up.labels(most, pens) if at >= up.low]
    frame(grid, place, bounds, xs, ys, pens)
    return grid, place, bounds


def _line(group: Group, i: int, across: _Axis, up: _Axis, pens: Palette) -> Stroke:
    xs = [across.place(at) for at in group.at]
    ys = [math.nan if loss is None else up.place(loss) for loss in group.loss]
    return Stroke(xs, ys, ink_of(i, pens), plain=pens.signs.dot)


def _points(group: Group, i: int, across: _Axis, up: _Axis, pens: Palette) -> Stroke:
    line = _line(group, i, across, up, pens)
    return Stroke(line.xs, line.ys, line.ink, marker=sign_of(i, pens))


def _column(place: Place, bounds: Bounds, x: float) -> int:
    return place.column(min(max(share(x, bounds.left, bounds.right), 0.0), 1.0))


def _band(
    grid: Grid, place: Place, bounds: Bounds, across: _Axis, group: Group, i: int, pens: Palette
) -> None:
    """A bar at the bottom over the good-enough values, its ends marked."""
    if group.band is None:
        return
    first, end = (_column(place, bounds, across.place(value)) for value in group.band)
    y = place.y + place.height - 1 - i
    ink = ink_of(i, pens)
    for x in range(first, end + 1):
        grid.put(x, y, "=" if pens.ascii else "━", ink)
    grid.put(first, y, sign_of(i, pens), ink)
    grid.put(end, y, sign_of(i, pens), ink)


def _diverged(
    grid: Grid, place: Place, bounds: Bounds, across: _Axis, group: Group, i: int, pens: Palette
) -> None:
    for at, loss in zip(group.at, group.loss, strict=True):
        if loss is None:
            x = _column(place, bounds, across.place(at))
            grid.put(x, place.y, pens.signs.broken, Ink(pens.bad, bold=True))
            grid.put(x + 1, place.y, sign_of(i, pens), ink_of(i, pens))


def _present(
    grid: Grid, place: Place, bounds: Bounds, across: _Axis, at: float | None, pens: Palette
) -> None:
    """The run's own value."""
    if at is None or (across.log and at <= 0):
        return
    x = _column(place, bounds, across.place(at))
    for y in range(place.y, place.y + place.height):
        if grid.is_blank(x, y):
            grid.put(x, y, pens.signs.dash, Ink(pens.faint))


def _advice(sweep: Sweep) -> str:
    if sweep.suggestion is None:
        return sweep.reason
    return f"try lr {number(sweep.suggestion)}: {sweep.reason}"


def _draw_sweep(
    sweep: Sweep, present: float | None, width: int, height: int, pens: Palette
) -> Grid:
    grid = Grid(width, height)
    said = [(_advice(sweep), Ink(pens.good, bold=True)), (_ended(sweep), Ink(pens.faint))]
    rows = min(len(said), max(height - 8, 0))
    for y, (line, ink) in enumerate(said[:rows]):
        grid.put(0, y, shorten(line, width), ink)
    points = [
        (rate, mean)
        for rate, mean in zip(sweep.rates, sweep.smoothed, strict=True)
        if math.isfinite(mean)
    ]
    if not points:
        return message(f"{sweep.reason}; {sweep.ended}", width, height, Ink(pens.faint))
    low, start = min(mean for _, mean in points), points[0][1]
    ceiling = max(start, low) + max(abs(start - low), abs(low)) * 0.5
    across = _Axis([rate for rate, _ in points], True)
    up = _Axis([min(mean, ceiling) for _, mean in points], low > 0 and start > _DECADE * low)
    inner, place, bounds = _chart(across, up, width, height - rows, 0, False, pens)
    xs = [across.place(rate) for rate, _ in points]
    ys = [up.place(mean) if mean > 0 or not up.log else math.nan for _, mean in points]
    drawn = plot(
        [Stroke(xs, ys, Ink(pens.train), plain="*")],
        bounds,
        place.width,
        place.height,
        ascii=pens.ascii,
    )
    inner.lay(drawn, place.x, place.y)
    for rate, sign, ink in (
        (sweep.steepest, "s", Ink(pens.text, bold=True)),
        (sweep.lowest, pens.signs.here, Ink(pens.valid, bold=True)),
        (sweep.suggestion, pens.signs.mark, Ink(pens.good, bold=True)),
    ):
        if rate is not None:
            _stand(inner, place, bounds, across, rate, sign, ink, pens)
    _present(inner, place, bounds, across, present, pens)
    grid.lay(inner, 0, rows)
    return grid


def _stand(
    grid: Grid,
    place: Place,
    bounds: Bounds,
    across: _Axis,
    rate: float,
    sign: str,
    ink: Ink,
    pens: Palette,
) -> None:
    """A sign on the floor under a rate."""
    grid.put(_column(place, bounds, across.place(rate)), place.y + place.height - 1, sign, ink)


def _ended(sweep: Sweep) -> str:
    steepest = f"s falls fastest at {number(sweep.steepest, 2)}; " if sweep.steepest else ""
    return f"{steepest}{sweep.ended}"
