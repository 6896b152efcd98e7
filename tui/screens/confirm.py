"""Ask for one of a few answers: what to do on leaving, how to restart, which column."""

from dataclasses import dataclass
from string import ascii_lowercase, digits
from typing import ClassVar

from textual.binding import Binding, BindingType

from ..widgets.knobs import scrolled
from ..widgets.rows import Row, fitted, wrapped
from .dialog import RowsDialog

_MOVES = "jkq"


@dataclass(frozen=True)
class Choice:
    """One answer; `key`, a letter or digit but j, k and q, chooses it at once ("" for none)."""

    answer: str
    label: str
    key: str = ""
    help: str = ""


class ChoiceScreen(RowsDialog[str | None]):
    """A question with its answers, one a row. Dismissed with the answer, or `None`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("enter", "choose", show=False),
        Binding("escape,q", "dismiss(None)", show=False),
        *(
            Binding(sign, f"answer('{sign}')", show=False)
            for sign in ascii_lowercase + digits
            if sign not in _MOVES
        ),
    ]

    def __init__(self, question: str, choices: tuple[Choice, ...], place: int = 0) -> None:
        super().__init__()
        self._question = question
        self._choices = choices
        self._place = place
        self._top = 0

    def action_answer(self, key: str) -> None:
        for choice in self._choices:
            if choice.key == key:
                self.dismiss(choice.answer)
                return

    def action_move(self, step: int) -> None:
        self._place = max(0, min(self._place + step, len(self._choices) - 1))
        self.show_rows()

    def action_choose(self) -> None:
        self.dismiss(self._choices[self._place].answer)

    def rows(self, width: int, height: int) -> list[Row]:
        question = [((line, "strong"),) for line in wrapped(self._question, width)]
        room = max(1, height - len(question) - 2)
        self._top = scrolled(self._top, self._place, room, len(self._choices))
        rows: list[Row] = [*question, ()]
        labels = max(len(choice.label) for choice in self._choices)
        shown = range(self._top, min(self._top + room, len(self._choices)))
        rows += [_row(self._choices[place], labels, place == self._place, width) for place in shown]
        return [*rows, (("enter choose  esc back", "dim"),)]


def _row(choice: Choice, labels: int, chosen: bool, width: int) -> Row:
    ink = "cursor" if chosen else ""
    key = f" {choice.key} " if choice.key else " "
    row: Row = (("▸" if chosen else " ", ink), (key, ink or "key"), (choice.label, ink))
    if choice.help:
        row = (*row, (" " * (labels - len(choice.label) + 2) + choice.help, ink or "dim"))
    return fitted(row, width)
