"""The engine's socket: who may connect, who may command, and everyone's share of what is sent.

Runs in the event loop of the main thread, before torch is even imported; the session answers
from its own threads. A client that breaks the contract is refused and dropped, no more.
"""

import asyncio
import contextlib
import itertools
import os
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from ..protocol.commands import Answer, Applied, Rejected, Stop
from ..protocol.frames import (
    MAX_REQUESTS,
    VERSION,
    Ask,
    Bye,
    ClientFrame,
    Hello,
    History,
    Look,
    Order,
    Seen,
    Welcome,
    encode,
)
from ..protocol.state import State
from ..protocol.views import Curve, CurveRequest, Request, View
from ..runs.directory import check_private, far_socket_path, new_socket_path
from .needs import End, Session, Store
from .peer import Peer, Refusal, connected
from .showing import Showing
from .silence import silence
from .sockets import close_in_children, listen, peer_uid

MAX_CLIENTS = 64
HELLO_SECONDS = 5.0
STOP_SECONDS = 5.0  # a session asked to stop has before the engine ends without it
WARM_UP_STOP_SECONDS = 1.0  # nothing is lost
LONELY_SECONDS = 60.0  # an untouched run that no client ever reached has
TICK_SECONDS = 1.0


class Server:
    """One run's socket. The session calls `publish`, `show` and `ended` from its thread."""

    def __init__(
        self,
        directory: Path,
        session: Session,
        store: Store,
        curve: Callable[[CurveRequest], Curve],
        *,
        headless: bool = False,
    ) -> None:
        self.directory = directory
        self.end: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self.delete = False  # the directory too, at the end
        self.stopping = False
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._store = store
        self._headless = headless
        self._threads = ThreadPoolExecutor(2, "views")
        self._showing = Showing(
            self._present,
            session,
            curve,
            directory / "engine.log",
            self._threads,
        )
        self._latest = (session.state, session.revision)
        self._noticing = False
        self._status = session.state.status
        self._silence = ""
        self._peers: set[Peer] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._reached = False
        self._why = ""  # somebody but a client asked for the end
        self._opened = time.monotonic()

    # -- called by the session, from its threads ------------------------------------------

    def publish(self, state: State, revision: int) -> None:
        """The state is now this. May be called often: one waiting notice, the latest wins."""
        self._latest = (state, revision)
        if not self._noticing:
            self._noticing = True
            self._soon(self._notice)

    def show(self, request: Request, view: View, revision: int) -> None:
        """A view that was wanted."""
        self._soon(self._showing.painted, request, view, revision)

    def ended(self, reason: str, state: State) -> None:
        """The session's thread is about to return."""
        self._latest = (state, self._latest[1] + 1)
        self._soon(self._finish, reason)

    def _soon(self, call: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(call, *arguments)

    # -- the life of the server -----------------------------------------------------------

    def open(self) -> Path:
        """Listen; returns where. Raises `CatalogError` or `OSError`."""
        check_private(self.directory)
        self.path = new_socket_path(self.directory)
        try:
            self._listener = listen(self.path)
        except OSError:  # some file systems have no sockets
            self.path = far_socket_path(self.directory)
            self._listener = listen(self.path)
        close_in_children(self)
        self._accepting = self._spawn(self._accept())
        self._spawn(self._tick())
        return self.path

    def stop(self, reason: str) -> None:
        """End the run cleanly; without the session if it does not react."""
        if self.stopping:
            return
        self.stopping = True
        self._why = reason
        self._session.stop(reason)
        begun = self._latest[0].status != "warming up"
        seconds = STOP_SECONDS if begun else WARM_UP_STOP_SECONDS
        self._loop.call_later(seconds, self._finish, reason, True)

    async def close(self) -> None:
        """Say good-bye to everyone and hang up."""
        self.closed = True
        self._accepting.cancel()
        await asyncio.wait([self._accepting])
        self._listener.close()
        self.path.unlink(missing_ok=True)
        self._showing.close()
        end = self.end.result()
        bye = encode(Bye(end.reason, end.state))
        await asyncio.gather(*(peer.dismiss(bye) for peer in self._peers if peer.greeted))
        for task in self._tasks:
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def close_sockets(self) -> None:
        """In a forked child: the sockets are the engine's alone, or clients would see no end."""
        for sock in (self._listener, *(peer.sock for peer in self._peers)):
            with contextlib.suppress(OSError):
                os.close(sock.detach())

    def _finish(self, reason: str, hung: bool = False) -> None:
        if not self.end.done():
            state = self._latest[0]
            self.end.set_result(End(self._why or reason, state, hung))

    def _spawn(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _tick(self) -> None:
        """Once a second: is the session alive, and is anyone still there?"""
        while not self.end.done():
            await asyncio.sleep(TICK_SECONDS)
            self._listen_for_silence()
            if not self._reached and time.monotonic() - self._opened > LONELY_SECONDS:
                self._end_if_untouched(any_kind=True)
            if self._session.join(0):
                await asyncio.sleep(TICK_SECONDS)  # what it said last may still be on its way
                self._finish("the session ended without a word", True)

    def _listen_for_silence(self) -> None:
        session = self._session
        heard = silence(self._latest[0], time.monotonic() - session.heartbeat, idle=session.idle)
        if heard != self._silence:
            self._silence = heard
            self._showing.refresh()

    def _end_if_untouched(self, *, any_kind: bool = False) -> None:
        """A lesson in which nothing was done leaves nothing behind when its last client goes."""
        state = self._latest[0]
        untouched = not (state.touched or state.step or self._headless or self._peers)
        if (
            untouched
            and (any_kind or state.kind == "lesson")
            and not self.stopping
            and not self.end.done()
        ):
            self.delete = True
            self.stop("nobody took a step")

    def _notice(self) -> None:
        self._noticing = False
        state, revision = self._latest
        changed = state.status != self._status
        self._status = state.status
        self._showing.published(revision, at_once=changed)

    def _present(self) -> State:
        """The state as clients see it."""
        watchers = sum(peer.greeted and peer.role == "watcher" for peer in self._peers)
        drivers = sum(peer.greeted and peer.role == "driver" for peer in self._peers)
        state = msgspec.structs.replace(self._latest[0], drivers=drivers, watchers=watchers)
        return msgspec.structs.replace(state, doing=self._silence) if self._silence else state

    # -- clients --------------------------------------------------------------------------

    async def _accept(self) -> None:
        while True:
            try:
                sock, _ = await self._loop.sock_accept(self._listener)
            except OSError:  # out of file descriptors, for example
                await asyncio.sleep(0.1)
                continue
            sock.setblocking(False)
            self._spawn(self._attend(sock))

    async def _attend(self, sock: socket.socket) -> None:
        """One client, from its greeting to its end."""
        try:
            peer = await connected(sock, next(self._numbers))
        except OSError:
            sock.close()
            return
        full = len(self._peers) >= MAX_CLIENTS
        self._peers.add(peer)
        try:
            if peer_uid(sock) != os.getuid():
                raise Refusal("order", "this engine belongs to another user")
            if full:
                raise Refusal("busy", f"this engine has {MAX_CLIENTS} clients already")
            await self._greet(peer)
            while (frame := await peer.receive()) is not None:
                await self._take(peer, frame)
        except Refusal as refusal:
            await peer.refuse(refusal)
        except OSError:
            pass
        finally:
            self._showing.look(peer, ())
            self._peers.discard(peer)
            await peer.close()
            if peer.greeted:
                self._showing.refresh()
                self._end_if_untouched()

    async def _greet(self, peer: Peer) -> None:
        await peer.greeting(HELLO_SECONDS)
        self._reached = True
        peer.answer(encode(Welcome(VERSION, peer.role, self._present())))
        peer.start_writing()
        self._showing.refresh()

    async def _take(self, peer: Peer, frame: ClientFrame) -> None:
        match frame:
            case Order():
                await self._order(peer, frame)
            case Look(requests=requests):
                if len(requests) > MAX_REQUESTS:
                    raise Refusal("order", f"a client may look at {MAX_REQUESTS} views at most")
                self._showing.look(peer, requests)
            case Seen(request=request):
                self._showing.saw(peer, request)
            case Ask():
                await peer.asks.acquire()
                self._spawn(self._tell(peer, frame))
            case Hello():
                raise Refusal("order", "a client says Hello once")

    async def _order(self, peer: Peer, order: Order) -> None:
        await peer.orders.acquire()
        if peer.role == "watcher":
            watching = Rejected(order.id, "you are watching", "attach as a driver to command")
            peer.answer(encode(watching), peer.orders)
            return
        deletes = isinstance(order.command, Stop) and order.command.delete

        def answered(answer: Answer) -> None:
            self._soon(self._answer, peer, answer, deletes)

        self._session.post(order, peer.name, answered)

    def _answer(self, peer: Peer, answer: Answer, deletes: bool) -> None:
        self.delete = self.delete or (deletes and isinstance(answer, Applied))
        try:
            frame = encode(answer)
        except (TypeError, ValueError, OverflowError) as error:
            frame = encode(Rejected(answer.id, f"its answer cannot be sent: {error}"))
        peer.answer(frame, peer.orders)

    async def _tell(self, peer: Peer, ask: Ask) -> None:
        try:
            steps, values, more = await self._loop.run_in_executor(
                self._threads, self._store.exact, ask.series, ask.first, ask.last
            )
            frame = encode(History(ask.id, steps, values, more))
        except Exception as error:
            frame = encode(Rejected(ask.id, f"there is no such history: {error}"))
        peer.answer(frame, peer.asks)
