"""The line above the keys that says what a lesson asks to try next, and ticks what was done."""

from textual.timer import Timer

from ...engine.protocol.state import Try
from ..listing import TICK
from ..state import ScreenState
from .panel import RowPanel
from .rows import Row, fitted, wrapped

_SAID_SECONDS = 5.0  # how long the line says that something was ticked
_TALL = 24  # rows of a screen with room for a second line
_ROOMY_ROWS = 2


class TryLine(RowPanel):
    """There only where the text has things to try; goes where there is little room.

    On a roomy screen it is always as high, so that nothing jumps.
    """

    _ticked: tuple[int, ...] = ()  # numbers ticked a moment ago
    _known: tuple[Try, ...] = ()
    _timer: Timer | None = None

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        return try_rows(screen.run.tries, self._ticked, width, 2 if screen.height >= _TALL else 1)

    def show(self) -> None:
        screen = self.state
        if screen is None or not self.is_mounted:
            return
        if new := newly_done(self._known, screen.run.tries):
            self._ticked = new
            if self._timer is not None:
                self._timer.stop()
            self._timer = self.set_timer(_SAID_SECONDS, self._said)
        self._known = screen.run.tries
        rows = [] if screen.narrow or screen.tiny else self.lines(screen, screen.width, 0)
        self.display = bool(rows)
        if rows:
            self.styles.height = _ROOMY_ROWS if screen.roomy else len(rows)
            self.paint(rows)

    def _said(self) -> None:
        self._ticked = ()
        self.show()


def newly_done(before: tuple[Try, ...], after: tuple[Try, ...]) -> tuple[int, ...]:
    """Numbers of the items that were open before and are not now."""
    were_open = {one.number for one in before if not one.done}
    return tuple(one.number for one in after if one.done and one.number in were_open)


def try_rows(
    tries: tuple[Try, ...], ticked: tuple[int, ...], width: int, most: int = 1
) -> list[Row]:
    """What was ticked just now and the first item still open, in at most so many rows."""
    if not tries:
        return []
    done = f"{TICK} {', '.join(map(str, ticked))} done " if ticked else ""
    following = next((one for one in tries if not one.done), None)
    if following is None:
        end = f" {TICK} all {len(tries)} tried" if len(tries) > 1 else f" {TICK} tried"
        return [fitted(((end, "good"), (" · press 0 for what to read", "dim")), width)]
    head = f"try {following.number}/{len(tries)}  "
    if ticked and not _fits(following.text, width - len(done) - len(head), most):
        done, head = f"{TICK}{ticked[-1]} ", head.removeprefix("try ")
    margin = 1 + len(done) + len(head)
    first, *rest = wrapped(following.text, max(width - margin - 1, 10), 1000)
    if most == 1 and rest:
        first = f"{first} {rest[0]}"
    rows: list[Row] = [((" ", ""), (done, "good"), (head, "accent"), (first, ""))]
    if most > 1 and rest:
        rows.append(((" " * margin, ""), (" ".join(rest), "")))
    return [fitted(row, width) for row in rows]


def _fits(text: str, width: int, most: int) -> bool:
    return len(wrapped(text, max(width - 2, 10), most + 1)) <= most
