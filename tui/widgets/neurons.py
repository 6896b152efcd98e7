"""A small network neuron by neuron: what each answers over the plane, weights as signed lines."""

from dataclasses import dataclass

from ...engine.protocol.pictures import Network, Unit
from ..draw.axes import number
from ..draw.grid import Grid, Ink, cells, shorten
from ..draw.links import Link, colour_of, draw_links
from ..draw.palette import Palette
from ..draw.shade import shaded
from ..draw.xy import finite
from .field import height_colour
from .numbers import chosen

_LARGEST = 9  # rows of a neuron
_NAMED = 7  # cells of an input's name
_GAP, _WIDEST_GAP = 4, 26  # cells between two columns


@dataclass(frozen=True)
class Layout:
    """Where neurons stand: `rows` cells high and twice as wide, `gap` rows apart; those of one row
    are four cells wide, so that there is something to see."""

    rows: int
    last: int  # rows of the only output
    gap: int
    left: int
    between: int  # cells between two columns
    top: int
    room: int

    def x(self, column: int) -> int:
        return self.left + column * (wide(self.rows) + self.between)

    def y(self, view: Network, column: int, index: int) -> int:
        count, rows = len(view.columns[column]), self.size(view, column)
        total = count * rows + (count - 1) * self.gap
        return self.top + max(self.room - total, 0) // 2 + index * (rows + self.gap)

    def size(self, view: Network, column: int) -> int:
        single = column == len(view.columns) - 1 and len(view.columns[column]) == 1
        return self.last if single else self.rows


def wide(rows: int) -> int:
    """Cells across for so many rows."""
    return max(2 * rows, 4)


def layout(view: Network, width: int, height: int) -> Layout | None:
    """The largest neurons there is room for; None where there is none."""
    if not view.columns:
        return None
    heading, reading = (1, 1) if height >= 5 else (0, 0)
    room = height - heading - reading
    most, columns = max(map(len, view.columns)), len(view.columns)
    named = min(max(map(cells, view.columns[0])), _NAMED) + 1
    for gap in (1, 0):
        rows = min((room - (most - 1) * gap) // most, _LARGEST)
        while rows > 0:
            last = min(2 * rows, room, 16) if len(view.columns[-1]) == 1 else rows
            used = named + (columns - 1) * wide(rows) + wide(last)
            between = (width - used) // max(columns - 1, 1)
            if between >= (_GAP if rows > 1 else 2):
                break
            rows -= 1
        else:
            continue
        if rows > 1 or not gap:
            between = min(between, _WIDEST_GAP)
            spare = width - used - between * (columns - 1)
            return Layout(rows, last, gap, named + spare // 2, between, heading, room)
    return None


def draw_neurons(view: Network, place: Layout, width: int, height: int, pens: Palette) -> Grid:
    """Columns of neurons from the inputs to the outputs."""
    grid = Grid(width, height)
    for unit in view.units:
        _neuron(grid, view, unit, place, pens)
    for index, name in enumerate(view.columns[0]):
        y = place.y(view, 0, index) + (place.rows - 1) // 2
        grid.put_right(place.left - 1, y, shorten(name, _NAMED), Ink(pens.text))
    if place.rows > 1:
        _biases(grid, view, place, pens)
    _weights(grid, view, place, pens)
    if place.top:
        for column in range(len(view.columns)):
            _heading(grid, view, place, column, pens)
        grid.put(0, height - 1, shorten(reading(view), width), Ink(pens.faint))
    return grid


def _neuron(grid: Grid, view: Network, unit: Unit, place: Layout, pens: Palette) -> None:
    rows = place.size(view, unit.layer)
    side, pixels = unit.width, unit.pixels.ljust(unit.width * unit.height, b"\x7f")
    levels = [[pixels[y * side + x] / 254 for x in range(side)] for y in range(unit.height)]
    area = shaded(levels, wide(rows), rows, pens, lambda level: height_colour(level, pens))
    y = place.y(view, unit.layer, unit.index)
    grid.lay(area, place.x(unit.layer), y, clear=True)


def _weights(grid: Grid, view: Network, place: Layout, pens: Palette) -> None:
    at = chosen(view, view.at)
    links: list[Link] = []
    for k, matrix in enumerate(view.matrices):
        numbers = finite(value for values in matrix.values for value in values)
        most = max(map(abs, numbers), default=0.0) or 1.0
        right, left = place.x(k) + wide(place.size(view, k)), place.x(k + 1)
        for i, values in enumerate(matrix.values):
            end = place.y(view, k + 1, i) + place.size(view, k + 1) / 2
            for j, value in enumerate(values):
                begin = place.y(view, k, j) + place.size(view, k) / 2
                here = at is not None and (at.matrix, at.row, at.column) == (k, i, j)
                links.append(Link(right, begin, left, end, value / most, here))
    draw_links(grid, links, pens)


def _biases(grid: Grid, view: Network, place: Layout, pens: Palette) -> None:
    """A sign at the top left of each neuron that is large enough."""
    at = chosen(view, view.at)
    for k, matrix in enumerate(view.matrices):
        for i, value in enumerate(matrix.bias):
            here = at is not None and (at.parameter, at.index) == (matrix.bias_name, i)
            colour = pens.text if here else colour_of(value, pens)
            sign = "+" if value >= 0 else pens.signs.minus
            y = place.y(view, k + 1, i)
            grid.put(place.x(k + 1) - 1, y, sign, Ink(colour, bold=here))


def _heading(grid: Grid, view: Network, place: Layout, column: int, pens: Palette) -> None:
    count, last = len(view.columns[column]), len(view.columns) - 1
    kind = activations(view)[column - 1] if column else ""
    name = "inputs" if not column else "output" if column == last else f"{count}"
    text = f"{name} {kind}".strip()
    room = wide(place.rows) + place.between - 1 if column < last else grid.width
    start = place.x(column)
    text = shorten(text, max(room, 1))
    grid.put(max(min(start, grid.width - cells(text)), 0), 0, text, Ink(pens.faint))


def activations(view: Network) -> list[str]:
    """What comes after each layer with weights, in small letters: tanh."""
    found: list[str] = []
    for layer in view.layers:
        if layer.kind.startswith("Linear"):
            found.append("")
        elif found and not layer.parameters and layer.std is not None:
            name = layer.kind.split()[0].lower()
            if name not in ("flatten", "dropout", "identity"):
                found[-1] = found[-1] or name
    return found + [""] * (len(view.matrices) - len(found))


def reading(view: Network) -> str:
    """The weight that the cursor is on; without one, how to read the picture."""
    at = chosen(view, view.at)
    if at is None:
        return "solid pulls up, dotted pulls down, bright is strong"
    unit = view.columns[at.matrix + 1][at.row]
    end = unit if at.matrix + 2 == len(view.columns) else f"unit {unit} of layer {at.matrix + 1}"
    if at.column == len(view.matrices[at.matrix].values[0]):
        return f"bias of {end}: {number(at.value, 4)}   {at.name}"
    begin = view.columns[at.matrix][at.column]
    begin = f"unit {begin}" if at.matrix else begin
    return f"{begin} to {end}: {number(at.value, 4)}   {at.name}"
