"""What the tests of drawn widgets share: a bare app, views with something in them, any size."""

from foghill.engine.protocol.pictures import (
    Bars,
    Confusion,
    Drawing,
    Example,
    Field,
    Fit,
    Gallery,
    Landscape,
    Scatter,
    Table,
    Trail,
)
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import Curve, CurveRequest, Line
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.widget import Widget

sizes = st.tuples(st.integers(0, 300), st.integers(0, 100))
numbers = st.one_of(st.floats(), st.floats(-10, 10))


class Bare(App[None]):
    """One widget on the whole screen, and the messages it posted."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.heard: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_request_changed(self, message: object) -> None:
        self.heard.append(message)

    def on_exact_wanted(self, message: object) -> None:
        self.heard.append(message)


def lines_of(app: App[None]) -> list[str]:
    """The rows of the screen as text."""
    width, height = app.size
    return [
        "".join(segment.text for segment in strip)[:width].rstrip()
        for strip in app.screen._compositor.render_strips()[:height]
    ]


def state(**values: object) -> State:
    known = {"run": "r", "directory": "/r", "experiment": "e", "series": ("loss",), "step": 100}
    return State(**{**known, **values})  # type: ignore[arg-type]


def curve(request: CurveRequest, series: dict[str, dict[int, float]]) -> Curve:
    """The answer to a request, in bins of 2**k steps as the engine makes them."""
    width = 1
    while (request.last - request.first) // width + 1 > request.columns:
        width *= 2
    lines = []
    for name in request.series:
        bins: dict[int, list[float]] = {}
        for step, value in series.get(name, {}).items():
            if request.first <= step <= request.last:
                bins.setdefault(step // width * width, []).append(value)
        lines.append(
            Line(
                name,
                list(bins),
                [min(v) for v in bins.values()],
                [sum(v) / len(v) for v in bins.values()],
                [max(v) for v in bins.values()],
                [],
            )
        )
    return Curve(request.first, request.last, width, tuple(lines))


FIT = Fit(
    "t", "h", ([0.0, 1.0, 2.0], [4.0, 1.0, 4.0]), ([3.0], [9.0]),
    (("model", [0.0, 1.0, 2.0, 3.0], [4.0, 1.0, 3.0, 1e30]),),
)  # fmt: skip
FIELD = Field(
    "x1", "x2", (-1.0, 1.0), (-1.0, 1.0),
    [[0.0, 1.0], [0.0, 1.0]], [[0.9, 0.6], [0.9, 0.99]], ("in", "out"),
    ([-0.5, 0.5], [0.5, -0.5], [0.0, 1.0]), ([0.0], [0.0], [1.0]),
)  # fmt: skip
SURFACE = Field(
    "a", "b", (0.0, 1.0), (0.0, 1.0), [[0.0, 1.0], [2.0, 3.0]], [], (),
    ([0.5], [0.5], [1.5]), ([], [], []),
)  # fmt: skip
GALLERY = Gallery(
    ("0", "1", "2"),
    (
        Example(0, 2, 2, bytes([0, 255, 255, 0]), 1, 1, [0.1, 0.8, 0.1]),
        Example(1, 2, 2, bytes([255, 0, 0, 255]), 2, 0, [0.7, 0.1, 0.2]),
    ),
    40,
    "held out",
)
CONFUSION = Confusion(("cat", "dog"), [[8, 2], [1, 9]], "held out")
SCATTER = Scatter("price", [1.0, 2.0, 3.0], [1.1, 2.5, 2.9], [2.0], [2.2])
BARS = Bars("weights", ("age", "bmi", "bias"), [-2.0, 4.0, 0.5])
DRAWING = Drawing((("wave", [0.0, 1.0, 0.0, -1.0]),), (("w", [[0.0, 1.0], [2.0, 3.0]]),))
TABLE = Table(
    "steps", ("step", "loss"), (("1", "2.5"), ("2", "0.125")), ("two steps",), (1,), 0, 30, 1
)
_ACROSS = [x / 4 - 6 for x in range(65)]  # -6 to 10
RIDGE = Landscape(
    ("w",), _ACROSS, [], [[0.25 * (x - 2) ** 2 + 0.4 for x in _ACROSS]],
    Trail("this run", [-3.0, -1.75, -0.8125], [], [6.65, 3.915625, 2.377539]),
    Trail("to come", [-0.8125, -0.1, 0.4, 2.0], [], [2.377539, 1.5, 1.04, 0.4]),
    slope=(-1.40625,), update=(0.703125,), bend=0.5, lowest=(2.0, 0.4),
)  # fmt: skip
RELIEF = Landscape(
    ("x", "y"), [-2.0, -1.0, 0.0, 1.0, 2.0], [1.0, 0.0, -1.0],
    [[x * x + 4 * y * y for x in (-2, -1, 0, 1, 2)] for y in (1, 0, -1)],
    Trail("this run", [-2.0, -1.0], [1.0, 0.5], [8.0, 2.0]),
    Trail("to come", [-1.0, 0.0], [0.5, 0.0], [2.0, 0.0]),
    (Trail("adam", [-2.0, 1.0], [1.0, -0.5], [8.0, 2.0]),),
    slope=(-2.0, 4.0), update=(0.2, -0.4), lowest=(0.0, 0.0, 0.0), page=0, pages=3,
)  # fmt: skip
EVERY = (
    FIT, FIELD, SURFACE, GALLERY, CONFUSION, SCATTER, BARS, DRAWING, TABLE, RIDGE, RELIEF,
)  # fmt: skip
