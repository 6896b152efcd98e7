"""What server and reporter need of the rest of the engine. With this alone they are tested."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from ..protocol.commands import Answer
from ..protocol.frames import Order
from ..protocol.state import State
from ..protocol.views import Request


class Session(Protocol):
    """What the server needs of `session.Session`."""

    @property
    def state(self) -> State: ...
    @property
    def revision(self) -> int: ...
    @property
    def heartbeat(self) -> float: ...
    @property
    def idle(self) -> bool: ...
    def post(self, order: Order, who: str, reply: Callable[[Answer], None]) -> None: ...
    def want(self, request: Request, seen: int) -> None: ...
    def unwant(self, request: Request) -> None: ...
    def stop(self, reason: str) -> None: ...
    def join(self, timeout: float) -> bool: ...


class Store(Protocol):
    """What server and reporter need of `store.Store`."""

    def series(self) -> tuple[str, ...]: ...
    def exact(
        self, series: str, first: int, last: int, limit: int = 10_000
    ) -> tuple[list[int], list[float], bool]: ...


class Stoppable(Protocol):
    """What the reporter needs of the server."""

    def stop(self, reason: str) -> None: ...


class End(NamedTuple):
    """How it ended; `hung` where the session did not react."""

    reason: str
    state: State
    hung: bool = False
