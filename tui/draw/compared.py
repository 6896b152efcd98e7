"""The chart of a comparison: one line for each entrant, told apart by its sign.

Called by `widgets.chart` in place of `curve.loss_chart` where a comparison goes on.
"""

import math
from collections.abc import Sequence

from msgspec.structs import replace

from ...engine.protocol.views import Curve, Line
from .axes import (
    Place,
    canvas,
    frame,
    linear_bounds,
    log_bounds,
    share,
    spread,
)
from .curve import (
    GUTTER,
    Look,
    Range,
    broken_marks,
    cursor_line,
    extent,
    height_of,
    is_valid,
    knob_marks,
    last_value,
    nothing_drawn,
    scaled,
    smoothed,
    x_labels,
    y_labels,
)
from .grid import Grid, Ink, cells, shorten
from .palette import Palette
from .plot import Bounds, Stroke, plot

_MORE = "abcdefghijklmnop"  # signs of further entrants
_APART = 6  # cells from one sign of a line to its next, times the lines
_WILD = 30.0  # times the start: beyond it a line may leave the chart
_WIDE = 50  # cells from which labels stand beside the last values
_LABEL = 28  # cells of one
_LETTERS = (99, 8, 6, 4, 3, 2)  # of a word of a label, where room is short


def sign_of(number: int, pens: Palette) -> str:
    """The sign of entrant `number`; no two are alike."""
    signs = pens.signs.points + pens.signs.rings + _MORE
    return signs[number % len(signs)]


def apart(labels: Sequence[str], room: int) -> list[str]:
    """Labels in `room` cells each: whole where they fit, else with words as long as they can be
    told apart so."""
    for letters in _LETTERS:
        cut = [
            label if cells(label) <= room else shorten(_with_words_of(letters, label), room)
            for label in labels
        ]
        if len(set(cut)) == len(set(labels)):
            return cut
    return [shorten(label, room) for label in labels]


def _with_words_of(letters: int, label: str) -> str:
    words = label.split(" ")
    return " ".join(w[:letters].rstrip("_") if w[:1].isalpha() else w for w in words)


def ink_of(number: int, pens: Palette) -> Ink:
    return Ink(pens.of_class(number))


def place_of(width: int, height: int, legend: Sequence[str], readout: bool = False) -> Place:
    """Where the canvas lies; labels stand to the right of it where there is room."""
    height -= 1 if readout and height > 3 else 0
    return canvas(width, height, gutter=GUTTER, right=_right(width, legend))


def _right(width: int, legend: Sequence[str]) -> int:
    longest = max((cells(label) for label in legend), default=0)
    return 9 + (min(longest, _LABEL, width // 4) + 1 if width >= _WIDE else 0)


def labels_beside(width: int, height: int, legend: Sequence[str]) -> bool:
    """Whether all labels stand beside the lines; else the legend must be somewhere else."""
    return width >= _WIDE and len(legend) <= place_of(width, height, legend).height


def compared_chart(
    curve: Curve | None, look: Look, width: int, height: int, pens: Palette
) -> tuple[Grid, Range | None]:
    """The chart, and the range of y it shows (log10 of it on a log scale)."""
    labels = dict(look.legend)
    lines = [line for line in curve.lines if line.name in labels] if curve else []
    means = [replace(line, low=line.mean, high=line.mean) for line in lines]
    low, high = extent(means, look.log)
    if curve is None or low > high:
        return nothing_drawn(curve, look, width, height, pens), look.before
    high = max(min(high, _ceiling(lines, look.log)), low)
    bounds_of = log_bounds if look.log else linear_bounds
    bottom, top = bounds_of(low, high, look.before)
    bounds = Bounds(look.left, max(look.right, look.left + 1), bottom, top)
    place = place_of(width, height, list(labels.values()), look.cursor is not None)
    grid = Grid(width, height)
    number = {name: i for i, name in enumerate(labels)}
    strokes = [_stroke(line, number[line.name], curve.width, look, pens) for line in lines]
    strokes.reverse()  # this run lies on top
    strokes += [
        _signs(line, number[line.name], len(lines), curve.width, bounds, place, look, pens)
        for line in reversed(lines)
    ]
    strokes += [
        _lowest(line, number[line.name], curve.width, look, pens)
        for line in lines
        if is_valid(line.name)
    ]
    grid.lay(plot(strokes, bounds, place.width, place.height, ascii=pens.ascii), place.x, place.y)
    broken_marks(grid, place, bounds, lines, pens)
    frame(grid, place, bounds, x_labels(bounds, place), y_labels(bounds, look, place, pens), pens)
    knob_marks(grid, place, bounds, curve, pens)
    _names(grid, place, bounds, lines, number, labels, look, pens)
    cursor_line(grid, place, bounds, look, pens)
    return grid, (bottom, top)


def _ceiling(lines: Sequence[Line], log: bool) -> float:
    """A line that explodes must not press all others flat: it leaves the chart at the top."""
    starts = [line.mean[0] for line in lines if line.mean and math.isfinite(line.mean[0])]
    start = min(starts, default=math.inf)  # in a wide bin a line may have exploded already
    if start <= 0:
        return math.inf
    return math.log10(start * _WILD) if log else start * 2


def _values(line: Line, look: Look) -> list[float]:
    means = smoothed(line.mean, look.smoothing) if look.smoothing else line.mean
    return scaled(means, look.log)


def _middles(line: Line, width: int) -> list[float]:
    return [step + (width - 1) / 2 for step in line.steps]


def _stroke(line: Line, number: int, width: int, look: Look, pens: Palette) -> Stroke:
    xs, ys = _middles(line, width), _values(line, look)
    return Stroke(xs, ys, ink_of(number, pens), plain=sign_of(number, pens))


def _signs(
    line: Line,
    number: int,
    lines: int,
    width: int,
    bounds: Bounds,
    place: Place,
    look: Look,
    pens: Palette,
) -> Stroke:
    """The entrant's sign along its line, so that signs of different lines seldom meet."""
    xs: list[float] = []
    ys: list[float] = []
    stride = max(_APART * lines, 1)
    next_column = place.x + (number * _APART) % stride
    for x, y in zip(_middles(line, width), _values(line, look), strict=True):
        column = place.column(min(max(share(x, bounds.left, bounds.right), 0), 1))
        if column >= next_column and not math.isnan(y) and y <= bounds.top:
            xs.append(x)
            ys.append(y)
            next_column = column + stride
    return Stroke(xs, ys, ink_of(number, pens), marker=sign_of(number, pens))


def _lowest(line: Line, number: int, width: int, look: Look, pens: Palette) -> Stroke:
    """A mark where a held-out line is lowest."""
    values = [v for v in scaled(line.mean, look.log) if not math.isnan(v)]
    if not values:
        return Stroke([], [], ink_of(number, pens), marker=pens.signs.mark)
    place = scaled(line.mean, look.log).index(min(values))
    ink = Ink(pens.of_class(number), bold=True)
    return Stroke([_middles(line, width)[place]], [min(values)], ink, marker=pens.signs.mark)


def _names(
    grid: Grid,
    place: Place,
    bounds: Bounds,
    lines: Sequence[Line],
    number: dict[str, int],
    labels: dict[str, str],
    look: Look,
    pens: Palette,
) -> None:
    """Sign, last value and label of every line beside the canvas, at its height."""
    room = grid.width - place.x - place.width
    if room < 9:
        return
    shown = [line for line in lines if line.mean and math.isfinite(line.mean[-1])]
    left_out = len(shown) - place.height
    if left_out > 0:
        shown = shown[: max(place.height - 1, 0)]
        grid.put(place.x + place.width + 1, place.y, f"{left_out + 1} more", Ink(pens.faint))
    heights = [share(height_of(x.mean[-1], look.log), bounds.bottom, bounds.top) for x in shown]
    rows = [place.row(min(max(height, 0), 1)) for height in heights]
    placed = spread(rows, place.y + (left_out > 0), place.y + place.height - 1)
    told = dict(zip(labels, apart(list(labels.values()), max(room - 10, 0)), strict=True))
    for line, y in zip(shown, placed, strict=True):
        n = number[line.name]
        value = line.mean[-1] if line.last is None else line.last
        ink = ink_of(n, pens)._replace(bold=n == 0)
        x = grid.put(place.x + place.width, y, f" {sign_of(n, pens)}", ink)
        text = last_value(value)
        grid.put(x, y, text, ink)
        if room > 12:
            grid.put(x + 8, y, told[line.name], ink)


def relabelled(curve: Curve, legend: Sequence[tuple[str, str]]) -> Curve:
    """The curve with its series called as in the legend, for words."""
    labels = dict(legend)
    lines = tuple(
        replace(line, name=labels[line.name]) for line in curve.lines if line.name in labels
    )
    return replace(curve, lines=lines)
