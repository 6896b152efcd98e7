"""What the experiment's own view returned, from top to bottom: charts, maps, texts, tables.

All lines share one chart, all curves one plot, maps stand beside each other; each stands where
the first of its kind came, under its own name. What does not fit scrolls. `picture` draws it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ...engine.protocol.pictures import Drawing, Plotted, Table
from ..draw.axes import number
from ..draw.grid import Grid, Ink, cells, message, shorten
from ..draw.palette import Palette
from ..draw.plot import Bounds, Stroke
from ..draw.shade import scaled, shaded
from ..draw.xy import finite, widened, xy_chart
from . import table
from .rows import wrapped

_PLAINS = "*.o+x#"
_CHART, _MAP = 8, 5  # rows of the screen at least
_MAP_WIDE = 16  # columns of the screen for a map at least
_LEGEND = 2  # rows at most

Maps = list[tuple[str, list[list[float]]]]


@dataclass(frozen=True)
class _Block:
    """A part as high as the whole screen is wide; `grows` where there is room."""

    rows: int
    grows: bool
    draw: Callable[[int, int, Palette], Grid]  # width, height
    gap: int = 0  # empty rows after it


def draw(view: Drawing, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The blocks from row `page` on."""
    blocks = _laid_out(_blocks(view, width), height)
    if not blocks:
        return message("view() drew nothing", width, height, Ink(pens.faint))
    grid = Grid(width, height)
    y = -min(max(page, 0), _beyond(blocks, height))
    for block in blocks:
        if y < height and y + block.rows > 0:
            grid.lay(block.draw(width, block.rows, pens), 0, y)
        y += block.rows + block.gap
    return grid


def last(view: Drawing, width: int, height: int) -> int:
    """How many rows down it goes."""
    return _beyond(_laid_out(_blocks(view, width), height), height)


def below(view: Drawing, width: int, height: int, page: int) -> int:
    """Rows out of sight further down."""
    return max(last(view, width, height) - max(page, 0), 0)


def _beyond(blocks: list[_Block], height: int) -> int:
    rows = sum(block.rows + block.gap for block in blocks)
    return max(rows - (blocks[-1].gap if blocks else 0) - height, 0)


def _laid_out(blocks: list[_Block], height: int) -> list[_Block]:
    """Blocks that grow share what the others leave, and are never too small to read."""
    growing = [block for block in blocks if block.grows]
    kept = sum(block.rows for block in blocks if not block.grows)
    kept += sum(block.gap for block in blocks[:-1])
    share, rest = divmod(max(height - kept, 0), max(len(growing), 1))
    placed: list[_Block] = []
    for block in blocks:
        rows = block.rows
        if block.grows:
            rows = max(min(block.rows, height), share + (rest > 0))
            rest -= 1
        placed.append(_Block(rows, block.grows, block.draw, block.gap))
    return placed


def _blocks(view: Drawing, width: int) -> list[_Block]:
    """Everything there is to draw, in the order it came."""
    lines = [(name, values) for name, values in view.lines if finite(values)]
    curves = [curve for curve in view.curves if finite(curve.x) and finite(curve.y)]
    maps = [(name, rows) for name, rows in view.maps if rows and rows[0]]
    found: dict[str, _Block] = {}
    if lines:
        found[lines[0][0]] = _Block(_CHART, True, partial(_lines, lines))
    if curves:
        found[curves[0].name] = _Block(_CHART, True, partial(_curves, curves))
    for row in _map_rows(maps, width):
        found[row[0][0]] = _Block(_MAP, True, partial(_maps, row))
    for name, text in view.texts:
        found[name] = _Block(len(_written(name, text, width)), False, partial(_text, name, text), 1)
    for one in view.tables:
        rows = table.size(one, width) + bool(one.title)
        found[one.title] = _Block(rows, False, partial(_table, one), 1)
    order = [*view.order, *found]
    return [found[name] for name in dict.fromkeys(order) if name in found]


def _text(name: str, text: str, width: int, height: int, pens: Palette) -> Grid:
    grid = Grid(width, height)
    for y, line in enumerate(_written(name, text, width)):
        heading = y == 0 and bool(name)
        grid.put(0, y, line, Ink(pens.accent if heading else pens.text, bold=heading))
    return grid


def _written(name: str, text: str, width: int) -> list[str]:
    """Sentences wrapped; a line laid out by hand, such as a row of numbers, stays one line."""
    lines = [shorten(name, width)] if name else []
    for line in text.splitlines():
        by_hand = "  " in line.strip()
        lines += [_squeezed(line, width)] if by_hand else wrapped(line, max(width, 1)) or [""]
    return lines


def _squeezed(line: str, width: int) -> str:
    """A line laid out by hand; its gaps close from the right where that makes it fit."""
    fitting, margin = line.rstrip(), len(line) - len(line.lstrip())
    while cells(fitting) > width:
        gap = fitting.rfind("  ", margin)
        if gap < 0:
            return shorten(line, width)
        fitting = fitting[:gap] + fitting[gap + 1 :]
    return fitting


def _table(view: Table, width: int, height: int, pens: Palette) -> Grid:
    grid = Grid(width, height)
    above = 1 if view.title else 0
    if above:
        grid.put(0, 0, shorten(view.title, width), Ink(pens.accent, bold=True))
    grid.lay(table.draw(view, width, height - above, pens), 0, above)
    return grid


def _lines(lines: list[tuple[str, list[float]]], width: int, height: int, pens: Palette) -> Grid:
    """All lines in one chart; the legend above."""
    longest = max(len(values) for _, values in lines)
    bounds = Bounds(0, max(longest - 1, 1), *widened(finite(v for _, vs in lines for v in vs)))
    strokes = [_stroke(i, range(len(values)), values, pens) for i, (_, values) in enumerate(lines)]
    return _chart(strokes, [name for name, _ in lines], bounds, width, height, pens)


def _curves(curves: list[Plotted], width: int, height: int, pens: Palette) -> Grid:
    """All curves on one plot, points as dots over them; the legend above."""
    across = widened(finite(x for curve in curves for x in curve.x), 0.03)
    bounds = Bounds(*across, *widened(finite(y for curve in curves for y in curve.y)))
    strokes = [_stroke(i, curve.x, curve.y, pens) for i, curve in enumerate(curves)]
    return _chart(strokes, [curve.name for curve in curves], bounds, width, height, pens)


def _stroke(i: int, xs: range | list[float], ys: list[float], pens: Palette) -> Stroke:
    points = pens.signs.points
    marker = points[i % len(points)] if len(ys) == 1 else ""
    return Stroke(xs, ys, Ink(pens.of_class(i)), marker=marker, plain=_PLAINS[i % len(_PLAINS)])


def _chart(
    strokes: list[Stroke], names: list[str], bounds: Bounds, width: int, height: int, pens: Palette
) -> Grid:
    grid = Grid(width, height)
    legend = _legend(strokes, names, width, pens) if height > 4 else Grid(width, 0)
    rows = min(legend.height, max(height - 4, 0))
    drawn = sorted(strokes, key=lambda stroke: bool(stroke.marker))
    grid.lay(xy_chart(drawn, bounds, width, height - rows, pens), 0, rows)
    grid.lay(legend, 0, 0)
    return grid


def _legend(strokes: list[Stroke], names: list[str], width: int, pens: Palette) -> Grid:
    """Signs and names, in as many rows as they need (two at most)."""
    grid = Grid(width, _LEGEND)
    x, y = 1, 0
    for stroke, name in zip(strokes, names, strict=True):
        sign = stroke.marker or (stroke.plain if pens.ascii else pens.signs.solid)
        entry = f"{sign} {name}"
        if x > 1 and x + cells(entry) > width and y + 1 < _LEGEND:
            x, y = 1, y + 1
        x = grid.put(x, y, entry, stroke.ink) + 2
    grid.rows, grid.height = grid.rows[: y + 1], y + 1
    return grid


def _map_rows(maps: Maps, width: int) -> list[Maps]:
    """Maps in rows, as many beside each other as have room for a cell a column."""
    rows: list[Maps] = []
    left = 0
    for one in maps:
        need = _wanted(one[1], width) + 1
        if not rows or need > left + 1:
            rows.append([])
            left = width
        rows[-1].append(one)
        left -= need
    return rows


def _wanted(rows: list[list[float]], width: int) -> int:
    return min(max(len(rows[0]), _MAP_WIDE - 1), width)


def _maps(maps: Maps, width: int, height: int, pens: Palette) -> Grid:
    """Maps beside each other, each with its range."""
    grid = Grid(width, height)
    spare = width - sum(_wanted(rows, width) + 1 for _, rows in maps) + 1
    x = 0
    for name, rows in maps:
        room = max(_wanted(rows, width) + max(spare, 0) // len(maps), 1)
        levels, low, high = scaled(rows)
        wide, high_cells = _fitted(rows, room, height - 1, plain=pens.ascii or not pens.colour)
        caption = f"{name} {number(low)} to {number(high)}"
        caption = caption if cells(caption) <= room else shorten(name, room)
        grid.put(x, 0, caption, Ink(pens.text))
        grid.lay(shaded(levels, wide, high_cells, pens, pens.grey), x, 1, clear=True)
        x += room + 1
    return grid


def _fitted(rows: list[list[float]], width: int, height: int, *, plain: bool) -> tuple[int, int]:
    """Cells for a map that keep its shape; a cell is about twice as high as wide."""
    columns, lines = len(rows[0]), len(rows) / 2
    scale = min(max(width, 1) / columns, max(height, 1) / lines)
    if scale > 1 and not plain:
        scale = int(scale)
    return max(min(round(columns * scale), width), 1), max(min(round(lines * scale), height), 1)


def words(view: Drawing) -> str:
    """The picture as sentences."""
    said: dict[str, str] = {}
    for name, values in view.lines:
        if known := finite(values):
            span = f"from {number(min(known))} to {number(max(known))}"
            said[name] = f"{name}: {len(values)} values {span}, the last {number(values[-1])}."
    for name, rows in view.maps:
        if known := finite(value for row in rows for value in row):
            size = f"{len(rows)} by {len(rows[0])}"
            said[name] = f"{name}: {size}, from {number(min(known))} to {number(max(known))}."
    for curve in view.curves:
        if curve.x and curve.y:
            ends = (0,) if len(curve.x) == 1 else (0, len(curve.x) // 2, len(curve.x) - 1)
            places = [f"{number(curve.y[i])} at {number(curve.x[i])}" for i in ends]
            said[curve.name] = f"{curve.name}: {', '.join(places)}."
    for name, text in view.texts:
        said[name] = " ".join(f"{name}: {text}".split()) if name else " ".join(text.split())
    for one in view.tables:
        said[one.title] = table.words(one)
    ordered = [said[name] for name in dict.fromkeys([*view.order, *said]) if said.get(name)]
    return " ".join(ordered) if ordered else "view() drew nothing."
