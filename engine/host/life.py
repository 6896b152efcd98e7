"""The life of an engine's process: its parts, its signals, its end. `__main__` calls `live`.

An engine that serves ignores Ctrl-C and the loss of its terminal; in the foreground Ctrl-C is a
clean stop. Whatever happens, the end is written down before anyone is told.
"""

import asyncio
import math
import os
import shutil
import signal
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path

from ..history.curve import Curves
from ..history.store import Store
from ..runs import processes
from ..runs.directory import (
    CatalogError,
    EndNote,
    RunSpec,
    now,
    read_engine_note,
    write_end_note,
    write_engine_note,
)
from ..server.needs import End
from ..server.server import Server
from ..session.session import Session
from .headless import Reporter

JOIN_SECONDS = 5.0
EXIT_SECONDS = 5.0  # that threads and exit handlers of the user's code may still take


async def live(spec: RunSpec, reporter: Reporter | None = None) -> int:
    """Own the run from here to its end; returns the exit code. Raises `CatalogError`."""
    directory = Path(spec.directory)
    other = read_engine_note(directory)
    if other is not None and other.pid != os.getpid() and processes.is_alive(other):
        raise CatalogError(f"{spec.name} has an engine already: process {other.pid}")
    store, curves = Store(directory), Curves()
    session = Session(spec, store, curves)
    server = Server(
        directory,
        session,
        store,
        lambda request: curves.curve(request, store.exact),
        headless=spec.headless,
    )
    write_engine_note(directory, socket=server.open())
    listen_to_signals(server, foreground=reporter is not None)
    session.start(server)
    reporting = asyncio.create_task(reporter.report(server, session, store)) if reporter else None
    end = await server.end
    if reporting is not None:
        reporting.cancel()
    if not end.hung:
        await asyncio.to_thread(session.join, JOIN_SECONDS)
    if reporter is not None:
        await _finished(reporter.finish(end, store, session.shown), server)
    await asyncio.wait(
        [asyncio.create_task(asyncio.to_thread(store.close))],
        timeout=JOIN_SECONDS if end.hung else None,
    )
    code = exit_code(end, session.exit_code) or int(reporter is not None and reporter.closed)
    litter = reporter is not None and nothing_was_trained(end)
    await asyncio.to_thread(write_down, directory, end, server.delete or litter)
    await server.close()
    if end.hung:
        leave_at_once(code)
    else:
        leave_soon(code)
    return code


def listen_to_signals(server: Server, *, foreground: bool) -> None:
    """SIGTERM stops cleanly, and Ctrl-C does in the foreground; losing the terminal is nothing."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.stop, "interrupted")
    if foreground:
        loop.add_signal_handler(signal.SIGINT, server.stop, "interrupted")
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def exit_code(end: End, session_says: int) -> int:
    """0 done, 2 for what was found before the first step, 1 for what came after."""
    if end.state.problem is not None and end.reason != "interrupted":
        return 2 if end.state.problem.before_first_step else 1
    return 1 if end.hung else session_says


def nothing_was_trained(end: End) -> bool:
    """Whether what was found before the first step ended it: nobody comes back to such a run."""
    problem = end.state.problem
    return problem is not None and problem.before_first_step and not end.state.touched


def write_down(directory: Path, end: End, delete: bool) -> None:
    """Leave the note of the end, or nothing at all."""
    if delete:
        shutil.rmtree(directory, ignore_errors=True)
        return
    state = end.state
    note = EndNote(
        reason=end.reason,
        status=state.status,
        step=state.step,
        epoch=state.epoch,
        loss=_finite(state.loss),
        valid_loss=_finite(state.valid_loss),
        time=now(),
    )
    try:
        write_end_note(directory, note)
    except OSError as error:
        print(f"the end of the run could not be written down: {error}", file=sys.stderr)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


async def _finished(work: Coroutine[object, object, None], server: Server) -> None:
    """Wait for a slow reader of stdout, but not when the run was told to stop."""
    task = asyncio.create_task(work)
    while not task.done():
        await asyncio.wait([task], timeout=JOIN_SECONDS)
        if server.stopping:
            break


def leave_at_once(code: int) -> None:
    """The session hangs in the user's code: there is no other way out."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def leave_soon(code: int) -> None:
    """Exit handlers of the user's code get their time, but not for ever."""
    timer = threading.Timer(EXIT_SECONDS, os._exit, (code,))
    timer.daemon = True
    timer.start()
