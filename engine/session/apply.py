"""Applies one command: the only place where what a client asks for takes effect.

Each function returns what the answer says; `ValueError` and user errors become a rejection, with
everything as it was.
"""

from functools import singledispatch
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from ..callbacks.comparison.comparison import RefusedError, described
from ..protocol.commands import (
    Applied,
    Change,
    Compare,
    Edit,
    FindRate,
    Load,
    Pause,
    Rejected,
    Restart,
    Run,
    Save,
    Set,
    SetBack,
    Speed,
    Step,
    Stop,
    Validate,
)
from ..protocol.knob import Value, format_value
from ..training import weights
from ..training.reconfigure import effective, rebuilds, turn
from ..training.stopping import Crossing, Goal
from .building import abandon_step, load_weights, restart, turned, weights_written
from .editing import edit, loss_here
from .trouble import explain

if TYPE_CHECKING:
    from .conductor import Conductor

Said = tuple[str, tuple[Change, ...]]  # the note of the answer, the knobs changed


class NotNowError(ValueError):
    """The command cannot be applied; `accepted` says what would be."""

    def __init__(self, reason: str, accepted: str = "") -> None:
        super().__init__(reason)
        self.accepted = accepted


def needs_whole_step(command: object, conductor: "Conductor") -> bool:
    """Whether it must wait until the step that has begun is complete, while running."""
    if isinstance(command, Set):
        knobs = conductor.knobs
        return any(name in knobs and rebuilds(knobs[name]) for name in command.values)
    return not isinstance(command, Speed)


@singledispatch
def apply(command: object, conductor: "Conductor") -> Said:
    raise NotNowError(f"the engine knows no command {command!r:.80}")


@apply.register(Run)
def _run(command: Run, conductor: "Conductor") -> Said:
    _ready(conductor)
    until = Crossing(conductor.condition(command.until)) if command.until.strip() else None
    if until and until.condition.holds(conductor.numbers()):
        raise NotNowError(f"{until.condition.text} holds already, at step {conductor.t.step}")
    conductor.go(Goal(until=until))
    stop = conductor.ends.stop
    past = f"past {stop.condition.text}" if stop is not None and not stop.armed else ""
    return (f"until {command.until}" if until else past), ()


@apply.register(Pause)
def _pause(command: Pause, conductor: "Conductor") -> Said:
    _ready(conductor)
    if conductor.status == "running":
        conductor.pause("paused by hand")
    return "", ()


@apply.register(Step)
def _step(command: Step, conductor: "Conductor") -> Said:
    _ready(conductor)
    count = command.count
    if not 1 <= count <= 10**12:
        raise NotNowError(f"step takes a count of at least 1, not {count}", "a count of at least 1")
    t, pending = conductor.t, conductor.ends.goal  # a key held down adds up
    if command.unit == "phase":
        conductor.go(Goal(phases=(pending.phases or 0) + count, stepping=True))
    elif command.unit == "step":
        text = f"{count} step{'s' if count > 1 else ''} taken"
        conductor.go(Goal(step=(pending.step or t.step) + count, text=text, stepping=True))
    else:
        text = f"{count} epoch{'s' if count > 1 else ''} completed"
        epoch = (pending.epoch or t.feed.place.epoch) + count
        conductor.go(Goal(epoch=epoch, text=text, stepping=True))
    return "", ()


@apply.register(Set)
def _set(command: Set, conductor: "Conductor") -> Said:
    _ready(conductor)
    return _turned(command.values, conductor)


@apply.register(SetBack)
def _set_back(command: SetBack, conductor: "Conductor") -> Said:
    _ready(conductor)
    if command.knob not in conductor.knobs:
        raise NotNowError(f"there is no knob {command.knob!r}", _names(conductor))
    if command.knob not in conductor.previous:
        raise NotNowError(f"{command.knob} has not been changed")
    return _turned({command.knob: conductor.previous[command.knob]}, conductor)


def _turned(values: dict[str, Value], conductor: "Conductor") -> Said:
    knobs, t = conductor.knobs, conductor.t
    checked: dict[str, Value] = {}
    for name, value in values.items():
        if name not in knobs:
            raise NotNowError(f"there is no knob {name!r}", _names(conductor))
        try:
            checked[name] = knobs[name].check(value)
            if name == "stop":
                conductor.condition(str(value))
        except ValueError as error:
            raise NotNowError(str(error), knobs[name].accepts()) from None
    before = dict(t.values)
    new = {name: value for name, value in checked.items() if before[name] != value}
    if not new:
        same = ", ".join(f"{name} is {format_value(value)}" for name, value in checked.items())
        return f"{same} already", ()
    abandoned = any(rebuilds(knobs[name]) for name in new) and abandon_step(conductor)
    notes = turn(t, new)
    if abandoned:
        notes.append("the step begun starts again")
    turned(conductor, new, before)
    changes = tuple(
        Change(name, before[name], t.values[name], _read_back(conductor, name)) for name in new
    )
    return "; ".join(notes), changes


def _read_back(conductor: "Conductor", name: str) -> Value:
    acts = effective(conductor.t, name)
    return conductor.t.values[name] if acts is None else acts


@apply.register(Speed)
def _speed(command: Speed, conductor: "Conductor") -> Said:
    pace = command.steps_per_second
    if not isfinite(pace) or pace < 0:
        raise NotNowError(f"the pace takes steps a second, 0 for no limit, not {pace}")
    conductor.clock.set_pace(pace)
    return (f"at most {pace:g} steps a second" if pace else "as fast as it goes"), ()


@apply.register(Restart)
def _restart(command: Restart, conductor: "Conductor") -> Said:
    _ready(conductor)
    return restart(conductor, command.new), ()


@apply.register(Validate)
def _validate(command: Validate, conductor: "Conductor") -> Said:
    _ready(conductor)
    if conductor.t.parts.held_out is None:
        raise NotNowError(
            "there is no validation data", "valid above 0, or data() with held-out data"
        )
    conductor.measuring.begin()
    return "", ()


@apply.register(Edit)
def _edit(command: Edit, conductor: "Conductor") -> Said:
    _ready(conductor)
    try:
        note = edit(command, conductor)
        weights_written(conductor)
        return note, ()
    except ValueError as error:
        raise NotNowError(str(error)) from None


@apply.register(Compare)
def _compare(command: Compare, conductor: "Conductor") -> Said:
    _ready(conductor)
    c = conductor
    note = "the run goes on alone"
    if command.replicas:
        if c.phase and c.t.begun is None:
            abandon_step(c)
        try:
            note = c.comparison.begin(command.replicas)
        except RefusedError as error:
            raise NotNowError(str(error), error.accepted) from None
    elif c.comparison.runners:
        c.comparison.end()
    else:
        raise NotNowError("there is no comparison", "knobs with other values, such as lr=0.01,0.1")
    c.painter.begin()
    return note, ()


@apply.register(FindRate)
def _find_rate(command: FindRate, conductor: "Conductor") -> Said:
    _ready(conductor)
    try:
        return conductor.finder.begin(command), ()
    except ValueError as error:
        raise NotNowError(str(error)) from None


@apply.register(Save)
def _save(command: Save, conductor: "Conductor") -> Said:
    _ready(conductor)
    try:
        return weights.save(conductor.t.model, _place(command.path)), ()
    except ValueError as error:
        raise NotNowError(str(error), getattr(error, "accepted", "")) from None


@apply.register(Load)
def _load(command: Load, conductor: "Conductor") -> Said:
    _ready(conductor)
    try:
        note = load_weights(conductor, _place(command.path))
    except ValueError as error:
        raise NotNowError(str(error), getattr(error, "accepted", "")) from None
    weights_written(conductor)
    return note if conductor.status == "running" else f"{note} · {loss_here(conductor)}", ()


def _place(path: str) -> Path:
    """The engine has a folder of its own, so clients name files from the root on."""
    if not path or not Path(path).is_absolute():
        raise NotNowError(f"a file is named from the root on, not {path!r}", "an absolute path")
    return Path(path)


@apply.register(Stop)
def _stop(command: Stop, conductor: "Conductor") -> Said:
    conductor.end("deleted" if command.delete else "stopped")
    return "", ()


def _ready(conductor: "Conductor") -> None:
    if not conductor.ready:
        raise NotNowError("the experiment did not load; mend it and run it again", "stop")


def _names(conductor: "Conductor") -> str:
    return "one of " + ", ".join(conductor.knobs)


def answer(number: int, command: object, conductor: "Conductor") -> Applied | Rejected:
    """Apply `command` and say what came of it."""
    try:
        note, changes = apply(command, conductor)
        conductor.lesson.ordered(command)
    except NotNowError as error:
        return Rejected(number, str(error), error.accepted)
    except BaseException as error:  # user code may raise anything; there is always one answer
        return Rejected(number, explain(conductor, error, "applying the change").sentence)
    return Applied(number, conductor.step, conductor.phase, changes, note)


def journalled(command: object, given: Applied) -> str:
    """The line the journal keeps; none where nothing was changed."""
    words = type(command).__name__.lower()
    match command:
        case Run(until) if until:
            words = f"run until {until}"
        case Step(unit, count):
            words = f"step {count} {unit}"
        case Speed(pace):
            words = f"speed {pace:g}"
        case Restart(new) if new != "nothing":
            words = f"restart with new {new}"
        case Set() | SetBack() if not given.changes:
            return ""
        case Set() | SetBack():
            words = "set " + changed(given.changes)
        case Compare(replicas):
            words = f"compare {described(replicas)}"
        case FindRate():
            words = "find rate"
        case Save(path) | Load(path):
            words += f" {path}"
        case _:
            pass
    return f"{words} ({given.note})" if given.note else words


def changed(changes: tuple[Change, ...]) -> str:
    """`lr 0.001 → 0.002, momentum 0 → 0.9`."""
    return ", ".join(f"{c.knob} {format_value(c.old)} → {format_value(c.new)}" for c in changes)
