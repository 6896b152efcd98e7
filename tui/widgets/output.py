"""The output panel: the last lines that the engine and the experiment's own code printed."""

from ...engine.protocol.views import Failed, Output
from ..state import OUTPUT, ScreenState
from .picture_title import picture_title
from .rows import Row, wrapped
from .text import Scrolled


class OutputPanel(Scrolled):
    """Stays at the end unless scrolled up."""

    HELP = "Output. The last lines that the engine and your own code printed. Up and down scroll."

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: Output | Failed | None = None
        self._follow = True

    def observe(self, view: Output | Failed) -> None:
        """Newer output from the engine."""
        self._view = view
        self.show()

    def scroll_rows(self, rows: int) -> None:
        self._follow = False
        super().scroll_rows(rows)
        if not self.border_subtitle:
            self._follow = True

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        if self._follow:
            self._top = 10**9
        return super().lines(screen, width, height)

    def all_lines(self, screen: ScreenState, width: int) -> list[Row]:
        return output_rows(self._view, width)

    def title(self, screen: ScreenState) -> str:
        return picture_title(screen, self.size.width, OUTPUT)


def output_rows(view: Output | Failed | None, width: int) -> list[Row]:
    """Long lines are wrapped, terminal escapes dropped."""
    if isinstance(view, Failed):
        return [((line, "warn"),) for line in wrapped(view.sentence, width)]
    if view is None or not view.lines:
        return [(("nothing was printed", "dim"),)]
    rows: list[Row] = []
    for line in view.lines:
        rows += [((part, ""),) for part in _broken(_printable(line), width)]
    return rows


def _printable(line: str) -> str:
    import re

    line = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]", "", line.expandtabs())
    line = line.rstrip("\r\n").rsplit("\r", 1)[-1]
    return "".join(sign if sign.isprintable() else "·" for sign in line)


def _broken(line: str, width: int) -> list[str]:
    from rich.cells import chop_cells

    return chop_cells(line, max(width, 1)) or [""]
