"""The coach's line above the keys: what it sees, from which numbers, and the key that would help.

There only while the coach has something to say. The dialog with more is `screens/advice.py`.
"""

from ...engine.protocol.state import Advice
from ..state import ScreenState
from .panel import RowPanel
from .rows import Row, fitted, width_of, wrapped

ALARM = "▲ ALARM"
_TALL = 32  # rows of a screen with room for a second line
_ROOMY_ROWS = 2


class CoachLine(RowPanel):
    """Goes where there is little room, and while nothing is known; on a roomy screen its place
    is kept, so that nothing jumps, and nothing is painted anew, when the coach begins to speak."""

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        most = 2 if screen.height >= _TALL else 1
        return coach_rows(screen.told.coach, width, most, screen.drives)

    def show(self) -> None:
        screen = self.state
        if screen is None or not self.is_mounted:
            return
        rows = [] if screen.narrow or screen.tiny else self.lines(screen, screen.width, 0)
        self.display = screen.roomy or bool(rows)
        if self.display:
            self.styles.height = _ROOMY_ROWS if screen.roomy else len(rows)
            self.paint(rows)


def coach_rows(advice: Advice | None, width: int, most: int = 1, drives: bool = True) -> list[Row]:
    """The verdict, its sentence and the key that would help, in at most so many rows."""
    if advice is None:
        return []
    head: Row = ((" ", ""),)
    if advice.alarm:
        head = (*head, (ALARM, "bad"), ("  ", ""))
    head = (*head, ("coach  ", "accent"), (f"{advice.verdict}: ", "warn"))
    key = _key(advice, drives)
    room = width - width_of(head) - 1
    if len(advice.sentence) + width_of(key) <= room:
        return [(*head, (advice.sentence, ""), *key)]
    if most == 1:
        shown = _whole_words(advice.sentence, max(room - width_of(key), 12))
        return [fitted((*head, (shown, ""), *key), width)]
    first, *rest = wrapped(advice.sentence, max(room, 12), 1000) or [""]
    margin: Row = ((" " * len(" coach  "), ""),)
    words = " ".join(rest)
    if not words:
        return [fitted((*head, (first, "")), width), fitted((*margin, *key[1:]), width)]
    left = width - width_of(margin) - width_of(key) - 1
    second = _whole_words(words, max(left, 12))
    return [fitted((*head, (first, "")), width), fitted((*margin, (second, ""), *key), width)]


def _whole_words(text: str, room: int) -> str:
    """As many as fit: half a number would be another number."""
    return text if len(text) <= room else wrapped(text, room - 1)[0] + "…"


def _key(advice: Advice, drives: bool) -> Row:
    """What `a` does: take the advice, or only tell more."""
    words = advice.remedy or "more"
    if not drives and not advice.remedy:
        return ()
    return ((" · ", "dim"), ("a", "key"), (f": {words}", ""))
