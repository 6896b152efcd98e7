"""The command palette's search, over the one table of commands."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from .entry import Entry, acting

if TYPE_CHECKING:
    from .screens.base import CommandScreen


class TableProvider(Provider):
    """Every row of the present screen's table that acts now."""

    def _rows(self) -> list[tuple[str, str, Callable[[], None]]]:
        from .screens.base import CommandScreen

        screen = self.screen
        if not isinstance(screen, CommandScreen):
            return []
        return [self._row(screen, entry) for entry in acting(screen.entries, screen.present)]

    def _row(
        self, screen: "CommandScreen[Any]", entry: Entry[Any]
    ) -> tuple[str, str, Callable[[], None]]:
        label = entry.says(screen.present)
        keys = f"  ({entry.every_key})" if entry.keys else ""
        return label + keys, entry.help, partial(screen.action_command, entry.id)

    async def discover(self) -> Hits:
        for label, help, call in self._rows():
            yield DiscoveryHit(label, call, help=help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for label, help, call in self._rows():
            score = max(matcher.match(label), 0.5 * matcher.match(help))
            if score > 0:
                yield Hit(score, matcher.highlight(label), call, help=help)
