"""The live screen: one run, its panels, and the orders a person gives it.

State goes down to the panels by data binding, views by one call each (`views`); what panels
need comes up as messages. What keys do is in the table `commands.LIVE`; dialogs are in
`questions`.
"""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Click, Resize
from textual.reactive import reactive

from ...engine.protocol.commands import Command, Set
from ...engine.protocol.frames import Bye, Shown
from ...engine.protocol.knob import Value
from ...engine.protocol.state import State
from ...engine.protocol.views import Curve, Request
from ..commands import LIVE
from ..entry import Entry, bindings
from ..expecting import hushed, refused, seen
from ..hiding import without_hidden
from ..launch import Launch
from ..link import Link, LinkError
from ..state import PANELS, ScreenState, sent
from ..when import why_not
from ..widgets.banner import Banner
from ..widgets.cells import RequestChanged
from ..widgets.chart import ExactWanted
from ..widgets.coach import CoachLine
from ..widgets.footer import Footer
from ..widgets.framed import ChartPanel, PaintedPanel
from ..widgets.knobs import KnobPanel
from ..widgets.output import OutputPanel
from ..widgets.status import StatusLine
from ..widgets.step import StepPanel
from ..widgets.text import TextPanel
from ..widgets.tries import TryLine
from . import advice, comparing, editing, moves, questions, views
from .base import CommandScreen
from .orders import Orders
from .walk import Walk

if TYPE_CHECKING:
    from ..app import FoghillApp
    from .predict import PredictScreen

_RETRIES = (0.1, 0.3, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0)


class LiveScreen(CommandScreen[ScreenState]):
    """Shows a run from the moment it was chosen; the engine may still be starting."""

    entries = LIVE
    BINDINGS: ClassVar[list[BindingType]] = bindings(LIVE)

    # Panels repaint the cells that changed; by default Textual would repaint the whole screen.
    state: reactive[ScreenState] = reactive(
        ScreenState(State(run="", directory="", experiment="")), repaint=False
    )

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self.launch = launch
        self.link: Link | None = None
        self._wanted: tuple[Request, ...] = ()
        self.curve: Curve | None = None
        self.walk = Walk(self)
        self.orders = Orders(self)
        self.whole = launch.first  # the run as the engine has it, with what is hidden here
        self.using: PredictScreen | None = None  # over this screen
        self.written = editing.Written("", 0, ())
        self.set_reactive(
            LiveScreen.state, ScreenState(launch.first, role=launch.role, fresh=launch.new)
        )

    def compose(self) -> ComposeResult:
        ascii_only: bool = self.foghill.ascii
        yield StatusLine(id="status").data_bind(LiveScreen.state)
        yield Banner(id="banner").data_bind(LiveScreen.state)
        with Vertical(id="body"):
            with Vertical(id="left"):
                yield KnobPanel(id="knobs", classes="panel").data_bind(LiveScreen.state)
                yield StepPanel(id="step", classes="panel").data_bind(LiveScreen.state)
            with Vertical(id="right"):
                yield ChartPanel(ascii=ascii_only, id="chart", classes="panel")
                yield PaintedPanel(ascii=ascii_only, id="picture", classes="panel")
                yield TextPanel(id="text", classes="panel").data_bind(LiveScreen.state)
                yield OutputPanel(id="output", classes="panel").data_bind(LiveScreen.state)
        yield TryLine(id="tries").data_bind(LiveScreen.state)
        yield CoachLine(id="coach").data_bind(LiveScreen.state)
        yield Footer(id="footer").data_bind(LiveScreen.state)

    # What the table asks of every screen.

    @property
    def present(self) -> ScreenState:
        return self.state

    def become(self, state: ScreenState) -> None:
        self.state = state

    def refuse(self, entry: Entry[ScreenState]) -> None:
        if not self.orders.hold(entry) and (r := why_not(self.state, entry.group, entry.id)):
            self.state = refused(self.state, r)

    def action_command(self, name: str) -> None:
        before = self.state
        self.set_reactive(LiveScreen.state, hushed(before))  # panels hear of it after the command
        if not self.walk.takes(name):
            super().action_command(name)
        if before.said:
            self.mutate_reactive(LiveScreen.state)

    def order(self, command: Command, values: dict[str, Value] | None = None) -> None:
        """Send a command; its answer is shown when it comes."""
        self.orders.send(command, values)

    def panel_help(self) -> str:
        return moves.focused_widget(self).HELP or ""

    @property
    def foghill(self) -> "FoghillApp":
        from ..app import FoghillApp

        assert isinstance(self.app, FoghillApp)
        return self.app

    # The connection.

    def on_mount(self) -> None:
        self.state = replace(self.state, bell=self.foghill.rings)
        self._arrange()
        self.run_worker(self._connect(), group="connection", exclusive=True)

    async def _connect(self) -> None:
        try:
            link, welcome = await self.launch.open(self._take, self._lost)
        except LinkError as error:
            self.state = replace(self.state, connection="lost", trouble=str(error))
            return
        self.link, self._wanted = link, ()
        self.whole = welcome.state
        self.orders.attached(welcome.state)
        run = without_hidden(self.whole, self.foghill.hide)
        self.state = replace(
            self.state, connection="attached", trouble="", role=welcome.role, run=run
        )
        self.orders.let_go()
        self.look()

    def _lost(self, reason: str) -> None:
        self.state = replace(self.state, connection="lost", trouble=reason, asked={}, expected=None)
        self.run_worker(self._find_again(reason), group="connection", exclusive=True)

    async def _find_again(self, reason: str) -> None:
        """Re-attach where the engine is alive, else say what became of it."""
        from asyncio import sleep

        for seconds in _RETRIES:
            await sleep(seconds)
            fate = await self.launch.fate()
            if fate != "alive":
                break
            await self._connect()
            if self.state.attached:
                return
        else:
            fate = "alive"
        words = {
            "alive": "it is alive but does not answer",
            "ended": "the run has ended",
            "gone": "its directory is gone",
        }.get(fate, "the engine died; what it had stored is kept")
        self.state = replace(self.state, connection="lost", trouble=f"{reason}: {words}")

    def _take(self, frame: Shown | Bye) -> None:
        """The newest value of a view, from the link."""
        if isinstance(frame, Bye):
            trouble = f"the run was ended: {frame.reason}"
            self.state = replace(
                self.state, connection="ended", trouble=trouble, run=frame.state, asked={}
            )
            return
        views.deliver(self, frame.request, frame.view)

    def take(self, run: State) -> None:
        """The run as it stands now."""
        self.whole = run
        before, run = self.state.run, without_hidden(run, self.foghill.hide)
        self.state = seen(self.state, run, answered=self.orders.answered(run))
        self.orders.let_go()
        advice.ring(self, before, run)
        if run.step < before.step:
            self.curve = None
            self.query_one(PaintedPanel).forget()
        if views.concerns_chart(before, run, self._wanted):
            self.query_one(ChartPanel).show(self.curve, run)

    # Layout, and the views it needs.

    def watch_state(self, before: ScreenState, after: ScreenState) -> None:
        if not self.is_mounted:
            return
        before_look = (before.hard, before.held_out, before.in_fog)
        if before_look != (after.hard, after.held_out, after.in_fog):
            self.query_one(PaintedPanel).frame(after)
            self.query_one(ChartPanel).show_held_out(after.held_out)
        arranged = (before.visible, before.focus, before.showing, before.zoomed, before.tiny)
        if arranged != (after.visible, after.focus, after.showing, after.zoomed, after.tiny) or (
            before.run.pictures != after.run.pictures
        ):
            self._arrange()

    def on_resize(self, event: Resize) -> None:
        self.state = replace(self.state, width=event.size.width, height=event.size.height)
        self._arrange()

    def _arrange(self) -> None:
        views.arrange(self)
        self.call_after_refresh(self._settled)

    def _settled(self) -> None:
        """Panels have their new sizes."""
        self.query_one(PaintedPanel).frame(self.state)
        self.look()

    def look(self) -> None:
        """Tell the engine what is looked at, where that changed."""
        if self.link is None or not self.state.attached or not self.is_mounted:
            return
        wanted = views.wanted(self)
        if wanted != self._wanted:
            self._wanted = wanted
            self.run_worker(self.link.look(*wanted), group="look")

    def on_request_changed(self, message: RequestChanged) -> None:
        message.stop()
        self.look()

    def on_exact_wanted(self, message: ExactWanted) -> None:
        message.stop()
        self.run_worker(self._exact(message), group="exact")

    async def _exact(self, wanted: ExactWanted) -> None:
        steps: list[int] = []
        values: list[float] = []
        if self.link is not None:
            with suppress(LinkError):
                steps, values = await self.link.ask(wanted.series, wanted.first, wanted.last)
        self.query_one(ChartPanel).exact(steps, values, wanted.series)

    def on_click(self, event: Click) -> None:
        for widget in event.widget.ancestors_with_self if event.widget is not None else ():
            for panel in PANELS:
                if widget.id == panel or (panel == "picture" and widget.id in views.BELOW):
                    self.state = replace(self.state, focus=panel)
                    return

    # Rows of the table that have no order and no turn.

    def do_vertical(self, entry: Entry[ScreenState]) -> None:
        moves.vertical(self, entry.argument)

    def do_sideways(self, entry: Entry[ScreenState]) -> None:
        moves.sideways(self, entry.argument)

    def do_chart(self, entry: Entry[ScreenState]) -> None:
        moves.chart(self, entry.id)

    def send_knobs(self, values: dict[str, Value]) -> None:
        """Order these values, if there are any."""
        if values:
            self.order(Set(values), values)

    def apply(self, values: dict[str, Value]) -> None:
        """Send knob values now, pending or typed."""
        self.send_knobs(values)
        self.state = sent(self.state, values)

    def do_edit(self, _: Entry[ScreenState]) -> None:
        editing.edit(self)

    def do_sheet(self, entry: Entry[ScreenState]) -> None:
        moves.sheet(self, entry.argument)

    def do_enter(self, _: Entry[ScreenState]) -> None:
        if self.state.pending:
            self.apply(dict(self.state.pending))
        else:
            questions.value(self)

    def do_walk(self, _: Entry[ScreenState]) -> None:
        self.walk.toggle()

    def do_advice(self, _: Entry[ScreenState]) -> None:
        advice.show(self)

    def do_steps(self, _: Entry[ScreenState]) -> None:
        questions.steps(self)

    def do_until(self, _: Entry[ScreenState]) -> None:
        questions.until(self)

    def do_restart(self, _: Entry[ScreenState]) -> None:
        questions.restart(self)

    def do_compare(self, _: Entry[ScreenState]) -> None:
        comparing.compare(self)

    def do_rates(self, _: Entry[ScreenState]) -> None:
        comparing.rates(self)

    def do_find_rate(self, _: Entry[ScreenState]) -> None:
        comparing.find_rate(self)

    def do_quit_ask(self, _: Entry[ScreenState]) -> None:
        questions.ending(self)

    def do_interrupt(self, _: Entry[ScreenState]) -> None:
        self.state = replace(self.state, said="ctrl-c never ends a run: q leaves, Q can stop it")

    # Leaving.

    def do_quit(self, _: Entry[ScreenState]) -> None:
        if self.state.zoomed and not self.state.narrow:
            self.state = replace(self.state, zoomed=False)
        else:
            questions.leave(self)
