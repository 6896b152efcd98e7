"""The screen's connection to an engine: one asyncio client, used by the Textual app.

Two tasks: one reads frames and completes whoever waits for an answer, the other hands views to
the screen and acknowledges each one only afterwards. So an answer never queues behind a view,
and a slow screen is sent fewer views instead of older ones.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from ..engine.protocol.commands import Answer, Applied, Command, Rejected
from ..engine.protocol.frames import (
    FROM_ENGINE,
    HEADER_BYTES,
    VERSION,
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
    body_length,
    decode_engine,
    encode,
)
from ..engine.protocol.views import Request

OnFrame = Callable[[Shown | Bye], Awaitable[None] | None]
OnLost = Callable[[str], None]

REST = 8  # a drawing takes at most a ninth of a core
_RETRY_SECONDS = 0.02
_STARTING = (FileNotFoundError, ConnectionRefusedError)


class LinkError(Exception):
    """There is no engine to talk to; the text is one sentence for a person."""


def _nothing_wrong() -> str:
    return ""


class Link:
    """One connection. `on_frame` gets every `Shown` and the `Bye`; `on_lost` gets one sentence,
    once, when the engine went away without one. Neither is called after `close()`."""

    def __init__(self, on_frame: OnFrame, on_lost: OnLost) -> None:
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[Answer | History | LinkError]] = {}
        self._views: asyncio.Queue[Shown | Bye] = asyncio.Queue()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._last_id = 0
        self._over = "not connected to an engine"
        self._closed = False

    @property
    def connected(self) -> bool:
        return not self._over

    async def connect(
        self,
        path: Path,
        role: Literal["driver", "watcher"] = "driver",
        name: str = "",
        patience: float = 30.0,
        hopeless: Callable[[], str] = _nothing_wrong,
    ) -> Welcome:
        """Connect and greet, retrying for `patience` seconds while the engine is starting.

        `hopeless` is asked between tries; a sentence from it (the engine's process has ended)
        ends the waiting. Raises `LinkError`.
        """
        deadline = asyncio.get_running_loop().time() + patience
        self._reader, self._writer = await self._open(path, deadline, hopeless)
        try:
            async with asyncio.timeout_at(deadline):
                await self._write(Hello(version=VERSION, role=role, name=name))
                frame = await self._read()
            if not isinstance(frame, Welcome):
                raise LinkError(f"the engine refused: {_refusal(frame)}")
        except TimeoutError:
            self._writer.close()
            raise LinkError("the engine is there but does not answer") from None
        except (OSError, EOFError, ProtocolError) as error:
            self._writer.close()
            raise LinkError(f"no greeting from the engine: {_words(error)}") from None
        except BaseException:
            self._writer.close()
            raise
        self._over = ""
        self._tasks = (
            asyncio.create_task(self._receive(), name="link: receive"),
            asyncio.create_task(self._deliver(), name="link: deliver"),
        )
        return frame

    def send(self, command: Command) -> Coroutine[Any, Any, Answer]:
        """Write `command` at once. Await what is returned for the answer to it; that raises
        `LinkError` if the engine goes away first."""
        return self._answer(self._request(lambda number: Order(id=number, command=command)))

    async def _answer(self, request: Coroutine[Any, Any, Answer | History]) -> Answer:
        answer = await request
        assert isinstance(answer, Applied | Rejected)
        return answer

    async def ask(self, series: str, first: int, last: int) -> tuple[list[int], list[float]]:
        """Exact values of `series` from step `first` to `last`, however many replies they take.

        Raises `LinkError`, also where the engine rejects the request.
        """
        steps: list[int] = []
        values: list[float] = []
        while True:
            start = steps[-1] + 1 if steps else first
            reply = await self._request(lambda number, s=start: Ask(number, series, s, last))
            if not isinstance(reply, History):
                raise LinkError(reply.reason if isinstance(reply, Rejected) else "no such series")
            steps += reply.steps
            values += reply.values
            if not reply.more or not reply.steps:
                return steps, values

    async def look(self, *requests: Request) -> None:
        """The views wanted from now on, replacing those wanted before. Quiet when lost."""
        if self.connected:
            with suppress(OSError):
                await self._write(Look(requests))

    async def close(self) -> None:
        """Hang up. The run goes on."""
        self._closed = True
        self._end("the connection was closed")
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def _open(
        self, path: Path, deadline: float, hopeless: Callable[[], str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            try:
                return await asyncio.open_unix_connection(str(path), limit=1 << 20)
            except _STARTING:
                if sentence := hopeless():
                    raise LinkError(sentence) from None
                if asyncio.get_running_loop().time() >= deadline:
                    raise LinkError(f"no engine answers at {path}") from None
                await asyncio.sleep(_RETRY_SECONDS)
            except OSError as error:
                raise LinkError(f"cannot connect to {path}: {_words(error)}") from None

    def _request(
        self, frame: Callable[[int], ClientFrame]
    ) -> Coroutine[Any, Any, Answer | History]:
        """Write a frame at once; the reply to it is to be awaited."""
        self._last_id += 1
        number = self._last_id
        self._waiting[number] = asyncio.get_running_loop().create_future()
        if self._over:
            self._waiting[number].set_result(LinkError(self._over))
        else:
            assert self._writer is not None
            self._writer.write(encode(frame(number)))
        return self._reply(number)

    async def _reply(self, number: int) -> Answer | History:
        try:
            if self.connected and self._writer is not None:
                await self._writer.drain()
            reply = await self._waiting[number]
        except OSError as error:
            raise LinkError(f"lost the engine: {_words(error)}") from None
        finally:
            self._waiting.pop(number, None)
        if isinstance(reply, LinkError):
            raise reply
        return reply

    async def _write(self, frame: ClientFrame) -> None:
        assert self._writer is not None
        self._writer.write(encode(frame))
        await self._writer.drain()

    async def _read(self) -> EngineFrame:
        assert self._reader is not None
        header = await self._reader.readexactly(HEADER_BYTES)
        return decode_engine(await self._reader.readexactly(body_length(header, FROM_ENGINE)))

    async def _receive(self) -> None:
        bye = False
        try:
            while True:
                frame = await self._read()
                match frame:
                    case Applied() | Rejected() | History():
                        self._complete(frame)
                    case Shown() | Bye():
                        bye = bye or isinstance(frame, Bye)
                        self._views.put_nowait(frame)  # at most one of each view: see `Seen`
                    case Refused():
                        self._lose(f"the engine dropped this screen: {frame.sentence}")
                        return
                    case Welcome():
                        pass
        except (EOFError, OSError) as error:
            if bye:
                self._end("the run has ended", keep_delivering=True)
            elif isinstance(error, EOFError):
                self._lose("the engine is gone without a word")
            else:
                self._lose(f"lost the engine: {_words(error)}")
        except ProtocolError as error:
            self._lose(f"the engine says what this screen does not understand: {error}")

    async def _deliver(self) -> None:
        """Hand over views one by one; one that took t to draw is `Seen` `REST` t later.

        So drawing leaves the cores to training, whatever the machine.
        """
        while not self._closed:
            frame = await self._views.get()
            began = time.perf_counter()
            try:
                taken = self._on_frame(frame)
                if inspect.isawaitable(taken):
                    await taken
            except Exception as error:
                self._lose(f"the screen failed on a view: {type(error).__name__}: {error}")
                return
            if isinstance(frame, Bye):
                return
            rest = REST * (time.perf_counter() - began)
            asyncio.get_running_loop().call_later(rest, self._see, frame.request)

    def _see(self, request: Request) -> None:
        """Ask for the next value of a view, unless the engine is gone by now."""
        if self.connected:
            seeing = asyncio.ensure_future(self._write(Seen(request)))
            seeing.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _complete(self, reply: Answer | History) -> None:
        waiting = self._waiting.get(reply.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def _lose(self, reason: str) -> None:
        if not self._over:
            self._end(reason)
            self._on_lost(reason)

    def _end(self, reason: str, keep_delivering: bool = False) -> None:
        self._over = self._over or reason
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(LinkError(reason))
        for task in self._tasks[: 1 if keep_delivering else None]:
            if task is not asyncio.current_task():
                task.cancel()


def _refusal(frame: EngineFrame) -> str:
    return frame.sentence if isinstance(frame, Refused) else "no greeting came first"


def _words(error: BaseException) -> str:
    if isinstance(error, EOFError):
        return "it hung up"
    return getattr(error, "strerror", None) or str(error)
