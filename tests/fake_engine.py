"""A stand-in for an engine: a thread that listens on a socket and speaks the contract.

Used by the tests of clients. It answers what it is told to, and keeps what it was sent.
"""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from foghill.engine.protocol.commands import Answer, Applied, Command
from foghill.engine.protocol.frames import (
    FROM_CLIENT,
    VERSION,
    Ask,
    Bye,
    ClientFrame,
    EngineFrame,
    Hello,
    History,
    Look,
    Order,
    Refused,
    Seen,
    Shown,
    Welcome,
    decode_client,
    encode,
    receive,
)
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import StateRequest
from foghill.engine.runs.catalog import RunSpec, new_run, socket_path, write_engine_note

PATIENCE = 60.0


def state(**changes: object) -> State:
    plain = State(run="parabola", directory="/nowhere", experiment="parabola", status="paused")
    return msgspec.structs.replace(plain, **changes)


class FakeEngine:
    """Listens on `path` from the start. `answer(id, command)` may return None: no answer yet."""

    def __init__(
        self,
        path: Path,
        present: State | None = None,
        answer: Callable[[int, Command], Answer | None] | None = None,
        refused: Refused | None = None,
        silent: bool = False,
    ) -> None:
        self.state = present or state()
        self.answer = answer or (lambda number, _: Applied(id=number, step=self.state.step))
        self.refused = refused
        self.silent = silent
        self.history: dict[str, list[float]] = {}
        self.page = 10_000
        self.received: queue.Queue[ClientFrame] = queue.Queue()
        self.commands: list[Command] = []
        self.gone = threading.Event()  # a client hung up
        self._peers: list[socket.socket] = []  # greeted
        self._accepted: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> "FakeEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    def show(self, frame: EngineFrame) -> None:
        """Send `frame` to everyone attached."""
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.sendall(encode(frame))

    def publish(self, present: State) -> None:
        self.state = present
        self.show(Shown(StateRequest(), present))

    def say_bye(self, reason: str = "stopped") -> None:
        self.show(Bye(reason, self.state))
        self.die()

    def next(self, kind: type[ClientFrame]) -> ClientFrame:
        """The next frame of `kind` a client sent; others before it are dropped."""
        while True:
            frame = self.received.get(timeout=PATIENCE)
            if isinstance(frame, kind):
                return frame

    def die(self) -> None:
        for peer in [self._listener, *self._accepted]:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(PATIENCE)

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._accepted.append(peer)
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                frame = decode_client(receive(peer, FROM_CLIENT))
                for reply in self._replies(peer, frame):
                    peer.sendall(encode(reply))
                self.received.put(frame)
        self.gone.set()

    def _replies(self, peer: socket.socket, frame: ClientFrame) -> list[EngineFrame]:
        match frame:
            case Hello() if self.silent:
                return []
            case Hello() if self.refused:
                return [self.refused]
            case Hello(role=role):
                self._peers.append(peer)
                return [Welcome(VERSION, role, self.state)]
            case Order(id=number, command=command):
                self.commands.append(command)
                answer = self.answer(number, command)
                return [] if answer is None else [answer]
            case Ask(id=number, series=series, first=first, last=last):
                return [self._page(number, series, first, last)]
            case Look(requests=requests):
                looked = [r for r in requests if isinstance(r, StateRequest)]
                return [Shown(r, self.state) for r in looked]
            case Seen():
                return []

    def _page(self, number: int, series: str, first: int, last: int) -> History:
        values = self.history[series]
        steps = list(range(first, min(last, len(values)) + 1))
        kept = steps[: self.page]
        return History(number, kept, [values[s - 1] for s in kept], len(kept) < len(steps))


def make_run(name: str = "ball", **asked: object) -> RunSpec:
    """A run of a file in the working directory, as `foghill run` makes it; nobody serves it."""
    Path("ball.py").write_text('"""A thrown ball."""\ndef data(): ...\ndef model(): ...\n')
    return new_run("ball.py", name=name, **asked)


def make_living_run(name: str = "ball", **options: object) -> FakeEngine:
    """A run that this very process serves, with a fake engine on its socket."""
    directory = Path(make_run(name).directory)
    write_engine_note(directory)
    present = options.pop("present", None) or state(run=name)
    return FakeEngine(socket_path(directory), present, **options)
