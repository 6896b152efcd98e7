"""The views clients look at: each computed once for everyone, and only when someone is ready.

`server` tells what clients ask for and have seen, and what the session published. The state
and the log come from here, curves from a thread of ours, pictures from the session.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

from ..protocol.frames import FROM_ENGINE, encode
from ..protocol.frames import Shown as ShownFrame
from ..protocol.state import State
from ..protocol.views import (
    Curve,
    CurveRequest,
    Failed,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    Request,
    StateRequest,
    View,
)
from .bounds import out_of_bounds
from .peer import Peer, Shown
from .tail import size_of, tail

INTERVAL = 0.1  # seconds between two values of a view
BACK_OFF = 20  # a curve that took t seconds of a core is followed by this many t without one
LONGEST_BACK_OFF = 2.0


class Painter(Protocol):
    """What is needed of the session: it paints where model and data are."""

    def want(self, request: Request, seen: int) -> None: ...
    def unwant(self, request: Request) -> None: ...


class Showing:
    """All views anyone looks at. Lives in the event loop's thread."""

    def __init__(
        self,
        state: Callable[[], State],
        painter: Painter,
        curve: Callable[[CurveRequest], Curve],
        log: Path,
        threads: Executor,
    ) -> None:
        self._state = state
        self._painter = painter
        self._curve = curve
        self._log = log
        self._threads = threads
        self._shown: dict[Request, Shown] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._curve_turn = asyncio.Lock()
        self.revision = 0  # of what the session published last
        self.news = 0  # of the state as clients see it

    def look(self, peer: Peer, requests: Iterable[Request]) -> None:
        """`peer` wants these views from now on and no others."""
        wanted = dict.fromkeys(requests)
        for request in [request for request in peer.looks if request not in wanted]:
            shown = self._shown[request]
            peer.forget(request)
            self._rest(shown)
        for request in wanted:
            if request in peer.looks:
                continue
            shown = self._shown.setdefault(request, Shown(request))
            peer.looks[request] = shown
            shown.lookers.add(peer)
            self._ready(peer, shown)

    def saw(self, peer: Peer, request: Request) -> None:
        shown = peer.saw(request)
        if shown is not None:
            self._ready(peer, shown)

    def published(self, revision: int, *, at_once: bool) -> None:
        """The session has news; `at_once` where people should not wait for it."""
        self.revision = revision
        self.refresh(at_once=at_once)
        for shown in list(self._shown.values()):
            if isinstance(shown.request, CurveRequest):
                self._demand(shown)

    def refresh(self, *, at_once: bool = False) -> None:
        """The state as clients see it has changed."""
        self.news += 1
        shown = self._shown.get(StateRequest())
        if shown is None:
            return
        if at_once:
            shown.not_before = 0.0
            if shown.timer is not None:
                shown.timer.cancel()
                shown.timer = None
        self._demand(shown)

    def painted(self, request: Request, view: View, revision: int) -> None:
        """The session painted something that was wanted."""
        shown = self._shown.get(request)
        if shown is None:
            self._painter.unwant(request)
            return
        shown.working = False
        self._put(shown, view, revision)
        if not shown.ready:
            self._painter.unwant(request)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for shown in self._shown.values():
            if shown.timer is not None:
                shown.timer.cancel()

    def _ready(self, peer: Peer, shown: Shown) -> None:
        shown.ready.add(peer)
        if shown.number and not peer.has_latest(shown):
            peer.offer(shown)
        else:
            self._demand(shown)

    def _rest(self, shown: Shown) -> None:
        """Someone stopped looking: compute it no more, if nobody else does."""
        if shown.ready:
            return
        if shown.timer is not None:
            shown.timer.cancel()
            shown.timer = None
        if isinstance(shown.request, PhasesRequest | PictureRequest | PredictRequest):
            self._painter.unwant(shown.request)
            shown.working = False
        if not shown.lookers:
            del self._shown[shown.request]

    def _demand(self, shown: Shown) -> None:
        """Have the next value made, if someone is ready for it and there can be a new one."""
        if not shown.ready or shown.timer is not None or shown.working:
            return
        if isinstance(shown.request, StateRequest) and shown.revision >= self.news:
            return
        if isinstance(shown.request, CurveRequest) and shown.revision >= self.revision:
            return
        loop = asyncio.get_running_loop()
        wait = shown.not_before - loop.time()
        if wait > 0:
            shown.timer = loop.call_later(wait, self._make, shown)
        else:
            self._make(shown)

    def _make(self, shown: Shown) -> None:
        shown.timer = None
        request = shown.request
        fault = out_of_bounds(request)
        if fault:
            if not shown.number:
                self._put(shown, Failed(fault), 0)
            return
        match request:
            case StateRequest():
                self._put(shown, self._state(), self.news)
            case CurveRequest() | OutputRequest():
                shown.working = True
                work = self._draw(shown) if isinstance(request, CurveRequest) else self._tail(shown)
                task = asyncio.get_running_loop().create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case _:
                shown.working = True
                self._painter.want(request, shown.revision)

    async def _draw(self, shown: Shown) -> None:
        """A curve: one at a time, and all of them together a twentieth of a core at most."""
        request = shown.request
        assert isinstance(request, CurveRequest)
        loop = asyncio.get_running_loop()
        async with self._curve_turn:
            if self._shown.get(request) is not shown:  # nobody waited so long
                return
            revision = self.revision
            view, seconds = await loop.run_in_executor(
                self._threads, _timed, lambda: self._curve(request)
            )
            shown.working = False
            if self._shown.get(request) is shown:
                self._put(shown, view, revision)
                self._demand(shown)
            if self._state().status == "running":
                await asyncio.sleep(min(BACK_OFF * seconds, LONGEST_BACK_OFF))

    async def _tail(self, shown: Shown) -> None:
        """The end of the log, looked after five times a second while someone waits for it."""
        request = shown.request
        assert isinstance(request, OutputRequest)
        loop = asyncio.get_running_loop()
        while shown.ready:
            size = await loop.run_in_executor(self._threads, size_of, self._log)
            if size != shown.revision:
                view, _ = await loop.run_in_executor(
                    self._threads, _timed, lambda: tail(self._log, request.lines)
                )
                self._put(shown, view, size)
            await asyncio.sleep(2 * INTERVAL)
        shown.working = False
        self._demand(shown)

    def _put(self, shown: Shown, view: View, revision: int) -> None:
        """The latest value of a view, for everyone who is ready."""
        frame = _encoded(shown.request, view)
        shown.revision = revision
        shown.not_before = asyncio.get_running_loop().time() + INTERVAL
        if frame == shown.frame:
            self._demand_later(shown)
            return
        shown.frame = frame
        shown.number += 1
        for peer in list(shown.ready):
            peer.offer(shown)

    def _demand_later(self, shown: Shown) -> None:
        """Nothing new came of it, so whoever was ready still is."""
        asyncio.get_running_loop().call_soon(self._demand, shown)


def _timed(make: Callable[[], View]) -> tuple[View, float]:
    """A view and the seconds of a core it took; one that raises is shown as failed."""
    began = time.thread_time()
    try:
        view = make()
    except Exception as error:
        view = Failed(f"{type(error).__name__}: {error}")
    return view, time.thread_time() - began


def _encoded(request: Request, view: View) -> bytes:
    try:
        frame = encode(ShownFrame(request, view))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return encode(ShownFrame(request, Failed(f"it cannot be sent: {error}")))
    if len(frame) > FROM_ENGINE:
        return encode(ShownFrame(request, Failed("it is too large to be sent")))
    return frame
