"""What the coach has to say, at length; enter takes its advice. Dismissed with whether to."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ...engine.protocol.knob import format_value
from ...engine.protocol.state import Advice, State
from ..widgets.rows import Row, wrapped
from .dialog import RowsDialog

if TYPE_CHECKING:
    from .live import LiveScreen


def show(screen: "LiveScreen") -> None:
    """Open it on what the coach says now, and take the advice where that is wanted."""
    advice = screen.state.told.coach
    if advice is None:
        return

    def take(wanted: bool | None) -> None:
        if wanted:
            screen.apply(dict(advice.knobs))

    screen.app.push_screen(AdviceScreen(advice, screen.state.drives), take)


def ring(screen: "LiveScreen", before: State, after: State) -> None:
    """The bell, for those who want it, the moment the alarm begins."""
    if screen.state.bell and alarmed(after) and not alarmed(before):
        screen.app.bell()


def alarmed(run: State) -> bool:
    return run.coach is not None and run.coach.alarm


class AdviceScreen(RowsDialog[bool]):
    """Verdict, numbers, why, what helps."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", show=False),
        Binding("escape,q,a", "dismiss(False)", show=False),
    ]

    def __init__(self, advice: Advice, drives: bool = True) -> None:
        super().__init__()
        self._advice = advice
        self._offers = bool(advice.knobs) and drives

    def action_take(self) -> None:
        self.dismiss(self._offers)

    def rows(self, width: int, height: int) -> list[Row]:
        rows = advice_rows(self._advice, width, self._offers)
        most = max(3, height)
        return rows if len(rows) <= most else [*rows[: most - 1], rows[-1]]


def advice_rows(advice: Advice, width: int, offers: bool) -> list[Row]:
    """The dialog's rows."""
    rows: list[Row] = [((f"coach: {advice.verdict}", "warn"),), ()]
    rows += [((line, ""),) for line in wrapped(_sentence(advice.sentence), width)]
    for paragraph in advice.more.split("\n"):
        rows += [(), *(((line, "dim"),) for line in wrapped(paragraph, width))] if paragraph else []
    if advice.remedy:
        rows += [(), (("what helps  ", "accent"), (advice.remedy, "strong"))]
    if offers:
        values = ", ".join(f"{name} = {format_value(v)}" for name, v in advice.knobs.items())
        rows += [(), (("enter", "key"), (f" set {values}   ", ""), ("esc", "key"), (" back", ""))]
    else:
        rows += [(), (("esc", "key"), (" back", ""))]
    return rows


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
