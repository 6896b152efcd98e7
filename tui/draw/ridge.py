"""The hill over one axis: its outline, the ball, the slope under its feet, the way. Pure.

Called by `widgets.hill` with a `Landscape` of one row.
"""

import math
from collections.abc import Sequence

from ...engine.protocol.pictures import Landscape
from .axes import Place, canvas, number, ruled, share
from .compared import ink_of, sign_of
from .grid import Grid, Ink, cells
from .palette import Palette
from .plot import Bounds, Stroke, plot
from .xy import GUTTER, finite

_TANGENT = 11  # cells long
_APART = 2  # cells between two landing points that both get a sign
_SIGHT = 24  # a foggy picture this many times as wide as one sees to each side
_PLAINS = "*.-x"
_MOST, _ABOVE = 0.6, 3.0  # of the ground seen at least; and so many times the height of the way
Spot = tuple[int, int]


def ridge(view: Landscape, width: int, height: int, pens: Palette) -> Grid:
    """The loss over the one axis of `view`."""
    place = canvas(width, height, gutter=GUTTER)
    bounds = bounds_of(view, place.height)
    grid = Grid(width, height)
    clear = _clear(view, bounds, place)
    _ground(grid, view, bounds, place, pens)
    drawn = plot(_strokes(view, bounds, place, pens), bounds, place.width, place.height,
                 ascii=pens.ascii)  # fmt: skip
    _over(grid, drawn, place)
    if view.ahead is not None and not view.fog:
        _spots(grid, view.ahead.x, view.ahead.loss, bounds, place, pens.signs.ring_small,
               Ink(pens.good))  # fmt: skip
    _floor(grid, view, bounds, place, pens)
    for i, other in enumerate(view.others):
        sign, ink = other_sign(i, pens)
        _put(grid, spot(other.x[-1], other.loss[-1], bounds, place), sign, ink)
    _fog(grid, clear, place, pens)
    trail = view.trail
    _spots(grid, trail.x[:-1], trail.loss[:-1], bounds, place, pens.signs.trod, Ink(pens.accent))
    _ball(grid, view, bounds, place, pens)
    ruled(grid, place, bounds, pens)
    _name(grid, view.axes[0], width, height, place, pens)
    return grid


def other_sign(index: int, pens: Palette) -> tuple[str, Ink]:
    """Sign and colour of a comparison's replica number `index`, those it has on the chart; the
    run itself, entrant 0 there, is the ball."""
    return sign_of(index + 1, pens), ink_of(index + 1, pens)._replace(bold=True)


def bounds_of(view: Landscape, rows: int) -> Bounds:
    """The window across; up, the ground and the way, without walls far above both, and at the
    bottom a row and a half for the minimum's number."""
    left, right = view.x[0], view.x[-1]
    ground = finite(view.heights[0])
    ways = [view.trail, *view.others, *([view.ahead] if view.ahead else [])]
    walked = finite(
        loss for way in ways for x, loss in zip(way.x, way.loss, strict=False) if left <= x <= right
    )
    known = ground or walked or [0.0, 1.0]
    low, high = min(known), max(known)
    top = max((loss for loss in walked if loss <= high), default=high)
    most = sorted(known)[int(_MOST * (len(known) - 1))]
    high = min(high, max(low + _ABOVE * (top - low), most))
    if high - low <= 1e-9 * max(abs(high), abs(low)):
        high = low + (abs(low) or 1.0)
    return Bounds(left, right, low - 1.6 * (high - low) / max(rows - 1.6, 1.0), high)


def spot(x: float, y: float, bounds: Bounds, place: Place) -> Spot | None:
    """The cell of a point; None outside."""
    across, up = share(x, bounds.left, bounds.right), share(y, bounds.bottom, bounds.top)
    if not (0 <= across <= 1 and 0 <= up <= 1 and place.width and place.height):
        return None
    return place.column(across), place.row(up)


def _strokes(view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> list[Stroke]:
    trail = view.trail
    faint = Ink(pens.tint(pens.accent, 0.6) or pens.faint)
    strokes = [
        Stroke(view.x, view.heights[0], Ink(pens.train), plain="."),
        Stroke(trail.x, trail.loss, faint, plain=" "),
    ]
    if tangent := _tangent(view, bounds, place):
        strokes.append(Stroke(*tangent, Ink(pens.valid), plain="-"))
    return strokes


def _tangent(
    view: Landscape, bounds: Bounds, place: Place
) -> tuple[list[float], list[float]] | None:
    """The line of the slope under the ball, as long on the screen whatever its steepness."""
    if not view.slope or not math.isfinite(view.slope[0]) or not place.width or not place.height:
        return None
    x, y, slope = view.trail.x[-1], view.trail.loss[-1], view.slope[0]
    cell_x = (bounds.right - bounds.left) / place.width
    cell_y = (bounds.top - bounds.bottom) / (2 * place.height)  # a cell is twice as high as wide
    steep = slope * cell_x / cell_y if cell_y else 0.0
    reach = _TANGENT / 2 * cell_x / math.hypot(1.0, steep)
    return [x - reach, x + reach], [y - slope * reach, y + slope * reach]


def _ground(grid: Grid, view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> None:
    """What lies under the outline, in a tint."""
    back = pens.tint(pens.train, 0.13) if pens.colour and not pens.ascii else ""
    if not back:
        return
    for column in range(place.x, place.x + place.width):
        height = _height(view, (column - place.x + 0.5) / max(place.width, 1))
        if not math.isfinite(height):
            continue
        top = place.row(min(max(share(height, bounds.bottom, bounds.top), 0.0), 1.0))
        for row in range(top + 1, place.y + place.height):
            grid.put(column, row, " ", Ink(back=back))


def _height(view: Landscape, across: float) -> float:
    heights = view.heights[0]
    return heights[min(round(across * (len(heights) - 1)), len(heights) - 1)]


def _over(grid: Grid, drawn: Grid, place: Place) -> None:
    """Lay lines over the ground, which keeps its tint."""
    for y, row in enumerate(drawn.rows):
        for x, cell in enumerate(row):
            if cell.glyph not in (" ", "⠀"):
                grid.put_on(place.x + x, place.y + y, cell.glyph, cell.ink)


def _put(grid: Grid, at: Spot | None, sign: str, ink: Ink) -> None:
    if at is not None:
        grid.put_on(*at, sign, ink)


def _spots(
    grid: Grid,
    xs: Sequence[float],
    ys: Sequence[float],
    bounds: Bounds,
    place: Place,
    sign: str,
    ink: Ink,
) -> None:
    """A sign at each point that is not too near the one before it."""
    last: Spot | None = None
    for x, y in zip(xs, ys, strict=False):
        at = spot(x, y, bounds, place)
        if at is None or (last and max(abs(at[0] - last[0]), 2 * abs(at[1] - last[1])) < _APART):
            continue
        _put(grid, at, sign, ink)
        last = at


def _floor(grid: Grid, view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> None:
    """The minimum, with its height under or beside it where there is room."""
    if not view.lowest or view.fog:
        return
    x, low = view.lowest
    at = spot(x, low, bounds, place)
    _put(grid, at, pens.signs.floor, Ink(pens.good, bold=True))
    words = f"{number(low, 4)} at {number(x, 4)}"
    if at is not None and at[1] + 1 < place.y + place.height:
        start = max(min(at[0] - cells(words) // 2, place.x + place.width - cells(words)), place.x)
        grid.put_on(start, at[1] + 1, words, Ink(pens.good))


def _ball(grid: Grid, view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> None:
    """The ball, and beside it which way the sign says to go; at the edge where it is outside."""
    x, y = view.trail.x[-1], view.trail.loss[-1]
    ink = Ink(pens.text, bold=True)
    at = spot(x, y, bounds, place)
    if at is None:
        _outside(grid, x, y, bounds, place, pens)
        return
    _put(grid, at, pens.signs.ball, ink)
    if not view.slope or not view.slope[0]:
        return
    right = view.slope[0] < 0
    arrow = pens.signs.arrows[0 if right else 4]
    words = f"slope {number(view.slope[0], 4)}"
    line = f"{words} {arrow}" if right else f"{arrow} {words}"
    _label(grid, at, line, place, Ink(pens.valid, bold=True), prefer_right=right)


def _label(grid: Grid, at: Spot, line: str, place: Place, ink: Ink, *, prefer_right: bool) -> None:
    """Words beside a point, where they cover nothing."""
    size = cells(line)
    sides = (at[0] + 2, at[0] - 1 - size) if prefer_right else (at[0] - 1 - size, at[0] + 2)
    for row in (at[1], at[1] - 1, at[1] + 1, at[1] - 2, at[1] + 2, at[1] - 3):
        for start in sides:
            inside = place.x <= start and start + size <= place.x + place.width
            if not (inside and place.y <= row < place.y + place.height):
                continue
            free = (" ", "⠀", "░", ":")
            if all(grid.glyph(start + i, row) in free for i in range(-1, size + 1)):
                grid.put_on(start, row, line, ink)
                return


def _outside(grid: Grid, x: float, y: float, bounds: Bounds, place: Place, pens: Palette) -> None:
    """At the edge: which way the ball has gone, and how far."""
    if not place.width:
        return
    left = math.isfinite(x) and x < bounds.left
    over = bounds.left <= x <= bounds.right
    arrow = pens.signs.arrows[2 if over else 4 if left else 0]
    words = f"loss {number(y)}" if over else f"at {number(x)}, loss {number(y)}"
    line = f"{arrow} {words}" if left or over else f"{words} {arrow}"
    end = place.x + place.width
    start = place.x if left else end - cells(line)
    if over:
        start = max(min(place.column(share(x, *bounds[:2])), end - cells(line)), place.x)
    row = place.y + (0 if over or place.height < 2 else 1)
    grid.put(max(start, place.x), row, line, Ink(pens.bad, bold=True))


def _clear(view: Landscape, bounds: Bounds, place: Place) -> set[int] | None:
    """Columns that fog leaves in sight; None without fog."""
    if not view.fog:
        return None
    reach = max(place.width // _SIGHT, 2)
    clear: set[int] = set()
    for x in view.trail.x:
        across = share(x, bounds.left, bounds.right)
        if 0 <= across <= 1:
            column = place.column(across)
            clear.update(range(column - reach, column + reach + 1))
    return clear


def _fog(grid: Grid, clear: set[int] | None, place: Place, pens: Palette) -> None:
    if clear is None:
        return
    ink = Ink(pens.tint(pens.faint, 0.55) or pens.faint)
    for column in range(place.x, place.x + place.width):
        if column in clear:
            continue
        edge = column - 1 in clear or column + 1 in clear
        for row in range(place.y, place.y + place.height):
            thin = edge and (column + row) % 2
            grid.put(column, row, " " if thin else pens.signs.fog, ink)


def _name(grid: Grid, name: str, width: int, height: int, place: Place, pens: Palette) -> None:
    """The height's name at the top, and the axis' at its right end, under it or over it, where
    they cover nothing but ground and fog."""
    if not place.x or place.height < 2:
        return
    left, end, size = place.x + 1, place.x + place.width, cells(name)
    for x in (left, left + place.width // 2, end - 5):
        if _over_ground(grid, x, place.y, "loss", pens):
            break
    if height > place.height and all(
        grid.is_blank(width - 2 - size + i, height - 1) for i in range(size + 2)
    ):
        grid.put(width - size - 1, height - 1, name, Ink(pens.faint))
    else:
        _over_ground(grid, end - size - 1, place.y + place.height - 1, name, pens)


def _over_ground(grid: Grid, x: int, y: int, words: str, pens: Palette) -> bool:
    """Write where there is nothing but ground and fog; whether there was."""
    empty = (" ", "⠀", pens.signs.fog)
    free = all(grid.glyph(x + i, y) in empty for i in range(cells(words)))
    if free:
        grid.put_on(x, y, words, Ink(pens.faint))
    return free
