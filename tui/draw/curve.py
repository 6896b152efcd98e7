"""The loss chart: a `Curve` in, a grid of cells out. Called by `widgets.chart`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...engine.protocol.views import Curve, Line
from .axes import (
    Labels,
    Place,
    canvas,
    count,
    frame,
    linear_bounds,
    log_bounds,
    log_labels,
    log_ticks,
    number,
    share,
    spread,
    ticks,
)
from .gap import mark_gap
from .grid import Grid, Ink, message, shorten
from .palette import Palette
from .plot import Bounds, Stroke, plot

GUTTER, RIGHT = 6, 8
_RINGS_APART = 4  # cells
Range = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How to look at a curve: the steps in sight, the scale, the smoothing, the cursor.

    `smoothing` is the weight of the past in an exponential moving average over bins, 0 to 1.
    `before` is the range of y drawn last, kept as long as it fits. With a `legend`,
    `compared.py` draws.
    """

    left: int
    right: int
    log: bool = False
    smoothing: float = 0.0
    cursor: int | None = None
    readout: str = ""
    before: Range | None = None
    legend: tuple[tuple[str, str], ...] = ()  # of a comparison: series and what to call them


def place_of(width: int, height: int, readout: bool = False) -> Place:
    """Where the canvas of a chart of this size lies."""
    return canvas(width, height - (1 if readout and height > 3 else 0), gutter=GUTTER, right=RIGHT)


def is_valid(name: str) -> bool:
    """Series measured on held-out data are drawn as rings, the others as lines."""
    return name.startswith("valid")


def loss_chart(
    curve: Curve | None, look: Look, width: int, height: int, pens: Palette
) -> tuple[Grid, Range | None]:
    """The chart, and the range of y it shows (log10 of it on a log scale)."""
    lines = curve.lines if curve else ()
    low, high = extent(lines, look.log)
    if curve is None or low > high:
        return nothing_drawn(curve, look, width, height, pens), look.before
    bounds_of = log_bounds if look.log else linear_bounds
    bottom, top = bounds_of(low, high, look.before)
    bounds = Bounds(look.left, max(look.right, look.left + 1), bottom, top)
    place = place_of(width, height, look.cursor is not None)
    grid = Grid(width, height)
    strokes = [stroke for line in lines for stroke in _strokes(line, curve.width, look, pens)]
    layers = (_raw(pens), Ink(pens.valid), Ink(pens.train))  # from the lowest up
    strokes.sort(key=lambda stroke: layers.index(stroke.ink))
    strokes += [_rings(line, curve.width, bounds, place, look, pens) for line in lines]
    drawn = plot(strokes, bounds, place.width, place.height, ascii=pens.ascii)
    grid.lay(drawn, place.x, place.y)
    broken_marks(grid, place, bounds, lines, pens)
    frame(grid, place, bounds, x_labels(bounds, place), y_labels(bounds, look, place, pens), pens)
    knob_marks(grid, place, bounds, curve, pens)
    mark_gap(grid, place, bounds, lines, curve.width, look.log, pens)
    _last_values(grid, place, bounds, lines, look, pens)
    cursor_line(grid, place, bounds, look, pens)
    return grid, (bottom, top)


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Exponential moving average, corrected for its start: (1-w) Σ wⁱ vₙ₋ᵢ / (1 - wⁿ)."""
    average, total, out = 0.0, 0.0, []
    for value in values:
        average = weight * average + (1 - weight) * value
        total = weight * total + (1 - weight)
        out.append(average / total)
    return out


def nothing_drawn(curve: Curve | None, look: Look, width: int, height: int, pens: Palette) -> Grid:
    if curve is None:
        return message("waiting for the first step", width, height, Ink(pens.faint))
    broken = sum(len(line.broken) for line in curve.lines)
    if broken:
        sentence = f"nothing finite to draw here: {broken} values are NaN or infinite"
    elif look.log and any(line.steps for line in curve.lines):
        sentence = "nothing above zero to draw on a log scale; press y"
    else:
        sentence = "nothing measured yet"
    return message(sentence, width, height, Ink(pens.faint))


def extent(lines: Sequence[Line], log: bool) -> Range:
    lows = [v for line in lines for v in line.low if math.isfinite(v) and (v > 0 or not log)]
    highs = [v for line in lines for v in line.high if math.isfinite(v) and (v > 0 or not log)]
    if not lows or not highs:
        return 1.0, 0.0
    low, high = min(min(lows), min(highs)), max(max(lows), max(highs))
    return (math.log10(low), math.log10(high)) if log else (low, high)


def scaled(values: Sequence[float], log: bool) -> list[float]:
    if not log:
        return [float(v) for v in values]
    return [math.log10(v) if v > 0 and math.isfinite(v) else math.nan for v in values]


def _raw(pens: Palette) -> Ink:
    """The ink of what lies under a mean or a smoothed line."""
    return Ink(pens.tint(pens.train, 0.45) or pens.faint)


def _strokes(line: Line, width: int, look: Look, pens: Palette) -> list[Stroke]:
    xs = [step + (width - 1) / 2 for step in line.steps]
    means = scaled(line.mean, look.log)
    if is_valid(line.name):  # without braille the rings alone: a second line would be a riddle
        return [] if pens.ascii else [Stroke(xs, means, Ink(pens.valid))]
    bright, faint = Ink(pens.train), _raw(pens)
    strokes: list[Stroke] = []
    if width > 1:
        strokes.append(_band(xs, scaled(line.low, look.log), scaled(line.high, look.log), faint))
    if look.smoothing:
        strokes.append(Stroke(xs, means, faint))
        means = scaled(smoothed(line.mean, look.smoothing), look.log)
    strokes.append(Stroke(xs, means, bright, plain="*"))
    return strokes


def _rings(
    line: Line, width: int, bounds: Bounds, place: Place, look: Look, pens: Palette
) -> Stroke:
    """Rings on a held-out line, so far apart that they hide little; none on others."""
    xs: list[float] = []
    ys: list[float] = []
    taken: set[int] = set()
    for step, mean in zip(line.steps, scaled(line.mean, look.log), strict=False):
        x = step + (width - 1) / 2
        part = place.column(min(max(share(x, bounds.left, bounds.right), 0), 1)) // _RINGS_APART
        if is_valid(line.name) and part not in taken:
            taken.add(part)
            xs.append(x)
            ys.append(mean)
    return Stroke(xs, ys, Ink(pens.valid), marker=pens.signs.ring_small)


def _band(xs: Sequence[float], low: Sequence[float], high: Sequence[float], ink: Ink) -> Stroke:
    """From lowest to highest in each bin, as one line up and down, so that spikes stay."""
    across: list[float] = []
    up: list[float] = []
    for i, (x, bottom, top) in enumerate(zip(xs, low, high, strict=False)):
        across += [x, x]
        up += [bottom, top] if i % 2 else [top, bottom]
    return Stroke(across, up, ink)


def x_labels(bounds: Bounds, place: Place) -> Labels:
    at = ticks(bounds.left, bounds.right, max(min(place.width // 8, 8), 1))
    names = [count(step) for step in at]
    if len(set(names)) < len(names):
        names = [f"{step:,.0f}" for step in at]
    return list(zip(at, names, strict=True))


def y_labels(bounds: Bounds, look: Look, place: Place, pens: Palette) -> Labels:
    most = max(min((place.height + 1) // 2, 7), 2)
    if look.log:
        at = log_ticks(bounds.bottom, bounds.top, most)
        return list(zip(at, log_labels(at, pens.signs.powers), strict=True))
    return [(tick, number(tick)) for tick in ticks(bounds.bottom, bounds.top, most)]


def inside(step: float, bounds: Bounds) -> bool:
    return bounds.left <= step <= bounds.right


def broken_marks(
    grid: Grid, place: Place, bounds: Bounds, lines: Sequence[Line], pens: Palette
) -> None:
    for line in lines:
        for step in line.broken:
            if inside(step, bounds) and place.height:
                x = place.column(share(step, bounds.left, bounds.right))
                grid.put(x, place.y, pens.signs.broken, Ink(pens.bad, bold=True))


def knob_marks(grid: Grid, place: Place, bounds: Bounds, curve: Curve, pens: Palette) -> None:
    columns = {
        place.column(share(mark.step, bounds.left, bounds.right))
        for mark in curve.marks
        if inside(mark.step, bounds)
    }
    floor = place.y + place.height
    few = len(columns) * 4 <= place.width
    for x in columns:
        if grid.height > floor:
            grid.put(x, floor, pens.signs.mark, Ink(pens.accent))
        for y in range(place.y, floor):
            if few and grid.is_blank(x, y):
                grid.put(x, y, pens.signs.dash, Ink(pens.tint(pens.accent, 0.6) or pens.accent))


def _last_values(
    grid: Grid, place: Place, bounds: Bounds, lines: Sequence[Line], look: Look, pens: Palette
) -> None:
    if grid.width < place.x + place.width + RIGHT:
        return
    shown = [line for line in lines if line.mean and math.isfinite(line.mean[-1])]
    rows = [
        place.row(
            min(max(share(height_of(line.mean[-1], look.log), bounds.bottom, bounds.top), 0), 1)
        )
        for line in shown
    ]
    placed = spread(rows, place.y, place.y + place.height - 1)
    for line, y in zip(shown, placed, strict=True):
        held_out = is_valid(line.name)
        sign = pens.signs.ring_small if held_out else " "
        ink = Ink(pens.valid if held_out else pens.train, bold=True)
        value = line.mean[-1] if line.last is None else line.last
        grid.put(place.x + place.width, y, sign + last_value(value), ink)


def last_value(value: float) -> str:
    """A number with as many digits as fit beside the canvas: one cut short would be another."""
    fitting = (number(value, digits) for digits in (4, 3, 2))
    return next((text for text in fitting if len(text) < RIGHT), number(value, 2))


def height_of(value: float, log: bool) -> float:
    return math.log10(value) if log and value > 0 else -math.inf if log else value


def cursor_line(grid: Grid, place: Place, bounds: Bounds, look: Look, pens: Palette) -> None:
    if look.cursor is None:
        return
    if inside(look.cursor, bounds):
        x = place.column(share(look.cursor, bounds.left, bounds.right))
        for y in range(place.y, place.y + place.height):
            if grid.is_blank(x, y) or grid.glyph(x, y) == pens.signs.dash:
                grid.put(x, y, pens.signs.beam, Ink(pens.text))
            grid.tint(x, y, pens.tint(pens.text, 0.25))
        if grid.height > place.y + place.height + 1:
            grid.put(x, place.y + place.height, pens.signs.here, Ink(pens.text, bold=True))
    if grid.height > 3:
        text = shorten(look.readout, grid.width)
        grid.put(0, grid.height - 1, text + " " * (grid.width - len(text)), Ink(pens.text))
