"""The model used by hand: draw an input with the keys or type it, and see the answer live.

Opened from the picture `predict`; closing it goes back there. Training goes on meanwhile.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from ...engine.protocol.pictures import Prediction
from ...engine.protocol.views import Failed, PredictRequest, View
from ..draw.grid import Grid, Ink, message
from ..predict_input import asked, parsed, typed
from ..widgets import board, predict
from ..widgets.board import Sketch
from ..widgets.cells import CellsWidget
from ..widgets.rows import Row, Rows, fitted
from .ask import AskScreen

if TYPE_CHECKING:
    from .live import LiveScreen

_TYPE_AT_MOST = 200  # numbers that anyone would type


class Board(CellsWidget):
    """The input and the answer, as the screen has them."""

    DEFAULT_CSS = "Board { width: 1fr; height: 1fr; }"
    view: Prediction | None = None
    sketch = Sketch()
    trouble = ""

    def drawn(self, width: int, height: int) -> Grid:
        if self.view is None or self.trouble:
            said = self.trouble or "asking the model"
            return message(said, width, height, Ink(self.pens.bad if self.trouble else ""))
        return board.draw(self.view, self.sketch, width, height, self.pens)

    def in_words(self) -> str:
        return predict.words(self.view) if self.view else self.trouble


class PredictScreen(ModalScreen[None]):
    """Asks the engine through the live screen it stands on, which hands views over to `show`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"move({x}, {y})", show=False)
            for key, x, y in (
                ("left,h", -1, 0),
                ("right,l", 1, 0),
                ("up,k", 0, -1),
                ("down,j", 0, 1),
            )
        ),
        Binding("space", "pen", show=False),
        Binding("c", "clear", show=False),
        Binding("left_square_bracket", "example(-1)", show=False),
        Binding("right_square_bracket", "example(1)", show=False),
        Binding("enter", "type", show=False),
        Binding("escape,q,p", "dismiss(None)", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self, live: "LiveScreen", index: int = 0) -> None:
        super().__init__()
        self._live = live
        self._index = index
        self._values: tuple[float, ...] = ()

    @property
    def request(self) -> PredictRequest:
        """What the engine is to answer now."""
        return PredictRequest(self._values, self._index)

    def compose(self) -> ComposeResult:
        yield Rows(id="title")
        yield Board(ascii=self._live.foghill.ascii, id="board")
        yield Rows(id="keys")

    def on_mount(self) -> None:
        self._live.using = self
        self._live.look()
        self._tell()

    def on_resize(self) -> None:
        self._tell()

    def show(self, request: PredictRequest, view: View) -> None:
        """What the engine answered; older answers are passed over."""
        if request != self.request or not self.is_mounted:
            return
        here = self.query_one(Board)
        here.trouble = view.sentence if isinstance(view, Failed) else ""
        if isinstance(view, Prediction):
            here.view = view
            if not here.sketch.own:
                place = here.sketch
                here.sketch = replace(place, values=tuple(view.given))
        here.redraw()
        self._tell()

    def action_move(self, across: int, down: int) -> None:
        """The pen over an image; through the examples of other inputs."""
        if self._draws:
            self._take(board.moved(self._sketch, self._view, across, down))
        else:
            self.action_example(across or down)

    def action_pen(self) -> None:
        if self._draws:
            self._take(board.pressed(self._sketch, self._view))

    def action_clear(self) -> None:
        if self._draws:
            self._take(board.cleared(self._sketch, self._view))

    def action_example(self, step: int) -> None:
        """Another example of the data, in place of what was drawn or typed."""
        total = max(self._view.total, 1) if self._has_view else 1
        self._index = (self._index + step) % total
        self._values = ()
        self._sketch = replace(self._sketch, own=False, pen="up")
        self._live.look()
        self._tell()

    def action_type(self) -> None:
        """The input as numbers and words."""
        if not self._has_view or len(self._view.given) > _TYPE_AT_MOST or not self._view.typed:
            return
        view = self._view

        def wrong(text: str) -> str:
            try:
                count = len(parsed(text, view.inputs))
            except ValueError as error:
                return str(error)
            return "" if count == len(view.given) else f"{len(view.given)} numbers, not {count}"

        def take(text: str | None) -> None:
            if text is not None:
                self._take(Sketch(parsed(text, view.inputs), own=True))

        self.app.push_screen(AskScreen("One input", (asked(view),), typed(view), wrong), take)

    @property
    def _has_view(self) -> bool:
        return self.query_one(Board).view is not None

    @property
    def _view(self) -> Prediction:
        view = self.query_one(Board).view
        assert view is not None
        return view

    @property
    def _draws(self) -> bool:
        """The input is an image that can be drawn."""
        return self._has_view and self._view.typed and predict.side(self._view.shape) is not None

    @property
    def _sketch(self) -> Sketch:
        return self.query_one(Board).sketch

    @_sketch.setter
    def _sketch(self, sketch: Sketch) -> None:
        self.query_one(Board).sketch = sketch

    def _take(self, sketch: Sketch) -> None:
        """Show the sketch, and ask about it if its numbers are new."""
        self._sketch = sketch
        if sketch.own and sketch.values != self._values:
            self._values = sketch.values
            self._live.look()
        self.query_one(Board).redraw()
        self._tell()

    def _tell(self) -> None:
        """Title and keys."""
        here = self.query_one(Board)
        run = self._live.state.run
        name = predict.title(here.view, here.pens) if here.view else "predict"
        if here.sketch.own:
            name = "predict · an input of your own"
        row: Row = ((f" {name}", "strong"), (f" · {run.run} at step {run.step:,}", "dim"))
        self.query_one("#title", Rows).paint([fitted(row, self.size.width)])
        self.query_one("#keys", Rows).paint([fitted(self._keys(here), self.size.width)])

    def _keys(self, here: Board) -> Row:
        pen = {"up": "pen down", "draw": "pen up (it draws)", "erase": "pen up (it erases)"}
        pairs = [("[ ]", "examples"), ("esc", "back")]
        if self._draws:
            drawn = [("arrows", "move"), ("space", pen[here.sketch.pen]), ("c", "clear")]
            pairs = [*drawn, *pairs]
        elif here.view is not None and here.view.typed:
            pairs = [("enter", "type an input"), *pairs]
        row: Row = ()
        for key, words in pairs:
            row = (*row, (f" {key}", "key"), (f" {words} ", ""))
        return row


def use(live: "LiveScreen") -> None:
    """Open it, at the example that the picture shows."""
    from ..widgets.framed import PaintedPanel

    view = live.query_one(PaintedPanel).view
    index = view.example if isinstance(view, Prediction) and view.example >= 0 else 0

    def closed(_: None) -> None:
        live.using = None
        live.look()

    live.app.push_screen(PredictScreen(live, index), closed)
