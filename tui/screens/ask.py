"""Ask for a value in one line, and say in place what is wrong with it."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.widgets import Input

from ..widgets.rows import Row, Rows, wrapped
from .dialog import Dialog


class _Line(Input):
    """Takes Enter in its turn among what is typed, and passes on what is typed after it."""

    async def _on_key(self, event: Key) -> None:
        screen = self.screen
        assert isinstance(screen, AskScreen)
        if not screen.is_current:
            event.stop()
            self.app.post_message(Key(event.key, event.character))
        elif event.key == "enter":
            event.stop()
            screen.submit(self.value)
        else:
            await super()._on_key(event)


class AskScreen(Dialog[str | None]):
    """Dismissed with the text, once `check` has nothing against it, or with `None`.

    `check` returns one sentence on what is wrong, or "".
    """

    AUTO_FOCUS = "*"
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
            yield _Line(self._value, id="value", select_on_focus=True)
            yield Rows(id="wrong")

    def on_mount(self) -> None:
        self._say("")

    def on_resize(self) -> None:
        self._say("")

    def submit(self, value: str) -> None:
        """Enter was pressed."""
        if wrong := self._check(value):
            self._say(wrong)
        else:
            self.dismiss(value)

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
