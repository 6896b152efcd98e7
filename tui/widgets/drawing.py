"""What the experiment's own `view` returned: lines in one chart, maps beside each other."""

from ...engine.protocol.views import Drawing
from ..draw.axes import number
from ..draw.grid import Grid, Ink, message, shorten
from ..draw.palette import Palette
from ..draw.plot import Bounds, Stroke
from ..draw.shade import scaled, shaded
from ..draw.xy import finite, widened, xy_chart

_PLAINS = "*.o+x#"


def draw(view: Drawing, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """Lines above, maps below, each with its name and range."""
    lines = [(name, values) for name, values in view.lines if finite(values)]
    if not lines and not any(rows and rows[0] for _, rows in view.maps):
        return message("view() drew nothing", width, height, Ink(pens.faint))
    if not view.maps:
        return _lines(lines, width, height, pens)
    if not lines:
        return _maps(view, width, height, pens, page)
    grid = Grid(width, height)
    above = max(height // 2, 1)
    grid.lay(_lines(lines, width, above, pens), 0, 0)
    grid.lay(_maps(view, width, height - above, pens, page), 0, above, clear=True)
    return grid


def _lines(lines: list[tuple[str, list[float]]], width: int, height: int, pens: Palette) -> Grid:
    """All lines in one chart; the legend in its first row."""
    longest = max(len(values) for _, values in lines)
    bounds = Bounds(0, max(longest - 1, 1), *widened(finite(v for _, vs in lines for v in vs)))
    strokes = [
        Stroke(
            range(len(values)),
            values,
            Ink(pens.of_class(i)),
            marker=pens.signs.point if len(values) == 1 else "",
            plain=_PLAINS[i % len(_PLAINS)],
        )
        for i, (_, values) in enumerate(lines)
    ]
    grid = Grid(width, height)
    legend = 1 if height > 4 else 0
    grid.lay(xy_chart(strokes, bounds, width, height - legend, pens), 0, legend)
    x = 1
    for i, (name, _) in enumerate(lines if legend else ()):
        sign = _PLAINS[i % len(_PLAINS)] if pens.ascii else pens.signs.solid
        x = grid.put(x, 0, f"{sign} {name}", Ink(pens.of_class(i))) + 2
    return grid


def _maps(view: Drawing, width: int, height: int, pens: Palette, page: int) -> Grid:
    """As many maps beside each other as have room, the others on further pages."""
    grid = Grid(width, height)
    maps = [(name, rows) for name, rows in view.maps if rows and rows[0]]
    across = max(min(len(maps), (width + 1) // 16), 1)
    first = page % max(-(-len(maps) // across), 1) * across
    each = (width + 1) // across
    for k, (name, rows) in enumerate(maps[first : first + across]):
        levels, low, high = scaled(rows)
        wide, high_cells = _fitted(rows, each - 1, height - 1, plain=pens.ascii or not pens.colour)
        area = shaded(levels, wide, high_cells, pens, pens.grey)
        caption = f"{name} {number(low)} to {number(high)}"
        grid.put(k * each, 0, shorten(caption, max(each - 1, 1)), Ink(pens.text))
        grid.lay(area, k * each, 1, clear=True)
    return grid


def _fitted(rows: list[list[float]], width: int, height: int, *, plain: bool) -> tuple[int, int]:
    """Cells for a map that keep its shape; a cell is about twice as high as wide."""
    columns, lines = len(rows[0]), len(rows) / 2
    scale = min(max(width, 1) / columns, max(height, 1) / lines)
    if scale > 1 and not plain:
        scale = int(scale)
    return max(min(round(columns * scale), width), 1), max(min(round(lines * scale), height), 1)


def title(view: Drawing, pens: Palette) -> str:
    """What the border says: the names of what was drawn."""
    names = [name for name, _ in view.lines] + [name for name, _ in view.maps]
    return f" {pens.signs.dot} ".join(["view", *names[:6]])


def words(view: Drawing) -> str:
    """The picture as sentences."""
    said = [
        f"{name}: {len(values)} values from {number(min(known))} to {number(max(known))}, "
        f"the last {number(values[-1])}."
        for name, values in view.lines
        if (known := finite(values))
    ]
    for name, rows in view.maps:
        known = finite(value for row in rows for value in row)
        if known:
            size = f"{len(rows)} by {len(rows[0])}"
            said.append(f"{name}: {size}, from {number(min(known))} to {number(max(known))}.")
    return " ".join(said) if said else "view() drew nothing."
