"""The text panel: what the experiment says of itself, and lasting remarks on this run."""

import re
from collections.abc import Collection, Iterable

from ..listing import TICK
from ..state import TEXT, ScreenState
from .panel import RowPanel
from .picture_title import picture_title
from .rows import Row, more_lines, paragraphs, wrapped


class Scrolled(RowPanel):
    """More lines than fit: `scroll_by` moves through them."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._top = 0

    def all_lines(self, screen: ScreenState, width: int) -> list[Row]:
        """Every row there is."""
        raise NotImplementedError

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        every = self.all_lines(screen, width - 1)
        self._top = max(0, min(self._top, len(every) - height))
        shown = every[self._top : self._top + height]
        hidden = len(every) - self._top - height
        self.say_below(self.signs(more_lines(hidden)))
        return shown

    def scroll_rows(self, rows: int) -> None:
        """Move down by `rows`, or up."""
        self._top = max(0, self._top + rows)
        self.show()


class TextPanel(Scrolled):
    """The lesson's text, or the docstring of the user's file."""

    HELP = "Text. What the experiment says of itself. Up and down scroll."

    def all_lines(self, screen: ScreenState, width: int) -> list[Row]:
        return text_rows(screen, width)

    def title(self, screen: ScreenState) -> str:
        return picture_title(screen, self.size.width, TEXT)


def text_rows(screen: ScreenState, width: int) -> list[Row]:
    """Title, remarks, text."""
    run = screen.run
    rows: list[Row] = []
    if run.title:
        rows += [((line, "strong"),) for line in wrapped(run.title, width)] + [()]
    for note in run.notes:
        rows += [((line, "accent"),) for line in wrapped(f"• {note}", width)]
    if run.notes:
        rows.append(())
    rows += ticked(paragraphs(run.text, width), {one.number for one in run.tries if one.done})
    if not rows:
        words = "starting" if run.status == "warming up" else "this experiment has no docstring"
        rows = [((words, "dim"),)]
    return rows


_ITEM = re.compile(r"  (\d+)\. ")


def ticked(lines: Iterable[str], done: Collection[int]) -> list[Row]:
    """Rows of a text, with a tick before those items of its section Try that are done."""
    rows: list[Row] = []
    trying = False
    for line in lines:
        if line and not line[0].isspace():
            trying = line == "Try"
        found = _ITEM.match(line) if trying else None
        if found is not None and int(found[1]) in done:
            rows.append(((TICK, "good"), (line[1:], "")))
        else:
            rows.append(((line, ""),))
    return rows
