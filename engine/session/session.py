"""The session: the thread that alone touches model, optimizer and data, and its mailbox.

The server posts orders and wants; `conductor.py`, running in the thread, takes them between two
phases and publishes the state. Importing this costs no torch: the thread imports it.
"""

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from ..history.curve import Curves
from ..history.store import Store
from ..protocol.commands import Answer, Applied, Rejected, Stop
from ..protocol.frames import Order
from ..protocol.state import Problem, State
from ..protocol.views import Request, View
from ..runs.catalog import RunSpec

Reply = Callable[[Answer], None]


class Letter(NamedTuple):
    """An order in the mailbox: who sent it, and where its one answer goes."""

    order: Order
    who: str
    reply: Reply


class Outlet(Protocol):
    """Whoever shows the session to the world: the server. Called from the session's thread."""

    def publish(self, state: State, revision: int) -> None: ...
    def show(self, request: Request, view: View, revision: int) -> None: ...
    def ended(self, reason: str, state: State) -> None: ...


class Session:
    """One training, driven by letters. `state` and `revision` may be read from any thread.

    `heartbeat` (`time.monotonic`) is the last sign of life; `idle` says that none is due,
    because the session waits. `exit_code` is what a process in the foreground should return.
    """

    def __init__(self, spec: RunSpec, store: Store, curves: Curves) -> None:
        self.spec = spec
        self.store = store
        self.curves = curves
        self.mailbox: deque[Letter] = deque()
        self.state = State(
            run=spec.name,
            directory=spec.directory,
            experiment=spec.experiment,
            kind=spec.kind,
            doing="starting",
        )
        self.revision = 0
        self.heartbeat = time.monotonic()
        self.idle = False
        self.exit_code = 0
        self.wants: dict[Request, int] = {}
        self.shown: list[tuple[str, View]] = []  # at the end, what a headless run prints
        self.outlet: Outlet
        self._bell = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._live, name="session", daemon=True)

    # --- from other threads -----------------------------------------------------------------

    def start(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self._thread.start()

    def post(self, order: Order, who: str, reply: Reply) -> None:
        """`reply` is called exactly once, from some thread, when the order was journalled."""
        self.mailbox.append(Letter(order, who, reply))
        self._bell.set()
        if self._over:
            self._decline_all()

    def stop(self, reason: str) -> None:
        """End cleanly, as the command does; for signals."""
        self.post(Order(0, Stop()), reason, lambda answer: None)

    def want(self, request: Request, seen: int) -> None:
        """Somebody is ready for this view as soon as there is a newer one than revision `seen`."""
        self.wants[request] = min(seen, self.wants.get(request, seen))
        self._bell.set()

    def unwant(self, request: Request) -> None:
        self.wants.pop(request, None)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- from the session's own thread ----------------------------------------------------------

    def publish(self, state: State) -> None:
        self.state, self.revision = state, self.revision + 1
        self.heartbeat = time.monotonic()
        self.outlet.publish(state, self.revision)

    def wait(self, timeout: float | None) -> None:
        """Sleep until somebody posts or wants something, or `timeout` seconds have passed."""
        self.idle = True
        self._bell.wait(timeout)
        self._bell.clear()
        self.idle, self.heartbeat = False, time.monotonic()

    def _live(self) -> None:
        try:
            from .conductor import Conductor  # imports torch
        except Exception as error:  # no torch, or a broken one
            reason = f"torch could not be imported: {error}"
            self._refuse(reason)
        else:
            try:
                reason = Conductor(self).conduct()
            except BaseException as error:  # a fault of ours: whoever waits is told all the same
                traceback.print_exception(error)
                reason, self.exit_code = f"Foghill failed: {type(error).__name__}: {error}", 1
        self._over = True
        self._decline_all()
        self.outlet.ended(reason, self.state)

    def _decline_all(self) -> None:
        """Answer what came too late; from any thread."""
        while True:
            try:
                letter = self.mailbox.popleft()
            except IndexError:
                return
            letter.reply(Rejected(letter.order.id, "the run has ended"))

    def _refuse(self, reason: str) -> None:
        """Say why nothing can be trained here, until somebody stops the run."""
        self.exit_code = 2
        problem = Problem(reason, before_first_step=True)
        self.publish(replace(self.state, status="failed", doing="", problem=problem))
        while not self.spec.headless:
            while self.mailbox:
                letter = self.mailbox.popleft()
                if isinstance(letter.order.command, Stop):
                    letter.reply(Applied(letter.order.id, 0))
                    return
                letter.reply(Rejected(letter.order.id, reason, "stop"))
            self.wait(None)
