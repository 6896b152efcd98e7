"""A network: its neurons if it is small, its layers in numbers, its weight matrices.

Three sheets of one picture; `page` is the sheet times `SHEET` plus the first row of the layers.
"""

from typing import Literal

from msgspec.structs import replace

from ...engine.protocol.pictures import Layer, Network
from ..draw.axes import number
from ..draw.grid import Grid, Ink, message
from ..draw.palette import Palette
from .layer_rows import draw_layers, total
from .matrices import draw_matrices
from .neurons import draw_neurons, layout

SHEET = 10_000
_BELOW = 4  # rows of a layer table under the neurons, besides one a layer
_CRAMPED = "no room for its neurons: z, or a larger terminal"
Sheet = Literal["neurons", "layers", "weights"]


def draw(view: Network, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The sheet asked for."""
    if not view.layers:
        return message("the model has no layers to show", width, height, Ink(pens.faint))
    sheet, first = divmod(page, SHEET)
    match sheet_of(view, sheet, width, height):
        case "neurons":
            return _neurons(view, width, height, pens)
        case "weights":
            return draw_matrices(view, width, height, pens)
        case "layers":
            if view.columns and layout(view, width, height) is None:
                view = replace(view, notes=(_CRAMPED, *view.notes))
            return draw_layers(view, width, height, pens, first)


def sheets(view: Network, width: int, height: int) -> tuple[Sheet, ...]:
    """What there is to turn to."""
    there: list[Sheet] = ["layers"]
    if layout(view, width, height):
        there.insert(0, "neurons")
    if view.matrices:
        there.append("weights")
    return tuple(there)


def sheet_of(view: Network, number: int, width: int, height: int) -> Sheet:
    there = sheets(view, width, height)
    return there[number % len(there)]


def _neurons(view: Network, width: int, height: int, pens: Palette) -> Grid:
    """With the layers in numbers below, where that leaves the neurons large."""
    grid = Grid(width, height)
    shown = [layer for layer in view.layers if layer.parameters]
    below = len(shown) + _BELOW
    place = layout(view, width, height - below) if height > below else None
    whole = layout(view, width, height)
    assert whole is not None
    if place is None or place.rows < min(whole.rows, 4):
        return draw_neurons(view, whole, width, height, pens)
    above = height - below
    grid.lay(draw_neurons(view, place, width, above, pens), 0, 0)
    numbers = draw_layers(replace(view, layers=tuple(shown)), width, below - 1, pens)
    grid.lay(numbers, 0, above + 1)
    return grid


def title(view: Network, pens: Palette) -> str:
    """What the border says."""
    return f" {pens.signs.dot} ".join(["network", total(view)])


def words(view: Network) -> str:
    """The picture as sentences, layer by layer."""
    said = [f"{total(view)} in {len(view.layers)} layers."]
    said += [_layer_in_words(layer) for layer in view.layers]
    return " ".join(said)


def _layer_in_words(layer: Layer) -> str:
    parts = [f"{layer.name or 'the whole'}, {layer.kind}"]
    if layer.shape:
        parts.append(f"gives {layer.shape}")
    if layer.parameters:
        parts.append(f"{layer.parameters:,} parameters")
    for name, value in (
        ("weights spread", layer.weight_std),
        ("output mean", layer.mean),
        ("spread", layer.std),
        ("gradient", layer.gradient),
    ):
        if value is not None:
            parts.append(f"{name} {number(value)}")
    if layer.ratio is not None:
        parts.append(f"update to weight 10 to the {layer.ratio:.1f}")
    if layer.dead is not None:
        parts.append(f"{100 * layer.dead:.0f} % of its units dead")
    return ", ".join(parts) + "."
