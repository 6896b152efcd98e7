"""`foghill attach` and `foghill` alone: open the screen on a living run, or the picker."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ...engine.protocol.client import Client
from ...engine.runs.catalog import Run, RunSpec, find, kept_weights, socket_path
from ..keys import Move
from . import VerbError


def attach(chosen: argparse.Namespace) -> int:
    """The screen on a run that is alive."""
    found = living(chosen.name)
    check_terminal(f"foghill ctl {found.spec.name} status")
    hide = names(chosen.hide)
    if hide:
        _check_hidden(found, hide)
    return open_screen(found, watch=chosen.watch, ascii=chosen.ascii, bell=chosen.bell, hide=hide)


def names(given: Sequence[str]) -> tuple[str, ...]:
    """`--hide lr,hill --hide seed` as names."""
    return tuple(name.strip() for words in given for name in words.split(",") if name.strip())


def _check_hidden(run: Run, hide: tuple[str, ...]) -> None:
    """Raises `VerbError` for a name that the run does not have."""
    from ..hiding import unknown

    try:
        with Client(socket_path(Path(run.spec.directory)), "watcher", name="attach") as client:
            state = client.state
    except (ConnectionError, TimeoutError) as error:
        raise VerbError(f"{run.spec.name} does not answer: {error}") from None
    if wrong := unknown(state, hide):
        raise VerbError(wrong, 2)


def pick(chosen: argparse.Namespace) -> int:
    """The picker: lessons, files of this directory, runs."""
    check_terminal("foghill --help")
    return open_screen(None, ascii=chosen.ascii)


def living(name: str) -> Run:
    """The run called `name`, alive; raises `VerbError` that says how it ended where it is not."""
    found = find(name)
    called = found.spec.name
    match found.life:
        case "alive":
            return found
        case "elsewhere":
            raise VerbError(f"{called} runs on {found.spec.host}; ask for it there", 2)
        case "ended":
            reason = f": {found.end.reason}" if found.end and found.end.reason else ""
            weights = kept_weights(Path(found.spec.directory))
            kept = f"; its weights: {weights}" if weights else ""
            raise VerbError(f"{called} has ended{reason}; its losses: {_export(called)}{kept}", 2)
        case "died":
            log = f"{found.spec.directory}/engine.log"
            raise VerbError(f"{called} died without a word; its output is in {log}", 2)


def _export(name: str) -> str:
    return f"foghill export {name} --csv FILE"


def check_terminal(instead: str) -> None:
    """Raises `VerbError` where no screen can be shown."""
    if not os.isatty(1) or not os.isatty(0):
        which = "output" if not os.isatty(1) else "input"
        raise VerbError(f"the screen needs a terminal and the {which} is none; try: {instead}", 2)
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise VerbError(f"TERM={os.environ.get('TERM', '')} shows no screen; try: {instead}", 2)


def open_screen(
    run: Run | RunSpec | None,
    watch: bool = False,
    ascii: bool = False,
    bell: bool = False,
    hide: tuple[str, ...] = (),
    keys: tuple[Move, ...] = (),
) -> int:
    """Show the screen until it is left, then say how to come back. A `RunSpec` is not started
    yet: the screen starts it."""
    from ..app import FoghillApp

    app = FoghillApp(run, watch=watch, ascii=ascii, bell=bell, hide=hide, keys=keys)
    app.run()
    code = app.exit_code or app.return_code or 0
    if app.parting and code:
        print(f"foghill: {app.parting}", file=sys.stderr)
    elif app.parting:
        print(app.parting)
    for line in app.lines:
        print(line)
    return code
