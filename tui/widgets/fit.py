"""A function of one input through its points."""

from ...engine.protocol.views import Fit
from ..draw.axes import number
from ..draw.grid import Grid, Ink, message
from ..draw.palette import Palette
from ..draw.plot import Bounds, Stroke
from ..draw.xy import finite, widened, xy_chart


def draw(view: Fit, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The curve with train points filled and held-out points as rings.

    The range of y is that of the points, so it stays when the curve runs away.
    """
    bounds = _bounds(view)
    if bounds is None:
        return message("no points and no curve yet", width, height, Ink(pens.faint))
    signs = pens.signs
    strokes = [
        Stroke(xs, ys, Ink(pens.faint if i else pens.accent), plain="." if i else "*")
        for i, (_, xs, ys) in enumerate(view.lines)
    ]
    strokes.reverse()  # the model's own line over the others
    strokes.append(Stroke(*view.points, Ink(pens.train), marker=signs.point))
    strokes.append(Stroke(*view.held_out, Ink(pens.valid, bold=True), marker=signs.ring))
    return xy_chart(strokes, bounds, width, height, pens, view.x_name, view.y_name)


def title(view: Fit, pens: Palette) -> str:
    """What the border says: names and legend."""
    parts = [f"{view.y_name} of {view.x_name}", f"train {pens.signs.point}"]
    if view.held_out[0]:
        parts.append(f"held out {pens.signs.ring}")
    return f" {pens.signs.dot} ".join(parts)


def words(view: Fit) -> str:
    """The picture as sentences."""
    shown = f"{len(view.points[0])} points"
    if view.held_out[0]:
        shown += f" and {len(view.held_out[0])} held out"
    said = [f"{view.y_name} of {view.x_name}: {shown}."]
    for name, xs, ys in view.lines:
        if not ys:
            continue
        places = sorted({0, len(ys) // 4, len(ys) // 2, len(ys) * 3 // 4, len(ys) - 1})
        values = ", ".join(f"{number(ys[i])} at {number(xs[i])}" for i in places)
        said.append(f"The curve {name or 'of the model'}: {values}.")
    return " ".join(said)


def _bounds(view: Fit) -> Bounds | None:
    xs = finite([*view.points[0], *view.held_out[0]])
    ys = finite([*view.points[1], *view.held_out[1]])
    across = finite(x for _, line_xs, _ in view.lines for x in line_xs)
    if not ys:
        ys = finite(y for _, _, line_ys in view.lines for y in line_ys)
    if not ys:
        return None
    return Bounds(*widened(across or xs, 0.0 if across else 0.03), *widened(ys, 0.15))
