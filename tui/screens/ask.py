"""Ask for a value in one line, and say in place what is wrong with it."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from ..widgets.rows import Row, Rows, wrapped


class AskScreen(ModalScreen[str | None]):
    """Dismissed with the text, once `check` has nothing against it, or with `None`.

    `check` returns one sentence on what is wrong, or "".
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(
        self,
        question: str,
        hints: tuple[str, ...] = (),
        value: str = "",
        check: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self._question = question
        self._hints = hints
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Rows(id="question")
            yield Input(self._value, id="value", select_on_focus=True)
            yield Rows(id="wrong")

    def on_mount(self) -> None:
        self._say("")

    def on_resize(self) -> None:
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if wrong := self._check(event.value):
            self._say(wrong)
        else:
            self.dismiss(event.value)

    def on_input_changed(self, _: Input.Changed) -> None:
        self._say("")

    def _say(self, wrong: str) -> None:
        width = max(1, min(76, self.size.width - 4))
        above: list[Row] = [((line, "strong"),) for line in wrapped(self._question, width)]
        for hint in self._hints:
            above += [((line, "dim"),) for line in wrapped(hint, width)]
        below: list[Row] = [((line, "bad"),) for line in wrapped(f"! {wrong}", width)]
        if not wrong:
            below = [(("enter apply  esc back", "dim"),)]
        for name, rows in (("#question", above), ("#wrong", below)):
            part = self.query_one(name, Rows)
            part.styles.height = len(rows)
            part.paint(rows)
