"""A blocking client: connect, command, look. For scripts (`ctl`, `ls`, `stop`), tests and benches.

The screen has an asyncio one of its own. Not thread-safe: one thread, one client.
"""

import itertools
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from . import frames
from .commands import Answer, Applied, Command, Rejected
from .frames import (
    Ask,
    Bye,
    ClientFrame,
    EngineFrame,
    Hello,
    History,
    Look,
    Order,
    ProtocolError,
    Refused,
    Seen,
    Shown,
    Welcome,
)
from .state import State
from .views import Request, StateRequest

_CHUNK = 256 * 1024


class Client:
    """One connection to an engine, greeted. Closes itself as a context manager.

    `state` is the newest state that came; it is kept up to date while `StateRequest` is looked
    at. `inbox` holds what came while something else was waited for, of each view the latest.

    Everything that waits raises `TimeoutError` when its time is over (the connection stays
    usable), `ConnectionError` when the engine hung up and `ProtocolError` when it refused.
    """

    welcome: Welcome
    state: State

    def __init__(
        self,
        path: Path,
        role: Literal["driver", "watcher"] = "driver",
        name: str = "",
        timeout: float = 10.0,
    ) -> None:
        """Connect to the socket at `path`. Raises `ConnectionError` where no engine answers."""
        self.timeout = timeout
        self.inbox: list[EngineFrame] = []
        self._ids = itertools.count(1)
        self._buffer = bytearray()
        self._looking: tuple[Request, ...] = ()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._connect(path)
            self._send(Hello(frames.VERSION, role, name))
            greeting = self._next(time.monotonic() + timeout)
            if not isinstance(greeting, Welcome):
                raise ProtocolError(f"the engine greeted with {type(greeting).__name__}")
        except BaseException:
            self.close()
            raise
        self.welcome, self.state = greeting, greeting.state

    def _connect(self, path: Path) -> None:
        self._socket.settimeout(self.timeout)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            raise ConnectionError(f"no engine answers at {path}: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """For `select`; look at `inbox` and `has_frame` first."""
        return self._socket.fileno()

    @property
    def has_frame(self) -> bool:
        """`receive` would return at once."""
        return bool(self.inbox) or self._whole_frame() is not None

    def send(self, command: Command, timeout: float | None = None) -> Answer:
        """Give a command and wait for its answer."""
        order = Order(next(self._ids), command)
        self._send(order)
        while True:
            frame = self._next(self._deadline(timeout))
            if isinstance(frame, Applied | Rejected) and frame.id == order.id:
                return frame
            self._keep(frame)

    def ask(self, series: str, first: int, last: int) -> tuple[list[int], list[float]]:
        """The exact values of a series from step `first` to `last`, however many there are.

        Raises `ValueError` where the engine knows no such series.
        """
        steps: list[int] = []
        values: list[float] = []
        more = True
        while more:
            page = self._page(Ask(next(self._ids), series, first, last))
            steps += page.steps
            values += page.values
            more = page.more and bool(page.steps)
            first = steps[-1] + 1 if steps else first
        return steps, values

    def look(self, *requests: Request) -> None:
        """Ask for these views from now on, instead of those before."""
        self._send(Look(requests))
        self._looking = requests

    def receive(self, timeout: float | None = None) -> EngineFrame:
        """The next frame, from the inbox or the engine. A view that comes is acknowledged."""
        return self.inbox.pop(0) if self.inbox else self._next(self._deadline(timeout))

    def wait(self, predicate: Callable[[State], bool], timeout: float | None = None) -> State:
        """The first state for which `predicate` holds, counting from the one that is there.

        That one may be older than the last answer: wait for what only a newer one can say.
        """
        deadline = self._deadline(timeout)
        if StateRequest() not in self._looking:
            self.look(*self._looking, StateRequest())
            self._until_state(deadline)
        while not predicate(self.state):
            self._until_state(deadline)
        return self.state

    def _until_state(self, deadline: float) -> None:
        while True:
            frame = self._next(deadline)
            if not (isinstance(frame, Shown) and isinstance(frame.view, State)):
                self._keep(frame)
            if isinstance(frame, Bye) or (isinstance(frame, Shown) and frame.view is self.state):
                return

    def _page(self, ask: Ask) -> History:
        self._send(ask)
        while True:
            frame = self._next(self._deadline(None))
            if isinstance(frame, History) and frame.id == ask.id:
                return frame
            if isinstance(frame, Rejected) and frame.id == ask.id:
                raise ValueError(frame.reason)
            self._keep(frame)

    def _keep(self, frame: EngineFrame) -> None:
        """Put a frame in the inbox; an older value of the same view goes."""
        if isinstance(frame, Shown):
            self.inbox = [
                kept
                for kept in self.inbox
                if not (isinstance(kept, Shown) and kept.request == frame.request)
            ]
        self.inbox.append(frame)

    def _deadline(self, timeout: float | None) -> float:
        return time.monotonic() + (self.timeout if timeout is None else timeout)

    def _send(self, frame: ClientFrame) -> None:
        self._socket.settimeout(self.timeout)
        try:
            self._socket.sendall(frames.encode(frame))
        except TimeoutError:
            self.close()  # half a frame is on its way
            raise ConnectionError("the engine takes no more frames") from None
        except (BrokenPipeError, ConnectionResetError):
            return  # why the engine hung up may still be there to read

    def _next(self, deadline: float) -> EngineFrame:
        """The next frame off the wire, noted and acknowledged."""
        while (body := self._whole_frame()) is None:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                part = self._socket.recv(_CHUNK)
            except TimeoutError:
                raise TimeoutError("the engine did not answer in time") from None
            if not part:
                raise ConnectionError("the engine hung up")
            self._buffer += part
        del self._buffer[: frames.HEADER_BYTES + len(body)]
        frame = frames.decode_engine(body)
        if isinstance(frame, Refused):
            raise ProtocolError(frame.sentence)
        if isinstance(frame, Shown):
            self._send(Seen(frame.request))
            if isinstance(frame.view, State):
                self.state = frame.view
        elif isinstance(frame, Bye):
            self.state = frame.state
        return frame

    def _whole_frame(self) -> bytes | None:
        """The body of the first frame in the buffer, if all of it is there."""
        if len(self._buffer) < frames.HEADER_BYTES:
            return None
        header = bytes(self._buffer[: frames.HEADER_BYTES])
        end = frames.HEADER_BYTES + frames.body_length(header, frames.FROM_ENGINE)
        return bytes(self._buffer[frames.HEADER_BYTES : end]) if len(self._buffer) >= end else None
