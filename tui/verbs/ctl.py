"""`foghill ctl`: the screen's commands for scripts, with the same answers."""

import argparse
import contextlib
import sys
import time
from difflib import get_close_matches
from pathlib import Path

from ...engine.protocol.client import Client
from ...engine.protocol.commands import (
    Answer,
    Applied,
    Command,
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
    Validate,
)
from ...engine.protocol.knob import Knob, Value, format_value
from ...engine.protocol.state import State
from ...engine.protocol.views import StateRequest
from ...engine.runs.catalog import socket_path
from . import VerbError, say
from .attach import living
from .run import split_settings
from .status import describe, encoded, where_it_stands

_WARM_UP_SECONDS = 120.0
_SETTLED_SECONDS = 2.0  # a pause that lasts this long is one, not a state from before the command


def ctl(chosen: argparse.Namespace) -> int:
    """Do one action on a living run. 0 where it was applied, 1 where it was rejected."""
    run = living(chosen.name)
    role = "watcher" if chosen.action == "status" else "driver"
    try:
        with Client(socket_path(Path(run.spec.directory)), role, name="ctl") as client:
            if chosen.action == "status":
                state = client.state
                say(encoded(state) if chosen.json else describe(state))
                return 0
            return _command(client, chosen)
    except (ConnectionError, EOFError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise VerbError(f"{run.spec.name} does not answer: {reason}") from None


def _command(client: Client, chosen: argparse.Namespace) -> int:
    client.look(StateRequest())
    if client.state.status == "warming up":
        client.wait(lambda state: state.status != "warming up", _WARM_UP_SECONDS)
    command = command_for(chosen, client.state)
    answer = client.send(command)
    if isinstance(answer, Rejected):
        accepted = f"; accepted: {answer.accepted}" if answer.accepted else ""
        raise VerbError(f"rejected: {answer.reason}{accepted}")
    say(in_words(answer))
    if isinstance(command, Set):
        _say_what_does_nothing(client, command)
    if isinstance(command, Step):
        return _wait_for_steps(client, command, answer)
    return 0


def command_for(chosen: argparse.Namespace, state: State) -> Command:
    """What was typed, as a command; raises `VerbError` for a knob or value that cannot be."""
    match chosen.action:
        case "run":
            return Run(chosen.until)
        case "pause":
            return Pause()
        case "step":
            return Step(chosen.unit, chosen.count)
        case "set":
            typed = split_settings(chosen.settings, "set")
            return Set({name: _value(state, name, text) for name, text in typed.items()})
        case "back":
            return SetBack(_knob(state, chosen.knob).name)
        case "speed":
            return Speed(chosen.steps_per_second)
        case "restart":
            return Restart(chosen.new)
        case "validate":
            return Validate()
        case "save":
            return Save(str(Path.cwd() / Path(chosen.file).expanduser()))
        case "load":
            return Load(str(Path.cwd() / Path(chosen.file).expanduser()))
        case _:
            raise AssertionError(f"no action {chosen.action}")


def in_words(answer: Applied) -> str:
    """An answer as one line: where, and each knob before, after and as read back."""
    parts = [f"applied at step {answer.step}" + (f" ({answer.phase})" if answer.phase else "")]
    for change in answer.changes:
        line = f"{change.knob} {format_value(change.old)} → {format_value(change.new)}"
        if change.effective != change.new:
            line += f" (effective {format_value(change.effective)})"
        parts.append(line)
    return ", ".join(parts) + (f"; {answer.note}" if answer.note else "")


def _say_what_does_nothing(client: Client, command: Set) -> None:
    """A knob can be turned while the file's own optimizer, say, decides: that is no error."""

    def there(state: State) -> bool:
        knobs = [state.knob(name) for name in command.values]
        return all(k is None or k.value == command.values[k.name] for k in knobs)

    with contextlib.suppress(TimeoutError):
        client.wait(there, _SETTLED_SECONDS)
    for name in command.values:
        knob = client.state.knob(name)
        if knob is not None and knob.unused:
            print(f"foghill: {name} does nothing at present: {knob.unused}", file=sys.stderr)


def _value(state: State, name: str, text: str) -> Value:
    try:
        return _knob(state, name).parse(text)
    except ValueError as error:
        raise VerbError(str(error), 2) from None


def _knob(state: State, name: str) -> Knob:
    knob = state.knob(name)
    if knob is None:
        names = [one.name for one in state.knobs]
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else "knobs are " + ", ".join(names)
        raise VerbError(f"{state.run} has no knob {name!r}; {hint}", 2)
    return knob


def _wait_for_steps(client: Client, command: Step, answer: Answer) -> int:
    """Wait until the steps are taken, or something else ended them, and say where it stands."""
    target = answer.step + command.count if isinstance(answer, Applied) else 0
    unchanged_since, before = time.monotonic(), client.state

    def over(state: State) -> bool:
        nonlocal unchanged_since, before
        if state is not before:
            unchanged_since, before = time.monotonic(), state
        if state.status == "running":
            return False
        if state.status in ("finished", "failed") or state.problem is not None:
            return True
        return command.unit == "step" and state.step >= target

    while not over(client.state):
        try:
            client.wait(over, _SETTLED_SECONDS)
        except TimeoutError:
            idle = time.monotonic() - unchanged_since >= _SETTLED_SECONDS
            if idle and client.state.status != "running":
                break
    state = client.state
    say(where_it_stands(state))
    if state.problem is not None:
        raise VerbError(state.problem.sentence)
    return 0
