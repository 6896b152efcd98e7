"""The picker: lessons, files of this directory, runs alive and past. Executes none of them."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.reactive import reactive

from ...engine.runs import catalog
from ...engine.runs.catalog import CatalogError
from ..entry import Entry, bindings
from ..listing import (
    Item,
    PickerState,
    columns_of,
    files_of,
    lesson_items,
    run_items,
)
from ..picker_commands import PICKER
from ..widgets.choices import about_rows, list_rows, title_row
from ..widgets.footer import key_rows
from ..widgets.knobs import scrolled
from ..widgets.rows import Rows
from .ask import AskScreen
from .base import CommandScreen
from .confirm import Choice, ChoiceScreen

if TYPE_CHECKING:
    from ..app import FoghillApp

_E = Entry[PickerState]


class PickerScreen(CommandScreen[PickerState]):
    """A list on the left, what is known of the chosen thing on the right."""

    entries = PICKER
    BINDINGS: ClassVar[list[BindingType]] = bindings(PICKER)

    state: reactive[PickerState] = reactive(PickerState(), repaint=False)

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._top = 0

    def compose(self) -> ComposeResult:
        yield Rows(id="title")
        with Horizontal(id="choices"):
            yield Rows(id="list", classes="panel -focused")
            yield Rows(id="about", classes="panel")
        yield Rows(id="keys")

    @property
    def present(self) -> PickerState:
        return self.state

    def become(self, state: PickerState) -> None:
        self.state = state

    def panel_help(self) -> str:
        return "Choose what to train, or a run to go back to. Nothing is executed before."

    @property
    def _app(self) -> "FoghillApp":
        from ..app import FoghillApp

        assert isinstance(self.app, FoghillApp)
        return self.app

    def on_mount(self) -> None:
        self.state = replace(self.state, items=tuple(the_lessons()))
        self.do_again()

    def do_again(self, _: _E | None = None) -> None:
        self.run_worker(self._read(), group="read", exclusive=True)

    async def _read(self) -> None:
        items = await asyncio.to_thread(everything, self._directory)
        self.state = self.state.with_items(items)

    # Painting.

    def watch_state(self) -> None:
        self._show()

    def on_resize(self, _: Resize) -> None:
        self._show()

    def _show(self) -> None:
        if not self.is_mounted or not self.query("#about"):  # a size may come before the panels
            return
        width = self.size.width
        small = width < 60
        self.query_one("#about").display = not small
        self.query_one("#title", Rows).paint([title_row(self.state, self._directory, width)])
        self.query_one("#keys", Rows).paint(key_rows(PICKER, self.state, width, 1))
        self.query_one("#list", Rows).border_title = "choose"
        self.call_after_refresh(self._show_list)

    def _show_list(self) -> None:
        list_, about = self.query_one("#list", Rows), self.query_one("#about", Rows)
        rows, place = list_rows(self.state, list_.size.width)
        self._top = scrolled(self._top, place, list_.size.height, len(rows))
        if place <= 1:
            self._top = 0  # with the first heading
        list_.paint(rows[self._top : self._top + list_.size.height])
        item = self.state.chosen
        about.border_title = item.name.replace("[", "\\[") if item else ""
        about.paint(about_rows(item, about.size.width)[: about.size.height])

    # Rows of the table that have no turn.

    def do_open(self, _: _E) -> None:
        item = self.state.chosen
        if item is None:
            return
        if item.run is not None:
            self._app.show_run(item.run)
        elif item.path.endswith(".csv"):
            self._ask_target(item)
        else:
            self._start(item, "")

    def do_watch(self, _: _E) -> None:
        item = self.state.chosen
        if item is not None and item.run is not None:
            self._app.show_run(item.run, "watcher")

    def _ask_target(self, item: Item) -> None:
        try:
            columns = columns_of(Path(item.path))
        except ValueError as error:
            self.state = replace(self.state, said=str(error))
            return
        choices = tuple(Choice(name, name) for name in columns)

        def take(target: str | None) -> None:
            if target is not None:
                self._start(item, target)

        question = f"{item.name}: which column is to be predicted?"
        self.app.push_screen(ChoiceScreen(question, choices, len(choices) - 1), take)

    def _start(self, item: Item, target: str) -> None:
        experiment = item.name if item.section == "lessons" else item.path
        try:
            spec = catalog.new_run(experiment, target=target, argv=tuple(sys.argv))
        except (CatalogError, OSError) as error:
            self.state = replace(self.state, said=str(error))
            return
        self._app.show_run(spec)

    def do_find(self, _: _E) -> None:
        def take(words: str | None) -> None:
            if words is not None:
                self.state = replace(self.state, words=words.strip(), place=0)

        self.app.push_screen(AskScreen("Find", ("words that must occur",), self.state.words), take)

    def do_stop(self, _: _E) -> None:
        self._sure("stop", "Stop", "end the run, keep what it stored")

    def do_delete(self, _: _E) -> None:
        self._sure("remove", "Delete", "remove its directory with all that is in it")

    def _sure(self, deed: str, verb: str, help: str) -> None:
        item = self.state.chosen
        if item is None or item.run is None:
            return
        run = item.run
        choices = (Choice("", "no", "n"), Choice(deed, verb.lower(), "y", help))

        def take(answer: str | None) -> None:
            if answer:
                self.run_worker(self._do(answer, run), group="deeds")

        self.app.push_screen(ChoiceScreen(f"{verb} {item.name}?", choices), take)

    async def _do(self, deed: str, run: catalog.Run) -> None:
        call = catalog.stop if deed == "stop" else catalog.remove
        try:
            await asyncio.to_thread(call, run)
            said = f"{run.spec.name} was {'stopped' if deed == 'stop' else 'deleted'}"
        except (CatalogError, OSError) as error:
            said = str(error)
        self.state = replace(self.state, said=said)
        await self._read()

    def do_quit(self, _: _E) -> None:
        self._app.part("", 0)

    def do_interrupt(self, _: Entry[Any]) -> None:
        self.state = replace(self.state, said="q leaves")


def everything(directory: Path) -> list[Item]:
    """All there is to choose from, living runs first."""
    alive, past = run_items(catalog.runs())
    return [*alive, *the_lessons(), *files_of(directory), *past]


def the_lessons() -> list[Item]:
    """In the order of teaching, with what was tried of each."""
    return lesson_items(catalog.lessons(), catalog.tried())
