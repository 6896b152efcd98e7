"""A function of two inputs: where classes meet, or a surface; the points lie over it."""

import math

from msgspec.structs import replace

from ...engine.protocol.pictures import Field
from ..draw.axes import Place, canvas, number, ruled, share
from ..draw.grid import Grid, Ink, message
from ..draw.palette import Palette
from ..draw.plot import Bounds
from ..draw.shade import scaled, shaded
from ..draw.xy import GUTTER, finite

_STEPS = 4  # shades of certainty: few, so that few cells change from frame to frame


def draw(view: Field, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The ground by class (colour and character) or by height, the points over it."""
    bounds = Bounds(*view.x_range, *view.y_range)
    drawable = all(map(math.isfinite, bounds)) and bounds.left < bounds.right
    if not view.values or not view.values[0] or not drawable or bounds.bottom >= bounds.top:
        return message("nothing to map yet", width, height, Ink(pens.faint))
    grid = Grid(width, height)
    place = canvas(width, height, gutter=GUTTER)
    ground = _classes if view.classes else _surface
    grid.lay(ground(view, place.width, place.height, pens), place.x, place.y, clear=True)
    _points(grid, place, bounds, view, view.points, pens, held_out=False)
    _points(grid, place, bounds, view, view.held_out, pens, held_out=True)
    ruled(grid, place, bounds, pens, digits=3)
    return grid


def without_held_out(view: Field) -> Field:
    """Only the training points."""
    return replace(view, held_out=([], [], []))


def hardened(view: Field) -> Field:
    """The field without shades of certainty."""
    if view.classes:
        return replace(view, certainty=[])
    return replace(view, values=_two_levels(view.values))


def _two_levels(values: list[list[float]]) -> list[list[float]]:
    """A surface above and below the middle of its range."""
    known = finite(value for row in values for value in row)
    if not known:
        return values
    low, high = min(known), max(known)
    middle = 0.0 if low < 0 < high else (low + high) / 2
    return [
        [v if not math.isfinite(v) else high if v >= middle else low for v in row] for row in values
    ]


def _nearest(rows: list[list[float]], y: float, x: float) -> float:
    row = rows[min(int(y * len(rows)), len(rows) - 1)]
    return row[min(int(x * len(row)), len(row) - 1)] if row else math.nan


def _classes(view: Field, width: int, height: int, pens: Palette) -> Grid:
    grid = Grid(width, height)
    sure = bool(view.certainty and view.certainty[0])
    even = 1 / max(len(view.classes), 2)  # the least certain a winner can be
    for y in range(grid.height):
        for x in range(grid.width):
            at = (y + 0.5) / height, (x + 0.5) / width
            value = _nearest(view.values, *at)
            if not math.isfinite(value):
                grid.put(x, y, pens.signs.broken, Ink(pens.bad))
                continue
            certainty = _nearest(view.certainty, *at) if sure else 1.0
            level = (certainty - even) / (1 - even) if math.isfinite(certainty) else 0.0
            level = round(min(max(level, 0.0), 1.0) * _STEPS) / _STEPS
            _ground(grid, x, y, int(value), level, pens)
    return grid


def _ground(grid: Grid, x: int, y: int, number: int, level: float, pens: Palette) -> None:
    """One cell: tinted by certainty; the class' own character, only where it is likely."""
    colour, signs = pens.of_class(number), pens.signs.grounds
    sign = signs[number % len(signs)]
    plain = pens.ascii or not pens.colour
    shown = level >= 1 / 3 if plain else (x + 2 * y) % 4 == 0
    back = "" if plain else pens.tint(colour, 0.06 + 0.22 * level)
    faint = pens.tint(colour, 0.25 + 0.35 * level) or colour
    grid.put(x, y, sign if shown else " ", Ink(faint, back))


def _surface(view: Field, width: int, height: int, pens: Palette) -> Grid:
    levels, _, _ = scaled(view.values)
    steps = [[round(v * 24) / 24 if math.isfinite(v) else v for v in row] for row in levels]
    return shaded(steps, width, height, pens, lambda level: height_colour(level, pens))


def height_colour(level: float, pens: Palette) -> str:
    """Low in the colour of class 0, high in that of class 1, dark in between."""
    low, high = pens.of_class(0), pens.of_class(1)
    strength = 0.06 + 0.6 * abs(level - 0.5) * 2
    return pens.tint(low if level < 0.5 else high, strength) or (low if level < 0.5 else high)


def _points(
    grid: Grid,
    place: Place,
    bounds: Bounds,
    view: Field,
    points: tuple[list[float], list[float], list[float]],
    pens: Palette,
    *,
    held_out: bool,
) -> None:
    signs = pens.signs.rings if held_out else pens.signs.points
    for x, y, target in zip(*points, strict=False):
        across, up = share(x, *view.x_range), share(y, *view.y_range)
        if not (0 <= across <= 1 and 0 <= up <= 1):
            continue
        column, row = place.column(across), place.row(up)
        if not (0 <= row < grid.height and 0 <= column < grid.width):
            continue
        kind = int(target) if view.classes and math.isfinite(target) else 0
        colour = pens.of_class(kind) if view.classes else pens.text
        back = grid.rows[row][column].ink.back
        grid.put(column, row, signs[kind % len(signs)], Ink(colour, back, bold=True))


def title(view: Field, pens: Palette) -> str:
    """What the border says: the classes with their signs, or the range of heights."""
    signs, dot = pens.signs, f" {pens.signs.dot} "
    axes = f"{view.y_name} by {view.x_name}"
    if view.classes:
        kinds = [
            f"{name} {signs.points[i % len(signs.points)]}"
            for i, name in enumerate(view.classes[:6])
        ]
        if view.held_out[0]:
            kinds.append(f"held out {signs.rings[: min(len(view.classes), 3)]}")
        return dot.join([axes, *kinds])
    known = finite(value for row in view.values for value in row)
    if not known:
        return axes
    return dot.join([axes, f"from {number(min(known))} to {number(max(known))}"])


def words(view: Field) -> str:
    """The picture as sentences: a coarse map, row by row from the top."""
    if not view.values or not view.values[0]:
        return f"{view.y_name} by {view.x_name}: nothing to map yet."
    said = [f"{view.y_name} by {view.x_name}, 3 rows from the top, left to right."]
    for y in range(3):
        at = [_nearest(view.values, (y + 0.5) / 3, (x + 0.5) / 5) for x in range(5)]
        said.append(", ".join(_named(view, value) for value in at) + ".")
    if view.classes:
        said.append(_shares(view))
    return " ".join(said)


def _named(view: Field, value: float) -> str:
    if not math.isfinite(value):
        return "not a number"
    if not view.classes:
        return number(value)
    return view.classes[int(value)] if 0 <= value < len(view.classes) else str(int(value))


def _shares(view: Field) -> str:
    flat = [int(v) for row in view.values for v in row if math.isfinite(v)]
    parts = [
        f"{name} {100 * flat.count(i) / max(len(flat), 1):.0f} %"
        for i, name in enumerate(view.classes)
    ]
    return "Share of the area: " + ", ".join(parts) + "."
