"""Where held-out data had its best loss, and the gap that opened after it. Called by `draw.curve`.

Drawn only once the held-out loss has clearly turned: a mark and a number at its best, a shade
between the two lines from there on.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from ...engine.protocol.views import Line
from .axes import Place, count, number, share
from .grid import Grid, Ink
from .palette import Palette
from .plot import Bounds

FEWEST = 5  # measurements before anything is called a best
_TURNED = 1.1  # times the best


def turned(lines: Sequence[Line]) -> tuple[Line, Line, int] | None:
    """The held-out loss, the training loss and the bin of the best; None where it has not
    turned."""
    held_out = next((line for line in lines if line.name == "valid_loss"), None)
    train = next((line for line in lines if line.name == "loss"), None)
    if held_out is None or train is None or len(held_out.steps) < FEWEST or not train.steps:
        return None
    best = min(range(len(held_out.low)), key=held_out.low.__getitem__)
    last = held_out.mean[-1]
    if not last >= _TURNED * held_out.low[best] or held_out.low[best] <= 0:
        return None
    return held_out, train, best


def mark_gap(
    grid: Grid,
    place: Place,
    bounds: Bounds,
    lines: Sequence[Line],
    width: int,
    log: bool,
    pens: Palette,
) -> None:
    """Shade the gap after the best and mark the best itself; cells already drawn stay."""
    found = turned(lines)
    if found is None or not place.height:
        return
    held_out, train, best = found
    step = held_out.steps[best] if held_out.lowest is None else held_out.lowest
    if not bounds.left <= step <= bounds.right:
        return
    at = place.column(share(step, bounds.left, bounds.right))
    ink = Ink(pens.tint(pens.valid, 0.4) or pens.faint)
    for x in range(at + 1, place.x + place.width):
        middle = (x - place.x + 0.5) / max(place.width, 1)
        where = bounds.left + middle * (bounds.right - bounds.left)
        upper, lower = _mean(held_out, where, width), _mean(train, where, width)
        if upper is None or lower is None or upper <= lower:
            continue
        top, floor = (_row(place, bounds, value, log) for value in (upper, lower))
        for y in range(top + 1, floor):
            if grid.is_blank(x, y):
                grid.put(x, y, pens.signs.shades[1], ink)
    y = _row(place, bounds, held_out.low[best], log)
    bold = Ink(pens.valid, bold=True)
    grid.put(at, y, pens.signs.mark, bold)
    about = "~" if held_out.lowest is None and width > 1 else ""
    label = f"best {number(held_out.low[best])} at {about}{count(step)}"
    left = min(max(at - len(label) // 2, place.x), place.x + place.width - len(label))
    rows = [row for row in (y - 1, y + 1, y - 2) if place.y <= row < place.y + place.height]
    if rows and left >= place.x:
        row = max(rows, key=lambda row: _free(grid, left, row, len(label), pens))
        grid.put(left, row, label, bold)


def _free(grid: Grid, left: int, row: int, width: int, pens: Palette) -> int:
    """Cells in which a label would hide nothing but shade."""
    open_ = (" ", "", pens.signs.shades[1])
    return sum(grid.glyph(x, row) in open_ for x in range(left, left + width))


def _mean(line: Line, step: float, width: int) -> float | None:
    """The mean of the latest bin up to `step`; None beyond the line's ends."""
    at = bisect_right(line.steps, step) - 1
    if at < 0 or step > line.steps[-1] + max(width, 1):
        return None
    value = line.mean[at]
    return value if math.isfinite(value) else None


def _row(place: Place, bounds: Bounds, value: float, log: bool) -> int:
    height = math.log10(value) if log and value > 0 else -math.inf if log else value
    return place.row(min(max(share(height, bounds.bottom, bounds.top), 0), 1))
