"""Orders on their way to the engine, and keys pressed before it can take any."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ...engine.protocol.commands import Answer, Command
from ...engine.protocol.knob import Value
from ...engine.protocol.state import State
from ..entry import Entry
from ..expecting import ordered, refused
from ..link import LinkError
from ..state import ScreenState, answered

if TYPE_CHECKING:
    from .live import LiveScreen

MOST_HELD = 8  # keys; a cat on the keyboard is no order


class Orders:
    """Those of one screen."""

    def __init__(self, screen: "LiveScreen") -> None:
        self._screen = screen
        self._sent = 0
        self._before = 0  # orders that the engine had answered before this screen's first
        self._held: list[str] = []  # rows of the table

    def attached(self, run: State) -> None:
        """To an engine in this state; what an engine before it did not answer, none will."""
        self._before = run.answered - self._sent

    def answered(self, run: State) -> bool:
        """Whether `run` shows what came of all orders so far."""
        return run.answered >= self._before + self._sent

    def send(self, command: Command, values: dict[str, Value] | None = None) -> None:
        """Write it before anything on the screen changes; its answer is shown when it comes.

        `values` are what was asked of the knobs.
        """
        screen = self._screen
        self._sent += 1
        coming = screen.link.send(command) if screen.link is not None else None
        screen.state = ordered(screen.state, command)
        if coming is not None:
            screen.run_worker(self._answer(coming, values), group="orders")

    async def _answer(
        self, coming: Coroutine[Any, Any, Answer], values: dict[str, Value] | None
    ) -> None:
        screen = self._screen
        try:
            answer = await coming
        except LinkError as error:
            screen.state = screen.state.without_orders(f"not done: {error}")
            return
        screen.state = answered(screen.state, answer, values)

    def hold(self, entry: Entry[ScreenState]) -> bool:
        """Keep a key that trains until the engine is warm; whether it was kept."""
        state = self._screen.state
        awaited = state.run.status == "warming up" and state.connection in ("starting", "attached")
        if not awaited or state.role == "watcher" or entry.order is None:
            return False
        if len(self._held) < MOST_HELD:
            self._held.append(entry.id)
        words = [entry.says(state) for entry in self._screen.entries if entry.id in self._held]
        self._screen.state = refused(state, f"as soon as the engine is warm: {', '.join(words)}")
        return True

    def let_go(self) -> None:
        """Act on what was held, once the engine takes orders."""
        if self._held and self._screen.state.drives:
            held, self._held = self._held, []
            for name in held:
                self._screen.action_command(name)
