"""The hill over two axes: bands of height, the ways over them. Pure.

Called by `widgets.hill` with a `Landscape` of a grid of heights.
"""

import math
from collections.abc import Sequence
from string import digits

from ...engine.protocol.pictures import Landscape, Trail
from .axes import Place, canvas, ruled, share
from .grid import BLANK, Cell, Grid, Ink, cells, shorten
from .palette import Palette
from .plot import Bounds, Stroke, plot
from .ridge import Spot, other_sign, spot
from .xy import GUTTER, finite

BANDS = 10  # of height: few, so that each is seen and few cells change
_ROOT = 1 / 3  # heights are drawn by their cube root: valleys matter more than walls
_WALL = 0.95  # what is higher than this share of the ground is drawn as high as it
_APART = 2  # cells between two landing points that both get a sign
_LABELS = 7  # cells of a contour line from number to number
_SIGHT = 0.06  # of the picture's width, seen in fog


def relief(view: Landscape, width: int, height: int, pens: Palette) -> Grid:
    """The loss over the two axes of `view`."""
    bounds = Bounds(view.x[0], view.x[-1], view.y[-1], view.y[0])
    place = canvas(width, height, gutter=GUTTER)
    grid = Grid(width, height)
    grid.lay(_ground(view, place.width, place.height, pens), place.x, place.y, clear=True)
    if view.fog:
        _fog(grid, view.trail, bounds, place, pens)
    if not view.fog:
        _beyond(grid, view, bounds, place, pens)
    own = pens.text if view.others else pens.valid  # no entrant's colour
    _way(grid, view.trail, bounds, place, pens.signs.ball, Ink(own, bold=True), pens)
    _downhill(grid, view, bounds, place, pens)
    _axes(grid, view, bounds, place, pens)
    return grid


def _beyond(grid: Grid, view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> None:
    """What is not seen in fog: the way to come, the others, the minimum."""
    if view.ahead is not None:
        _signs(grid, view.ahead, bounds, place, pens.signs.dot, Ink(pens.faint))
    for i, other in enumerate(view.others):
        sign, ink = other_sign(i, pens)
        _way(grid, other, bounds, place, sign, ink, pens)
    if len(view.lowest) == 3:
        at = spot(*view.lowest[:2], bounds, place)
        _put(grid, at, pens.signs.floor, Ink(pens.good, bold=True))


def _axes(grid: Grid, view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> None:
    """Numbers along both, and their names on the ground, at an end where nobody has walked."""
    ruled(grid, place, bounds, pens)
    if not place.x or place.height < 2:
        return
    across, up = (shorten(name, place.width - 2) for name in view.axes)
    bottom = place.y + place.height - 1
    for name, y, prefer_right in ((up, place.y, False), (across, bottom, True)):
        ends = [place.x + 1, place.x + place.width - 1 - cells(name)]
        ends = ends[::-1] if prefer_right else ends
        free = [x for x in ends if _unwalked(grid, x, y, cells(name), pens)]
        grid.put_on([*free, ends[0]][0], y, name, Ink(pens.text))


def _unwalked(grid: Grid, x: int, y: int, size: int, pens: Palette) -> bool:
    signs = pens.signs
    ground = f" {signs.fog}{signs.dot}{signs.broken}{digits}"
    ground += "" if pens.ascii else signs.upper_half
    return all(grid.glyph(x + i, y) in ground for i in range(size))


def levels(heights: Sequence[Sequence[float]]) -> list[list[float]]:
    """Heights as 0 … 1 by their cube root, the highest twentieth levelled off; NaN stays."""
    known = sorted(finite(h for row in heights for h in row))
    if not known:
        return [[math.nan if math.isnan(h) else 1.0 for h in row] for row in heights]
    low = known[0]
    span = known[int(_WALL * (len(known) - 1))] - low or known[-1] - low or 1.0

    def level(h: float) -> float:
        if math.isnan(h):
            return math.nan
        return min(max((h - low) / span, 0.0), 1.0) ** _ROOT

    return [[level(h) for h in row] for row in heights]


def spread(levels: Sequence[Sequence[float]], width: int, height: int) -> list[list[float]]:
    """Levels at `width` × `height` places: between the grid's points along straight lines."""
    rows, columns = len(levels), len(levels[0])
    xs = [_between(i, width, columns) for i in range(width)]
    out: list[list[float]] = []
    for j in range(height):
        top, down = _between(j, height, rows)
        upper, lower = levels[top], levels[min(top + 1, rows - 1)]
        line: list[float] = []
        for left, right in xs:
            far = min(left + 1, columns - 1)
            above = upper[left] * (1 - right) + upper[far] * right
            below = lower[left] * (1 - right) + lower[far] * right
            line.append(above * (1 - down) + below * down)
        out.append(line)
    return out


def _between(i: int, count: int, points: int) -> tuple[int, float]:
    """The grid point before place `i` of `count`, and how far beyond it the place lies."""
    at = (i + 0.5) / count * (points - 1)
    return int(at), at - int(at)


def _band(level: float) -> int:
    return -1 if math.isnan(level) else min(int(level * BANDS), BANDS - 1)


def _ground(view: Landscape, width: int, height: int, pens: Palette) -> Grid:
    """Bands of height: two to a cell in shades, or their edges as digits where there are none."""
    grid = Grid(width, height)
    if width < 1 or height < 1:
        return grid
    nothing = Cell(pens.signs.broken, Ink(pens.bad))
    if view.rough:  # not measured yet, as far as anybody knows
        nothing = Cell(pens.signs.unknown, Ink(pens.faint))
    fine = spread(levels(view.heights), width, 2 * height)
    bands = [[_band(level) for level in row] for row in fine]
    if pens.ascii or not pens.colour:
        _digits(grid, bands[::2], nothing if not view.rough else BLANK, pens)
        return grid
    shades = [_shade(band, pens) for band in range(BANDS)]
    for y in range(height):
        for x in range(width):
            upper, lower = bands[2 * y][x], bands[2 * y + 1][x]
            if upper < 0 or lower < 0:
                grid.rows[y][x] = nothing
            elif upper == lower:
                grid.rows[y][x] = Cell(" ", Ink(back=shades[upper]))
            else:
                grid.rows[y][x] = Cell(pens.signs.upper_half, Ink(shades[upper], shades[lower]))
    return grid


def _shade(band: int, pens: Palette) -> str:
    """From dark at the bottom to the colour of the curve on the heights."""
    return pens.tint(pens.train, 0.05 + 0.55 * band / (BANDS - 1))


def _digits(grid: Grid, bands: list[list[int]], nothing: Cell, pens: Palette) -> None:
    """Where a band of height ends, its number: 0 the lowest, 9 the highest."""
    for y, row in enumerate(bands):
        for x, band in enumerate(row):
            right = row[x + 1] if x + 1 < len(row) else band
            below = bands[y + 1][x] if y + 1 < len(bands) else band
            if band < 0:
                grid.rows[y][x] = nothing
            elif band != right or band != below:
                labelled = (x + 3 * y) % _LABELS == 0
                lower = min(b for b in (band, right, below) if b >= 0)
                grid.put(x, y, str(lower) if labelled else pens.signs.dot, Ink(pens.faint))


def _put(grid: Grid, at: Spot | None, sign: str, ink: Ink) -> None:
    """A sign on the ground, which keeps its shade."""
    if at is not None:
        grid.put_on(*at, sign, ink)


def _way(
    grid: Grid, way: Trail, bounds: Bounds, place: Place, sign: str, ink: Ink, pens: Palette
) -> None:
    """The line of a way, a dot where each step landed, and its sign where it stands now."""
    if not way.x:
        return
    thin = ink._replace(bold=False)
    stroke = Stroke(way.x, way.y, thin, plain=" ")
    drawn = plot([stroke], bounds, place.width, place.height, ascii=pens.ascii)
    for y, row in enumerate(drawn.rows):
        for x, cell in enumerate(row):
            if cell != BLANK and cell.glyph != "⠀":
                _put(grid, (place.x + x, place.y + y), cell.glyph, thin)
    _signs(grid, way, bounds, place, pens.signs.trod, thin)
    at = spot(way.x[-1], way.y[-1], bounds, place)
    if at is not None:
        _put(grid, at, sign, ink)
    else:
        _outside(grid, way, bounds, place, sign, ink, pens)


def _signs(grid: Grid, way: Trail, bounds: Bounds, place: Place, sign: str, ink: Ink) -> None:
    last: Spot | None = None
    for x, y in zip(way.x, way.y, strict=False):
        at = spot(x, y, bounds, place)
        if at is None or (last and max(abs(at[0] - last[0]), 2 * abs(at[1] - last[1])) < _APART):
            continue
        _put(grid, at, sign, ink)
        last = at


def _outside(
    grid: Grid, way: Trail, bounds: Bounds, place: Place, sign: str, ink: Ink, pens: Palette
) -> None:
    """A run that has left the picture: its sign and an arrow at the edge it left by."""
    across, up = share(way.x[-1], *bounds[:2]), share(way.y[-1], *bounds[2:])
    if not (math.isfinite(across) and math.isfinite(up)) or place.width < 2 or not place.height:
        return
    direction = round(math.atan2(up - 0.5, across - 0.5) / (math.pi / 4)) % 8
    row = place.row(min(max(up, 0.0), 1.0))
    column = min(place.column(min(max(across, 0.0), 1.0)), place.x + place.width - 2)
    grid.put(column, row, sign + pens.signs.arrows[direction], ink)


def _downhill(grid: Grid, view: Landscape, bounds: Bounds, place: Place, pens: Palette) -> None:
    """Beside the ball an arrow the way the next update goes; against the slope if none is known."""
    at = spot(view.trail.x[-1], view.trail.y[-1], bounds, place)
    step = view.update or tuple(-slope for slope in view.slope)
    if at is None or len(step) != 2 or not all(map(math.isfinite, step)) or not any(step):
        return
    wide, tall = bounds.right - bounds.left, bounds.top - bounds.bottom
    across, up = step[0] / wide * place.width, step[1] / tall * place.height * 2
    direction = round(math.atan2(up, across) / (math.pi / 4)) % 8
    turns = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
    column, row = at[0] + turns[direction][0], at[1] + turns[direction][1]
    if place.x <= column < place.x + place.width and place.y <= row < place.y + place.height:
        _put(grid, (column, row), pens.signs.arrows[direction], Ink(pens.text, bold=True))


def _fog(grid: Grid, trail: Trail, bounds: Bounds, place: Place, pens: Palette) -> None:
    reach = max(round(_SIGHT * place.width), 2)
    spots = [spot(x, y, bounds, place) for x, y in zip(trail.x, trail.y, strict=False)]
    clear: set[Spot] = set()
    for at in {at for at in spots if at is not None}:
        for dy in range(-reach // 2, reach // 2 + 1):
            far = round(reach * math.sqrt(max(1 - (2 * dy / (reach + 1)) ** 2, 0.0)))
            clear.update((at[0] + dx, at[1] + dy) for dx in range(-far, far + 1))
    ink = Ink(pens.tint(pens.faint, 0.55) or pens.faint)
    for row in range(place.y, place.y + place.height):
        for column in range(place.x, place.x + place.width):
            if (column, row) not in clear:
                grid.put(column, row, pens.signs.fog, ink)
