"""A screen whose keys, footer, help and palette come from one table of commands."""

from typing import Any, ClassVar, Generic

from textual.screen import Screen

from ...engine.protocol.commands import Command
from ..entry import Entry, S


class CommandScreen(Screen[None], Generic[S], inherit_bindings=False):
    """Give `entries` and `present`, and a `do_<id>` for each row that has no order, turn or act."""

    entries: ClassVar[tuple[Entry[Any], ...]] = ()
    AUTO_FOCUS = ""

    @property
    def present(self) -> S:
        """The state on which rows decide whether they act."""
        raise NotImplementedError

    def become(self, state: S) -> None:
        """Take `state` as the present one."""
        raise NotImplementedError

    def order(self, command: Command) -> None:
        """Send a command to the engine."""
        raise NotImplementedError

    def refuse(self, entry: Entry[S]) -> None:
        """The row does not act now; a screen may say so."""

    def panel_help(self) -> str:
        """A paragraph on what is focused, for the help screen."""
        return ""

    def action_command(self, name: str) -> None:
        """Do what the row `name` says, if it acts now."""
        entry: Entry[S] = next(entry for entry in self.entries if entry.id == name)
        state = self.present
        if not entry.when(state):
            self.refuse(entry)
            return
        if entry.order is not None:
            self.order(entry.order(state))
        elif entry.turn is not None:
            self.become(entry.turn(state))
        elif entry.act is not None:
            entry.act(self)
        else:
            getattr(self, f"do_{entry.method or entry.id}")(entry)

    def do_palette(self, _: Entry[S]) -> None:
        self.app.action_command_palette()

    def do_help(self, _: Entry[S]) -> None:
        from .help import HelpScreen

        self.app.push_screen(HelpScreen(self.entries, self.present, self.panel_help()))
