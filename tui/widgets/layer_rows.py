"""The layers of a network as rows of numbers, as many columns as there is room for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...engine.protocol.pictures import Layer, Network
from ..draw.axes import number
from ..draw.grid import Grid, Ink, cells, shorten
from ..draw.palette import Palette

HEALTHY = -3.0  # log10 of update to weight
_BAND = 1.0  # on each side of it
_LOW, _HIGH = -6.0, 0.0  # ends of the gauge
_GAUGE = 13
_NAME = 18
_NONE = "–"


@dataclass(frozen=True)
class _Column:
    """`rank`: those of a lower one go first where room is short."""

    heading: str
    rank: int
    says: Callable[[Layer], str]
    left: bool = False


def _number(value: float | None) -> str:
    return _NONE if value is None else number(value, 2)


def _ratio(layer: Layer) -> str:
    if layer.ratio is None:
        return _NONE
    sign = "" if abs(layer.ratio - HEALTHY) <= _BAND else "↑" if layer.ratio > HEALTHY else "↓"
    return f"{layer.ratio:.1f}{sign}"


def _dead(layer: Layer) -> str:
    return "" if layer.dead is None else f"{100 * layer.dead:.0f} %"


_COLUMNS = (
    _Column("layer", 9, lambda layer: shorten(layer.name or "(whole)", _NAME), left=True),
    _Column("kind", 8, lambda layer: shorten(layer.kind, _NAME), left=True),
    _Column("out", 3, lambda layer: layer.shape or _NONE, left=True),
    _Column("par.", 5, lambda layer: f"{layer.parameters:,}" if layer.parameters else ""),
    _Column("w std", 2, lambda layer: _number(layer.weight_std) if layer.parameters else ""),
    _Column("mean", 1, lambda layer: _number(layer.mean)),
    _Column("spread", 4, lambda layer: _number(layer.std)),
    _Column("|grad|", 6, lambda layer: _number(layer.gradient) if layer.parameters else ""),
    _Column("Δ/w", 7, lambda layer: _ratio(layer) if layer.parameters else ""),
    _Column("dead", 4, _dead),
)


def draw_layers(view: Network, width: int, height: int, pens: Palette, first: int = 0) -> Grid:
    """One row a layer under the headings; below them the totals and how to read them."""
    grid = Grid(width, height)
    chosen = _fitting(view.layers, width)
    gauge = sum(size + 2 for _, size in chosen) + _GAUGE + 1 <= width
    spare = 2 if height >= 6 else 1 if height >= 4 else 0
    room = max(height - 1 - spare, 0)
    x = 0
    for column, size in chosen:
        _put(grid, x, 0, column.heading, size, column, Ink(pens.faint))
        x += size + 2
        if column.heading == "Δ/w" and gauge:
            _scale(grid, x, 0, pens)
            x += _GAUGE + 1
    for y, layer in enumerate(view.layers[first : first + room], 1):
        x = 0
        for column, size in chosen:
            ink = _ink(column, layer, pens)
            _put(grid, x, y, column.says(layer), size, column, ink)
            x += size + 2
            if column.heading == "Δ/w" and gauge:
                _gauge(grid, x, y, layer, pens)
                x += _GAUGE + 1
    under = min(len(view.layers), room) + 1
    if spare:
        said = total(view)
        if len(view.layers) > room:
            last, count = min(first + room, len(view.layers)), len(view.layers)
            more = "" if last == count else "v " if pens.ascii else "↓ "
            said = f"layers {first + 1} to {last} of {count} {more}{said}"
        grid.put(0, under, shorten(said, width), Ink(pens.text, bold=True))
    if spare > 1:
        words = "Δ/w is log10 of update to weight: healthy near −3, ↑ large, ↓ small"
        hints = _packed([*view.notes, words], width)[: height - 1 - under]
        for line, hint in enumerate(hints, height - len(hints)):
            grid.put(0, line, shorten(hint, width), Ink(pens.faint))
    return grid


def _packed(parts: list[str], width: int) -> list[str]:
    """The parts in as few lines as hold each of them whole."""
    lines: list[str] = []
    for part in parts:
        if lines and cells(f"{lines[-1]}; {part}") <= width:
            lines[-1] += f"; {part}"
        else:
            lines.append(part)
    return lines


def last_first(view: Network, height: int) -> int:
    """The furthest first row."""
    spare = 2 if height >= 6 else 1 if height >= 4 else 0
    return max(len(view.layers) - max(height - 1 - spare, 1), 0)


def total(view: Network) -> str:
    """Parameters in all, and how many stand still."""
    words = f"{view.parameters:,} parameter{'' if view.parameters == 1 else 's'}"
    return words + (f", {view.frozen:,} of them frozen" if view.frozen else "")


def _fitting(layers: Sequence[Layer], width: int) -> list[tuple[_Column, int]]:
    sizes = {
        column: max([cells(column.heading), *(cells(column.says(layer)) for layer in layers)])
        for column in _COLUMNS
        if any(column.says(layer) not in ("", _NONE) for layer in layers)
        or column.heading in ("layer", "kind", "|grad|", "Δ/w")
    }
    kept = sorted(sizes, key=lambda column: -column.rank)
    while kept and sum(sizes[column] + 2 for column in kept) - 2 > width:
        kept.pop()
    return [(column, sizes[column]) for column in _COLUMNS if column in kept]


def _put(grid: Grid, x: int, y: int, text: str, size: int, column: _Column, ink: Ink) -> None:
    if column.left:
        grid.put(x, y, text, ink)
    else:
        grid.put_right(x + size, y, text, ink)


def _ink(column: _Column, layer: Layer, pens: Palette) -> Ink:
    if column.heading == "Δ/w" and layer.ratio is not None:
        fine = abs(layer.ratio - HEALTHY) <= _BAND
        return Ink(pens.good if fine else pens.valid)
    if column.heading == "dead" and layer.dead:
        return Ink(pens.bad if layer.dead >= 0.5 else pens.valid)
    return Ink(pens.text if layer.parameters or column.left else pens.faint)


def _at(value: float) -> int:
    share = (min(max(value, _LOW), _HIGH) - _LOW) / (_HIGH - _LOW)
    return round(share * (_GAUGE - 1))


def _scale(grid: Grid, x: int, y: int, pens: Palette) -> None:
    for value in (_LOW, HEALTHY, _HIGH):
        grid.put_middle(x + _at(value), y, f"{value:.0f}", Ink(pens.faint))


def _gauge(grid: Grid, x: int, y: int, layer: Layer, pens: Palette) -> None:
    if not layer.parameters:
        return
    grid.put(x, y, pens.signs.line_x * _GAUGE, Ink(pens.tint(pens.text, 0.25) or pens.faint))
    grid.put(x + _at(HEALTHY), y, pens.signs.beam, Ink(pens.good))
    if layer.ratio is not None and math.isfinite(layer.ratio):
        fine = abs(layer.ratio - HEALTHY) <= _BAND
        ink = Ink(pens.good if fine else pens.valid, bold=True)
        grid.put(x + _at(layer.ratio), y, pens.signs.point, ink)
