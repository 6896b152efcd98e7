"""A box of rows over the screen: the base of dialogs that show and ask with keys alone."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.screen import ModalScreen

from ..widgets.rows import Row, Rows, width_of

R = TypeVar("R")
_EDGES = (4, 2)  # cells of border and padding, across and down


class RowsDialog(ModalScreen[R]):
    """Give `rows`; the box is as large as they are, and they are made anew at every size."""

    AUTO_FOCUS = ""
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
