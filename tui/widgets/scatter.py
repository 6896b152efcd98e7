"""Predicted against actual: on the diagonal is right."""

from msgspec.structs import replace

from ...engine.protocol.pictures import Scatter
from ..draw.axes import number
from ..draw.grid import Grid, Ink, message
from ..draw.palette import Palette
from ..draw.plot import Bounds, Stroke
from ..draw.xy import finite, widened, xy_chart

_CROWD = 24  # cells a point should have before it may be a whole character


def draw(view: Scatter, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """Train points as dots, held-out points as rings, and the diagonal."""
    actual = finite([*view.actual, *view.held_out_actual])
    if not actual:
        return message("no predictions yet", width, height, Ink(pens.faint))
    predicted = finite([*view.predicted, *view.held_out_predicted])
    across = widened(actual)
    span = across[1] - across[0]
    low = max(min([across[0], *predicted]), across[0] - span / 2)
    high = min(max([across[1], *predicted]), across[1] + span / 2)
    bounds = Bounds(*across, low, high)
    crowded = len(actual) * _CROWD > width * height
    marker = "" if crowded else pens.signs.point
    rings = pens.signs.ring_small if crowded else pens.signs.ring
    strokes = [
        Stroke(across, across, Ink(pens.faint)),
        Stroke(view.actual, view.predicted, Ink(pens.train), joined=False, marker=marker),
        Stroke(view.held_out_actual, view.held_out_predicted, Ink(pens.valid), marker=rings),
    ]
    x_name, y_name = "actual", "predicted"
    return xy_chart(strokes, bounds, width, height, pens, x_name, y_name)


def title(view: Scatter, pens: Palette) -> str:
    """What the border says: names and legend."""
    ring = f" {pens.signs.dot} held out {pens.signs.ring_small}" if view.held_out_actual else ""
    return f"predicted against actual {view.name}{ring}"


def without_held_out(view: Scatter) -> Scatter:
    """Only the training points."""
    return replace(view, held_out_actual=[], held_out_predicted=[])


def words(view: Scatter) -> str:
    """The picture as sentences: how far off, and which way."""
    said = [f"{view.name}, predicted against actual."]
    parts = (
        ("train", view.actual, view.predicted),
        ("held out", view.held_out_actual, view.held_out_predicted),
    )
    for part, actual, predicted in parts:
        off = finite(p - a for a, p in zip(actual, predicted, strict=False))
        if off:
            size = sum(abs(o) for o in off) / len(off)
            lean = sum(off) / len(off)
            said.append(
                f"{part}: {len(off)} points, off by {number(size)} on average "
                f"({number(abs(lean))} too {'high' if lean > 0 else 'low'} on the whole)."
            )
    return " ".join(said) if len(said) > 1 else f"{said[0]} No predictions yet."
