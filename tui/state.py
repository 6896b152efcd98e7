"""What the live screen shows, as one frozen value: widgets read it, commands replace it.

The engine's `State` is in `run`; around it stands what belongs to this terminal alone: focus,
zoom, knob edits not yet sent, how the connection is. Every change is a pure function here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..engine.protocol.commands import Answer, Applied, Change
from ..engine.protocol.knob import Knob, Value, format_value
from ..engine.protocol.state import PACES, State, Status
from .hiding import without_held_out

Panel = Literal["knobs", "step", "chart", "picture"]
PANELS: tuple[Panel, ...] = ("knobs", "step", "chart", "picture")
TEXT, OUTPUT = "text", "output"  # what the picture panel can hold besides pictures
LETTERS = {  # pictures that most runs have, each with the same key in all of them
    "hill": "H",
    "network": "n",
    "steps": "t",
    "gradients": "d",
    "graph": "D",
    "optimizer": "O",
    "cost": "M",
    "seen": "B",
    "compare": "x",
    "rates": "F",
    "predict": "p",
}
EDITABLE = ("weights", "network")  # names of pictures that may have numbers to write
FOGGY = ("hill",)  # lessons that begin in fog
Connection = Literal["starting", "attached", "lost", "ended"]


@dataclass(frozen=True)
class ScreenState:
    """All there is to know to paint the live screen but the views themselves."""

    run: State
    role: Literal["driver", "watcher"] = "driver"
    connection: Connection = "starting"
    trouble: str = ""  # why the connection is not there
    focus: Panel = "knobs"
    zoomed: bool = False
    came_from: Panel = "knobs"  # where the step inspector was opened
    walking: float = 0.0  # seconds a phase takes in slow motion; 0 is not walking
    picture: str = ""  # chosen by the person; "" is the first there is
    selected: str = ""  # knob; "" is the first
    pending: Mapping[str, Value] = field(default_factory=dict[str, Value])  # turned, not applied
    asked: Mapping[str, Value] = field(default_factory=dict[str, Value])  # sent, not answered
    said: str = ""  # what came of the last command
    refusal: str = ""  # the last reason why a key did nothing
    expected: Status | None = None  # how the run will stand after what was ordered
    editable: Mapping[str, bool] = field(default_factory=dict[str, bool])  # pictures that came
    hard: bool = False  # boundaries without shades of certainty
    held_out: bool = True  # held-out points in pictures, and all that is known by held-out data
    fog: bool | None = None  # over the hill; None: as the lesson begins
    bell: bool = False  # rings when the loss leaves its band
    count: int = 10  # how many steps `S` takes
    fresh: bool = False  # this screen starts the engine
    width: int = 80
    height: int = 24

    @property
    def attached(self) -> bool:
        return self.connection == "attached"

    @property
    def drives(self) -> bool:
        """Commands of this screen reach the session."""
        return self.attached and self.role == "driver" and self.run.status != "warming up"

    @property
    def standing(self) -> Status:
        """How the run stands, or will after what was ordered."""
        return self.expected or self.run.status

    @property
    def told(self) -> State:
        """The run as panels tell of it: without held-out data while they are hidden."""
        return self.run if self.held_out else without_held_out(self.run)

    @property
    def inspecting(self) -> bool:
        """The step panel has the whole screen: it shows one phase in full."""
        return self.zoomed and self.focus == "step" and not self.tiny

    @property
    def in_fog(self) -> bool:
        """Of a hill only the ground near the trail is seen."""
        begins = self.run.kind == "lesson" and self.run.experiment in FOGGY
        return begins if self.fog is None else self.fog

    @property
    def tiny(self) -> bool:
        """Room for the status line only."""
        return self.width < 30 or self.height < 8

    @property
    def narrow(self) -> bool:
        """Room for one panel at a time."""
        return self.width < 60 or self.height < 17

    @property
    def roomy(self) -> bool:
        return self.width >= 110 and self.height >= 32

    @property
    def showing(self) -> str:
        """What the picture panel holds: a picture's name, `TEXT` or `OUTPUT`."""
        if self.picture in (TEXT, OUTPUT) or self.picture in self.run.pictures:
            return self.picture
        return self.run.pictures[0] if self.run.pictures else TEXT

    @property
    def visible(self) -> frozenset[Panel]:
        if self.tiny:
            return frozenset()
        if self.zoomed or self.narrow:
            return frozenset((self.focus,))
        return frozenset(PANELS)

    @property
    def knob(self) -> Knob | None:
        """The selected knob."""
        first = self.run.knobs[0] if self.run.knobs else None
        return self.run.knob(self.selected) or first

    def value(self, knob: Knob) -> Value:
        """What the knob will be once everything turned or sent has taken effect."""
        return self.pending.get(knob.name, self.asked.get(knob.name, knob.value))

    def without_orders(self, said: str) -> "ScreenState":
        """Nothing that was ordered will come about."""
        return replace(self, said=said, asked={}, expected=None)


def focused(screen: ScreenState, step: int) -> ScreenState:
    """The next panel, or the one before."""
    place = (PANELS.index(screen.focus) + step) % len(PANELS)
    return replace(screen, focus=PANELS[place])


def selected(screen: ScreenState, step: int) -> ScreenState:
    """Another knob."""
    names = [knob.name for knob in screen.run.knobs]
    if not names or screen.knob is None:
        return screen
    place = names.index(screen.knob.name) + step
    return replace(screen, selected=names[max(0, min(place, len(names) - 1))], said="")


def turned(screen: ScreenState, ticks: int) -> tuple[ScreenState, dict[str, Value]]:
    """The selected knob nudged: in a lesson what to send now, elsewhere pending."""
    knob = screen.knob
    if knob is None:
        return screen, {}
    before = screen.value(knob)
    value = knob.nudged(before, ticks)
    if knob.kind == "text" and value == before:
        return replace(screen, said=f"{knob.name} is typed: press enter"), {}
    if value == before and type(value) is type(before):
        return replace(screen, said=f"{knob.name} takes {knob.accepts()}"), {}
    return changed(screen, knob, value)


def changed(screen: ScreenState, knob: Knob, value: Value) -> tuple[ScreenState, dict[str, Value]]:
    """`value` for `knob`: in a lesson what to send now, elsewhere pending."""
    if screen.run.kind == "lesson":
        return sent(screen, {knob.name: value}), {knob.name: value}
    pending = {name: v for name, v in screen.pending.items() if name != knob.name}
    if value != screen.asked.get(knob.name, knob.value):
        pending[knob.name] = value
    return replace(screen, pending=pending, said=""), {}


def sent(screen: ScreenState, values: Mapping[str, Value]) -> ScreenState:
    """`values` are on their way to the engine."""
    pending = {name: v for name, v in screen.pending.items() if name not in values}
    return replace(screen, pending=pending, asked={**screen.asked, **values}, said="")


def answered(
    screen: ScreenState, answer: Answer, values: Mapping[str, Value] | None = None
) -> ScreenState:
    """The engine's answer arrived; `values` were what was asked of the knobs, if any.

    What was refused outside a lesson is pending again, to be put right or dropped.
    """
    values = values or {}
    asked = {n: v for n, v in screen.asked.items() if n not in values or values[n] != v}
    run, pending = screen.run, screen.pending
    if isinstance(answer, Applied) and answer.changes:
        run = _with_changes(run, answer.changes)
    elif not isinstance(answer, Applied) and run.kind != "lesson":
        pending = {**values, **pending}
    return replace(screen, asked=asked, pending=pending, run=run, said=sentence(answer))


def _with_changes(run: State, changes: tuple[Change, ...]) -> State:
    """Knobs as the answer says they are now, ahead of the next state from the engine."""
    from msgspec.structs import replace as with_fields

    new = {change.knob: change for change in changes}
    knobs = tuple(
        with_fields(knob, value=new[knob.name].new, previous=new[knob.name].old)
        if knob.name in new
        else knob
        for knob in run.knobs
    )
    return with_fields(run, knobs=knobs)


def sentence(answer: Answer) -> str:
    """An answer in words."""
    if not isinstance(answer, Applied):
        accepted = f" ({answer.accepted})" if answer.accepted else ""
        return f"not done: {answer.reason}{accepted}"
    changes = ", ".join(_change(change) for change in answer.changes)
    if not changes:
        return answer.note
    where = f"step {answer.step}" + (f", after {answer.phase}" if answer.phase else "")
    return f"{changes} at {where}" + (f" · {answer.note}" if answer.note else "")


def _change(change: Change) -> str:
    words = f"{change.knob} {format_value(change.old)} → {format_value(change.new)}"
    if change.effective != change.new:
        words += f" (now {format_value(change.effective)})"
    return words


def slower(pace: float) -> float:
    """The next lower limit in steps a second; the slowest stays."""
    return next((p for p in PACES if p and (not pace or p < pace)), pace)


def faster(pace: float) -> float:
    """The next higher limit; above the highest there is none (0)."""
    if not pace:
        return 0.0
    return next((p for p in reversed(PACES) if p > pace), 0.0)


def leaving(screen: ScreenState) -> str:
    """What `q` will do, for the footer."""
    run = screen.run
    if screen.zoomed and not screen.narrow:
        return "close"
    if screen.connection in ("ended", "lost") or screen.role == "watcher":
        return "leave"
    if ends_on_leaving(screen):
        return "leave (ends)"
    if screen.connection == "starting":
        return "leave"
    if run.status == "running":
        return "leave (run goes on)"
    return "leave (stays finished)" if run.status == "finished" else "leave (stays paused)"


def ends_on_leaving(screen: ScreenState) -> bool:
    """An untouched lesson whose last client leaves, or a run that failed before it began, or
    whose engine has not answered yet."""
    run = screen.run
    if failed_before_first_step(screen) or (screen.connection == "starting" and screen.fresh):
        return True
    if screen.connection != "attached":
        return False
    return run.kind == "lesson" and not run.touched and run.drivers + run.watchers <= 1


def failed_before_first_step(screen: ScreenState) -> bool:
    run = screen.run
    return run.status == "failed" and (
        run.problem.before_first_step if run.problem is not None else not run.touched
    )


def parting(screen: ScreenState) -> tuple[str, int]:
    """What to print when the screen closes, and the exit code."""
    run = screen.run
    back = f"foghill attach {run.run}"
    if run.status == "failed" and run.problem is not None:
        sentence = run.problem.sentence
        before = failed_before_first_step(screen)
        again = "" if before else f"\n{run.run} is kept at step {run.step:,}; come back: {back}"
        return sentence + again, 2 if before else 1
    if screen.connection in ("lost", "ended"):
        return screen.trouble, (0 if screen.connection == "ended" or run.touched else 2)
    if screen.role == "watcher":
        return f"{run.run} goes on without you; look again: {back} --watch", 0
    if ends_on_leaving(screen):
        return "", 0
    how = {"running": "goes on", "finished": "is finished"}.get(run.status, "stays paused")
    return f"{run.run} {how} (step {run.step:,}). Come back: {back}", 0
