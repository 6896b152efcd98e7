"""Stand-ins for the engine's parts, and a raw client, for the tests of the server."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from foghill.engine.protocol import frames
from foghill.engine.protocol.commands import Answer, Applied, Stop
from foghill.engine.protocol.frames import Hello, Look, Order, Seen, Shown, Welcome
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import Curve, CurveRequest, Request, StateRequest, View
from foghill.engine.server.server import Server

LONGEST = 60.0  # seconds any wait in a test may take


class FakeSession:
    """A session under the test's control: it answers orders at once unless `deaf`."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.revision = 0
        self.heartbeat = time.monotonic()
        self.idle = True
        self.exit_code = 0
        self.deaf = False
        self.posted: list[tuple[Order, str]] = []
        self.replies: list[Callable[[Answer], None]] = []
        self.wanted: dict[Request, int] = {}
        self.stopped: list[str] = []
        self.outlet: Server

    def publish(self, **changes: object) -> None:
        self.state = msgspec.structs.replace(self.state, **changes)
        self.revision += 1
        self.outlet.publish(self.state, self.revision)

    def post(self, order: Order, who: str, reply: Callable[[Answer], None]) -> None:
        self.posted.append((order, who))
        if self.deaf:
            self.replies.append(reply)
            return
        reply(Applied(order.id, self.state.step))
        if isinstance(order.command, Stop):
            self.outlet.ended("stopped", self.state)

    def want(self, request: Request, seen: int) -> None:
        self.wanted[request] = seen

    def unwant(self, request: Request) -> None:
        self.wanted.pop(request, None)

    def stop(self, reason: str) -> None:
        self.stopped.append(reason)
        if not self.deaf:
            self.outlet.ended(reason, self.state)

    def join(self, timeout: float | None = None) -> bool:
        return False


class FakeStore:
    """`exact` from lists."""

    def __init__(self, **series: list[tuple[int, float]]) -> None:
        self.rows = series

    def series(self) -> tuple[str, ...]:
        return tuple(self.rows)

    def exact(
        self, series: str, first: int, last: int, limit: int = 10_000
    ) -> tuple[list[int], list[float], bool]:
        found = [row for row in self.rows[series] if first <= row[0] <= last]
        steps, values = [row[0] for row in found], [row[1] for row in found]
        return steps[:limit], values[:limit], len(found) > limit


class Wire:
    """A client that speaks frames and does nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, *said: frames.ClientFrame) -> None:
        for frame in said:
            self.writer.write(frames.encode(frame))

    def say_raw(self, raw: bytes) -> None:
        self.writer.write(raw)

    async def hear(self) -> frames.EngineFrame:
        async with asyncio.timeout(LONGEST):
            header = await self.reader.readexactly(frames.HEADER_BYTES)
            length = frames.body_length(header, frames.FROM_ENGINE)
            return frames.decode_engine(await self.reader.readexactly(length))

    async def hear_a(self, kind: type) -> object:
        """The next frame of this kind, or the next view of it (which is acknowledged)."""
        while True:
            frame = await self.hear()
            if isinstance(frame, kind):
                return frame
            if isinstance(frame, Shown):
                self.say(Seen(frame.request))
                if isinstance(frame.view, kind):
                    return frame.view

    async def state(self, holds: Callable[[State], bool]) -> State:
        """The first state shown for which it holds."""
        self.say(Look((StateRequest(),)))
        while True:
            state = await self.hear_a(State)
            assert isinstance(state, State)
            if holds(state):
                return state

    async def hung_up(self) -> bool:
        """True once the engine closed the connection."""
        async with asyncio.timeout(LONGEST):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionResetError:
                pass
        return True

    def stall(self) -> None:
        """Read nothing from here on, as a stopped process would."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def close(self) -> None:
        self.writer.close()


class Rig:
    """A server with a fake session, and clients for it."""

    def __init__(self, directory: Path, state: State, store: FakeStore) -> None:
        directory.chmod(0o700)
        self.session = FakeSession(state)
        self.curves = 0  # computed so far
        self.server = Server(directory, self.session, store, self._curve)
        self.session.outlet = self.server
        self.path = self.server.open()
        self.wires: list[Wire] = []

    def _curve(self, request: CurveRequest) -> Curve:
        self.curves += 1
        return Curve(request.first, self.session.state.step, 1, ())

    async def connect(self) -> Wire:
        wire = Wire(*await asyncio.open_unix_connection(str(self.path)))
        self.wires.append(wire)
        return wire

    async def attach(self, role: str = "driver", name: str = "") -> tuple[Wire, Welcome]:
        wire = await self.connect()
        wire.say(hello(role, name))
        welcome = await wire.hear()
        assert isinstance(welcome, Welcome)
        return wire, welcome

    def show(self, request: Request, view: View) -> None:
        self.server.show(request, view, self.session.revision)

    async def close(self) -> None:
        for wire in self.wires:
            wire.close()
        if not self.server.end.done():
            self.server.ended("test over", self.session.state)
        await self.server.end
        if not self.server.closed:
            await self.server.close()


def hello(role: str = "driver", name: str = "") -> Hello:
    assert role in ("driver", "watcher")
    return Hello(frames.VERSION, role, name)


@asynccontextmanager
async def rig(directory: Path, state: State | None = None, **series: list[tuple[int, float]]):
    """A server in this event loop."""
    state = state or State(run="r", directory=str(directory), experiment="x.py", touched=True)
    made = Rig(directory, state, FakeStore(**series))
    try:
        yield made
    finally:
        await made.close()


async def until(holds: Callable[[], object]) -> None:
    """Wait for a condition; fails after `LONGEST` seconds."""
    async with asyncio.timeout(LONGEST):
        while not holds():
            await asyncio.sleep(0.005)


def eventually(holds: Callable[[], object]) -> None:
    """The same outside an event loop."""
    deadline = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def raw_socket(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(LONGEST)
    sock.connect(str(path))
    return sock
