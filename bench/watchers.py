"""Sixteen people looking on: a process that holds many sockets, each looking at every view.

    python -m bench.watchers SOCKET COUNT

Prints `ready` when every one of them looks; ends when its stdin does.
"""

import contextlib
import selectors
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

from foghill.engine.protocol.client import Client
from foghill.engine.protocol.frames import Shown
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import (
    CurveRequest,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    Request,
    StateRequest,
)

from .engines import ROOT


def every_view(state: State) -> tuple[Request, ...]:
    """What a screen at 120×40 would ask for if it could show everything at once."""
    pictures = (PictureRequest(name, 80, 20) for name in state.pictures)
    return (StateRequest(), CurveRequest(columns=150), PhasesRequest(), *pictures, OutputRequest())


@contextlib.contextmanager
def watching(socket: Path, count: int) -> Generator[None]:
    """`count` watchers on the engine at `socket`, as long as this lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.watchers", str(socket), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the watchers could not attach")
        yield
    finally:
        shown, _ = process.communicate()
    if int(shown) < count:
        raise RuntimeError(f"{count} watchers saw only {shown.strip()} views")


def main(socket: Path, count: int) -> None:
    """Take in and acknowledge whatever comes."""
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    for number in range(count):
        watcher = Client(socket, "watcher", f"watcher {number}", timeout=60)
        watcher.look(*every_view(watcher.state))
        selector.register(watcher.fileno(), selectors.EVENT_READ, watcher)
    print("ready", flush=True)
    shown = 0
    while True:
        for key, _ in selector.select():
            if key.data is None:
                print(shown, flush=True)
                return
            shown += taken_in(key.data)


def taken_in(watcher: Client) -> int:
    """Acknowledge every frame that is there; how many were views."""
    views = int(isinstance(watcher.receive(), Shown))
    while watcher.has_frame:
        views += isinstance(watcher.receive(), Shown)
    return views


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
