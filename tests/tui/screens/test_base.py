"""A screen run by a table of commands."""

from typing import Any, ClassVar

from foghill.engine.protocol.commands import Command, Pause
from foghill.tui.entry import Entry, bindings
from foghill.tui.screens.base import CommandScreen
from textual.app import App
from textual.binding import BindingType

ROWS: tuple[Entry[int], ...] = (
    Entry("more", ("m",), "more", "More.", turn=lambda n: n + 1),
    Entry("stop", ("s",), "stop", "Stop.", when=lambda n: n > 0, order=lambda _: Pause()),
    Entry("shout", ("x",), "shout", "Shout.", method="say", argument=7),
)


class Counter(CommandScreen[int]):
    entries: ClassVar[tuple[Entry[Any], ...]] = ROWS
    BINDINGS: ClassVar[list[BindingType]] = bindings(ROWS)

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.orders: list[Command] = []
        self.said: list[int] = []

    @property
    def present(self) -> int:
        return self.count

    def become(self, state: int) -> None:
        self.count = state

    def order(self, command: Command) -> None:
        self.orders.append(command)

    def do_say(self, entry: Entry[int]) -> None:
        self.said.append(entry.argument)


async def test_rows_turn_order_or_call():
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen = Counter()
        await app.push_screen(screen)
        await pilot.press("s")
        assert screen.orders == [], "it does not act yet"
        await pilot.press("m", "s", "x")
        assert (screen.count, screen.orders, screen.said) == (1, [Pause()], [7])
