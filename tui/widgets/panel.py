"""A bordered panel of rows that reads the screen's state; the focused title is in brackets."""

from typing import ClassVar

from textual.events import Resize
from textual.reactive import reactive

from ..state import Panel, ScreenState
from .rows import Row, Rows


def panel_title(title: str, focused: bool) -> str:
    """A border title: brackets say where the arrows act, without colour."""
    from rich.markup import escape

    return escape(f"[{title}]") if focused else escape(title)


class RowPanel(Rows):
    """Base of the knobs, step, text and output panels: give `lines` and `title`."""

    panel: ClassVar[Panel] = "picture"

    state: reactive[ScreenState | None] = reactive[ScreenState | None](None, repaint=False)

    _title = ""

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        """The rows to show in so many cells."""
        raise NotImplementedError

    def title(self, screen: ScreenState) -> str:
        """What stands in the border."""
        return self.panel

    def say_below(self, words: str) -> None:
        """Set the lower border's words if they differ: Textual repaints the whole widget for it."""
        if words != (self.border_subtitle or ""):
            self.border_subtitle = words

    def watch_state(self) -> None:
        self.show()

    def on_resize(self, _: Resize) -> None:
        self.show()

    def show(self) -> None:
        """Paint the present state."""
        screen = self.state
        if screen is None or not self.is_mounted:
            return
        focused = screen.focus == self.panel
        self.set_class(focused, "-focused")
        title = panel_title(self.signs(self.title(screen)), focused)
        if title != self._title:  # setting it repaints the whole widget, even to the same
            self._title = self.border_title = title
        if self.size.width and self.size.height:
            self.paint(self.lines(screen, self.size.width, self.size.height))
