"""One row of the command table, and what is derived from rows: bindings and names of keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.binding import Binding, BindingType

from ..engine.protocol.commands import Command
from .key_names import shown_key

S = TypeVar("S")


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True)
class Entry(Generic[S]):
    """One thing a person can do on a screen whose state is an `S`.

    `keys` are Textual's names, the first one is shown. `footer` is the rank in the footer,
    0 for not there. `group` is the heading in the help screen.
    """

    id: str
    keys: tuple[str, ...]
    label: str | Callable[[S], str]
    help: str
    when: Callable[[S], bool] = _always
    footer: int = 0
    group: str = ""
    order: Callable[[S], Command] | None = None
    turn: Callable[[S], S] | None = None
    argument: int = 0  # for rows that differ by a number only
    method: str = ""  # the screen's method; `id` where it is not said
    act: Callable[[Any], None] | None = None  # what it does with its screen, written elsewhere

    def says(self, state: S) -> str:
        return self.label if isinstance(self.label, str) else self.label(state)

    @property
    def key(self) -> str:
        """The first key, as it stands on the keyboard."""
        return shown_key(self.keys[0]) if self.keys else ""

    @property
    def every_key(self) -> str:
        return " ".join(shown_key(key) for key in self.keys)


def acting(entries: tuple[Entry[S], ...], state: S) -> list[Entry[S]]:
    """The rows that would do something now."""
    return [entry for entry in entries if entry.when(state)]


def bindings(entries: Iterable[Entry[S]]) -> list[BindingType]:
    """Textual's bindings for the rows; each calls `action_command` with the row's id."""
    return [
        Binding(key, f"command('{entry.id}')", entry.id, show=False, id=f"{entry.id}.{number}")
        for entry in entries
        for number, key in enumerate(entry.keys)
    ]
