"""What the tests of drawn widgets share: a bare app, views with something in them, any size."""

from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import (
    Bars,
    Confusion,
    Curve,
    CurveRequest,
    Drawing,
    Example,
    Field,
    Fit,
    Gallery,
    Line,
    Scatter,
)
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
EVERY = (FIT, FIELD, SURFACE, GALLERY, CONFUSION, SCATTER, BARS, DRAWING)
