"""A function of one input through its points, and those of earlier weights beside it."""

from msgspec.structs import replace

from ...engine.protocol.pictures import Fit
from ..draw.axes import number
from ..draw.grid import Grid, Ink, message
from ..draw.palette import Palette
from ..draw.plot import Bounds, Stroke
from ..draw.xy import finite, widened, xy_chart

_APART = 4  # of a dotted line's values one is drawn
_BEST, _CROSS = "best", "+"
_MANY = 100  # held-out points


def draw(view: Fit, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """The model's curve, that at its best in crosses, the others dotted; train points filled and
    held-out points as rings.

    The range of y is the experiment's own, or that of the points, so it stays when the curve
    runs away.
    """
    bounds = _bounds(view)
    if bounds is None:
        return message("no points and no curve yet", width, height, Ink(pens.faint))
    signs = pens.signs
    strokes = [
        Stroke(xs[::_APART], ys[::_APART], Ink(pens.valid), marker=_CROSS)
        if name.startswith(_BEST)
        else Stroke(xs[::_APART], ys[::_APART], Ink(pens.faint), joined=False)
        for name, xs, ys in view.lines[1:]
    ]
    strokes += [Stroke(xs, ys, Ink(pens.accent), plain="*") for _, xs, ys in view.lines[:1]]
    strokes.append(Stroke(*view.points, Ink(pens.train), marker=signs.point))
    if len(view.held_out[0]) > _MANY:  # they would hide the curve
        ink = Ink(pens.tint(pens.valid, 0.6) or pens.valid)
        strokes.insert(0, Stroke(*view.held_out, ink, marker=signs.ring_small))
    else:
        strokes.append(Stroke(*view.held_out, Ink(pens.valid, bold=True), marker=signs.ring))
    return xy_chart(strokes, bounds, width, height, pens, view.x_name, view.y_name)


def title(view: Fit, pens: Palette) -> str:
    """What the border says: names and legend."""
    signs = pens.signs
    parts = [f"{view.y_name} of {view.x_name}", f"train {signs.point}"]
    if view.held_out[0]:
        parts.append(f"held out {signs.ring}")
    parts += [f"{name} {signs.solid}" for name, _, _ in view.lines[:1]]
    parts += [
        f"{name} {_CROSS if name.startswith(_BEST) else signs.dotted}"
        for name, _, _ in view.lines[1:]
    ]
    return f" {signs.dot} ".join(parts)


def without_held_out(view: Fit) -> Fit:
    """Only the training points, and no curve of the weights that held-out data found best."""
    lines = tuple(line for line in view.lines if not line[0].startswith(_BEST))
    return replace(view, held_out=([], []), lines=lines)


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
    spans = bool(across) and max(across) > min(across)
    left, right = (min(across), max(across)) if spans else widened(xs, 0.03)
    low, high = view.y_range or widened(ys, 0.15)
    return Bounds(left, right, low, high)
