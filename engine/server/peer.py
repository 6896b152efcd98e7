"""One client of the engine: frames in within their limits, answers and views out as it takes them.

`server` makes one of these for each connection. Nothing here knows what a frame means.
"""

import asyncio
import collections
import contextlib
import socket
from asyncio import StreamReader, StreamWriter
from typing import Literal

from ..protocol.frames import (
    FROM_CLIENT,
    HEADER_BYTES,
    VERSION,
    ClientFrame,
    Hello,
    ProtocolError,
    Refused,
    body_length,
    decode_client,
    encode,
)
from ..protocol.views import Request

MAX_UNANSWERED = 64
MAX_ASKS = 2
FLUSH_SECONDS = 1.0


class Refusal(Exception):  # noqa: N818  (it is the refusal itself, sent as `Refused`)
    """The client broke the contract and is dropped."""

    def __init__(
        self, reason: Literal["version", "frame", "size", "order", "busy"], sentence: str
    ) -> None:
        super().__init__(sentence)
        self.frame = Refused(reason, sentence)


class Shown:
    """The latest value of one view, encoded once for everyone, and who looks at it.

    A client that looks is either `ready` for the next value, or has one due or unseen.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.frame = b""
        self.number = 0  # of values so far
        self.revision = -1  # of what it was made from
        self.lookers: set[Peer] = set()
        self.ready: set[Peer] = set()
        self.not_before = 0.0  # loop time
        self.timer: asyncio.TimerHandle | None = None
        self.working = False


class Peer:
    """A connection. Answers go before views; of a view at most one value is on its way."""

    def __init__(
        self, sock: socket.socket, name: str, reader: StreamReader, writer: StreamWriter
    ) -> None:
        self.sock = sock
        self.name = name
        self.role: Literal["driver", "watcher"] = "watcher"
        self.greeted = False
        self.looks: dict[Request, Shown] = {}
        self.orders = asyncio.Semaphore(MAX_UNANSWERED)
        self.asks = asyncio.Semaphore(MAX_ASKS)
        self._answers: collections.deque[tuple[bytes, asyncio.Semaphore | None]] = (
            collections.deque()
        )
        self._due: dict[Request, Shown] = {}
        self._sent: dict[Request, int] = {}  # number of the value that is not yet seen
        self._taken: dict[Request, int] = {}
        self._wake = asyncio.Event()
        self._leaving = False
        self._writing: asyncio.Task[None] | None = None
        self._reader = reader
        self._writer = writer

    async def receive(self) -> ClientFrame | None:
        """The next frame; None where the client hung up between frames. Raises `Refusal`."""
        try:
            header = await self._reader.readexactly(HEADER_BYTES)
            length = body_length(header, FROM_CLIENT)
        except asyncio.IncompleteReadError as error:
            if not error.partial:
                return None
            raise Refusal("frame", "the frame was cut short") from None
        except ProtocolError as error:
            raise Refusal("size", str(error)) from None
        try:
            return decode_client(await self._reader.readexactly(length))
        except asyncio.IncompleteReadError:
            raise Refusal("frame", "the frame was cut short") from None
        except ProtocolError as error:
            raise Refusal("frame", str(error)) from None

    async def greeting(self, seconds: float) -> None:
        """Take in this client's `Hello`. Raises `Refusal` for anything else."""
        try:
            async with asyncio.timeout(seconds):
                frame = await self.receive()
        except TimeoutError:
            raise Refusal("order", f"no Hello within {seconds:.0f} s") from None
        if frame is None:
            raise ConnectionResetError
        if not isinstance(frame, Hello):
            raise Refusal("order", "a client says Hello first")
        if frame.version != VERSION:
            raise Refusal(
                "version",
                f"this engine speaks version {VERSION} of the contract, not {frame.version}; "
                "use the Foghill it was started with",
            )
        self.role = frame.role
        self.name = "".join(sign for sign in frame.name if sign.isprintable())[:60] or self.name
        self.greeted = True

    def start_writing(self) -> None:
        self._writing = asyncio.create_task(self._write())

    def answer(self, frame: bytes, slot: asyncio.Semaphore | None = None) -> None:
        """Queue an answer; its `slot` is free again when the client's socket took it."""
        self._answers.append((frame, slot))
        self._wake.set()

    def offer(self, shown: Shown) -> None:
        """Send the latest value of a view this peer was ready for."""
        shown.ready.discard(self)
        self._due[shown.request] = shown
        self._wake.set()

    def saw(self, request: Request) -> Shown | None:
        """The view if a value of it was waiting for this; it is then ready again."""
        number = self._sent.pop(request, 0)
        if not number or request not in self.looks:
            return None
        self._taken[request] = number
        return self.looks[request]

    def has_latest(self, shown: Shown) -> bool:
        return self._taken.get(shown.request, 0) >= shown.number

    def forget(self, request: Request) -> None:
        """This peer looks at it no longer."""
        shown = self.looks.pop(request)
        shown.lookers.discard(self)
        shown.ready.discard(self)
        for kept in (self._due, self._sent, self._taken):
            kept.pop(request, None)

    async def _write(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                while self._answers:
                    frame, slot = self._answers.popleft()
                    await self._put(frame)
                    if slot is not None:
                        slot.release()
                if self._due:
                    shown = self._due.pop(next(iter(self._due)))
                    self._sent[shown.request] = shown.number
                    await self._put(shown.frame)
                elif self._leaving:
                    return
                else:
                    self._wake.clear()
                    await self._wake.wait()
        self._writer.close()

    async def _put(self, frame: bytes) -> None:
        self._writer.write(frame)
        await self._writer.drain()

    async def dismiss(self, frame: bytes) -> None:
        """Send a last frame after the answers still due, wait a little, hang up."""
        self._due.clear()
        self._leaving = True
        if self._writing is None:
            self.start_writing()
        self.answer(frame)
        assert self._writing is not None
        await asyncio.wait([self._writing], timeout=FLUSH_SECONDS)
        await self.close()

    async def refuse(self, refusal: Refusal) -> None:
        await self.dismiss(encode(refusal.frame))

    async def close(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        transport = self._writer.transport
        if transport.get_write_buffer_size():
            transport.abort()
        self._writer.close()


async def connected(sock: socket.socket, number: int) -> Peer:
    """The peer at the other end of an accepted socket."""
    reader, writer = await asyncio.open_unix_connection(sock=sock, limit=FROM_CLIENT)
    # drain() waits until the kernel took everything: a client that stops costs one frame
    writer.transport.set_write_buffer_limits(0)
    return Peer(sock, f"client {number}", reader, writer)
