"""The banner: what went wrong, in one sentence, with the user's file, line and source."""

from ..state import ScreenState
from .panel import RowPanel
from .rows import Row, fitted, wrapped

_MOST = 4


class Banner(RowPanel):
    """Grows with what it says and goes away with it. It never stands in the way of a key."""

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        return banner_rows(screen, width)

    def show(self) -> None:
        screen = self.state
        if screen is None or not self.is_mounted:
            return
        width = (self.parent.size.width if self.parent is not None else screen.width) or 80  # pyright: ignore
        rows = [] if screen.tiny else self.lines(screen, width, 0)
        self.display = bool(rows)
        self.styles.height = max(1, len(rows))
        self.paint(rows)


def banner_rows(screen: ScreenState, width: int) -> list[Row]:
    """No rows where nothing is wrong."""
    rows: list[Row] = []
    problem = screen.run.problem
    if problem is not None:
        rows += [
            ((" " + line, "bad"),) for line in wrapped("! " + problem.sentence, width - 2, _MOST)
        ]
        where = (
            f"{problem.file}, line {problem.line}"
            if problem.file and problem.line
            else problem.file
        )
        if where and problem.source:
            where += ": "
        if (where or problem.source) and not _told(problem.sentence, problem.file, problem.line):
            rows.append(fitted(((f"   {where}", ""), (problem.source.strip(), "strong")), width))
        elif problem.source and problem.source.strip() not in problem.sentence:
            rows.append(fitted((("   ", ""), (problem.source.strip(), "strong")), width))
    if screen.connection in ("lost", "ended"):
        rows += [
            ((" " + line, "warn"),) for line in wrapped("! " + screen.trouble, width - 2, _MOST)
        ]
    return rows


def _told(sentence: str, file: str, line: int) -> bool:
    """The sentence already names the place."""
    return file.rsplit("/", 1)[-1] in sentence and f"line {line}" in sentence
