"""A box over the screen: what all dialogs have in common, and those of rows, with keys alone.

Keys are typed ahead of the screen. Those that come after the one that closes a dialog are meant
for what lies below, so a dialog acts on keys through bindings, which the app looks up when it
comes to a key: a handler of the dialog's own would still be called after it was closed.
"""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from ..widgets.rows import Row, Rows, width_of

R = TypeVar("R")
_EDGES = (4, 2)  # cells of border and padding, across and down


class Dialog(ModalScreen[R]):
    """Is dismissed once."""

    AUTO_FOCUS = ""

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Close it; if it is closed already, what lies below stays."""
        return super().dismiss(result) if self.is_current else AwaitComplete()


class RowsDialog(Dialog[R]):
    """Give `rows`; the box is as large as they are, and they are made anew at every size."""

    BOX: ClassVar[str] = "dialog"  # its name in the style sheet
    WIDEST: ClassVar[int] = 76

    def compose(self) -> ComposeResult:
        yield Rows(id=self.BOX)

    def on_mount(self) -> None:
        self.show_rows()

    def on_resize(self) -> None:
        self.show_rows()

    def rows(self, width: int, height: int) -> list[Row]:
        """At most `height` rows of at most `width` cells."""
        raise NotImplementedError

    @property
    def box(self) -> Rows:
        """Where the rows are."""
        return self.query_one(Rows)

    def show_rows(self) -> None:
        """Show what there is to show now."""
        width = max(1, min(self.WIDEST, self.size.width - _EDGES[0]))
        rows = self.rows(width, max(1, self.size.height - _EDGES[1]))
        self.box.styles.width = max(map(width_of, rows), default=0) + _EDGES[0]
        self.box.styles.height = len(rows) + _EDGES[1]
        self.box.paint(rows)
