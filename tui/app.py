"""The Textual app: the picker or one run on the screen. Loads neither torch nor numpy."""

import contextlib
import os
import signal
from collections import deque
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.events import Event, Key
from textual.screen import Screen

from ..engine.runs.catalog import Run, RunSpec
from .keys import Move
from .launch import Launch, LaunchOf, Role
from .theme import THEME
from .widgets.rows import Rows

TYPED_AHEAD = 64  # keys on their way through the screens


def _provider() -> type[Provider]:
    from .palette import TableProvider

    return TableProvider


class FoghillApp(App[None], inherit_bindings=False):
    """Shows `what`: a run to start (`RunSpec`), a living one (`Run`), or the picker (`None`).

    After `run()` returns, `parting` is what to print and `exit_code` what to exit with.
    """

    TITLE = "foghill"
    CSS_PATH = "app.tcss"
    COMMANDS = {_provider}  # noqa: RUF012  (Textual's own declaration)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", show=False),
        Binding("ctrl+c", "hint", show=False),
    ]

    def __init__(
        self,
        what: Run | RunSpec | None = None,
        *,
        watch: bool = False,
        ascii: bool = False,
        bell: bool = False,
        hide: tuple[str, ...] = (),
        keys: tuple[Move, ...] = (),
        launch: LaunchOf = Launch,
        directory: Path | None = None,
    ) -> None:
        # Without colour no colour at all is sent, not even shades of grey.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.parting = ""
        self.exit_code = 0
        self.ascii = ascii
        self.hide = hide  # besides what the run itself hides
        self.lines: list[str] = []  # command lines shown, to be printed again at the end
        self._keys = keys
        self.rings = bell  # when a loss leaves its band
        self._what = what
        self._role: Role = "watcher" if watch else "driver"
        self._launch_of = launch
        self._directory = directory or Path.cwd()
        self._keys_sent: deque[tuple[Key, Screen[object]]] = deque(maxlen=TYPED_AHEAD)
        self.register_theme(THEME)
        self.theme = THEME.name

    def compose(self) -> ComposeResult:
        yield Rows(id="title")

    async def on_event(self, event: Event) -> None:
        """A key typed ahead is for the screen that those before it have opened."""
        if isinstance(event, Key):
            if not event.is_forwarded:
                self._keys_sent.append((event, self.screen))
            elif any(sent is event and at is not self.screen for sent, at in self._keys_sent):
                event = Key(event.key, event.character)
                self._keys_sent.append((event, self.screen))
        await super().on_event(event)

    def on_mount(self) -> None:
        """Show one line at once; the screens are imported after it is painted."""
        _end_with_the_terminal()
        self.set_class(self.ascii, "-ascii")
        self.set_class(self.no_color, "-no-color")
        name = (
            self._what.spec.name if isinstance(self._what, Run) else self._what and self._what.name
        )
        words = " · warming up" if name else " · looking"
        self.query_one(Rows).paint([((f" {name or 'foghill'}", "strong"), (words, "dim"))])
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        if self._what is not None:
            self.show_run(self._what, self._role)
        else:
            from .screens.picker import PickerScreen

            self.push_screen(PickerScreen(self._directory))

    def show_run(self, what: Run | RunSpec, role: Role = "driver") -> None:
        """Put a run on the screen; its engine is started if it has none."""
        from .screens.live import LiveScreen

        screen = LiveScreen(self._launch_of(what, role))
        self.push_screen(screen)
        if self._keys:
            from .player import play

            self.run_worker(play(screen, self._keys), group="keys")

    def part(self, words: str, code: int) -> None:
        """Close the screen, leaving these words and this exit code."""
        self.parting, self.exit_code = words, code
        self.exit(return_code=code)

    def action_hint(self) -> None:
        """Ctrl-C in a dialog: nothing ends."""


def _end_with_the_terminal() -> None:
    """A hangup ends the screen, also where it was started with the signal ignored."""
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
