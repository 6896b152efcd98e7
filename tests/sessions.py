"""A real session in this process, without a socket: orders in, states, views and answers out.

A file of the user's that a test writes may say `from sessions import GATES` and wait at a gate.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from foghill.engine.history.curve import Curves
from foghill.engine.history.store import Store
from foghill.engine.protocol.commands import Answer, Applied, Command, Stop
from foghill.engine.protocol.frames import Order
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import Request, View
from foghill.engine.runs import catalog
from foghill.engine.session.session import Session

LONGEST = 120.0  # seconds any wait may take

# ten points on a line: eight to train on in two steps an epoch, two held out
LINE = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 4}
def data(points: int = 10):
    x = torch.linspace(-1, 1, points)[:, None]
    return x, 2 * x + 1
def model(width: int = 1): return nn.Sequential(nn.Linear(1, width), nn.Linear(width, 1))
"""


class Gate:
    """User code that comes here waits while it is shut."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self.reached = threading.Event()

    def __call__(self) -> None:
        if not self._open.is_set():
            self.reached.set()
            assert self._open.wait(LONGEST)

    def shut(self) -> None:
        self.reached.clear()
        self._open.clear()

    def open(self) -> None:
        self._open.set()


GATES: dict[str, Gate] = {}


def gate(name: str) -> Gate:
    """A new gate for one test, shut."""
    GATES[name] = made = Gate()
    made.shut()
    return made


class Reply:
    """Where the answers to one order go."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self._came = threading.Event()

    def __call__(self, answer: Answer) -> None:
        self.answers.append(answer)
        self._came.set()

    def wait(self) -> Answer:
        assert self._came.wait(LONGEST), "no answer"
        return self.answers[0]


class Live:
    """A session on the file at `path`, as soon as it is made; a context manager ends it."""

    def __init__(self, path: Path, **options: object) -> None:
        self.spec = catalog.new_run(str(path), **options)  # type: ignore[arg-type]
        self.directory = Path(self.spec.directory)
        self.store, self.curves = Store(self.directory), Curves()
        self.session = Session(self.spec, self.store, self.curves)
        self.replies: list[Reply] = []
        self.shown: list[tuple[Request, View]] = []
        self.reason: str | None = None
        self._news = threading.Condition()
        self.session.start(self)

    # --- what a server does

    def publish(self, state: State, revision: int) -> None:
        with self._news:
            self._news.notify_all()

    def show(self, request: Request, view: View, revision: int) -> None:
        with self._news:
            self.shown.append((request, view))
            self._news.notify_all()

    def ended(self, reason: str, state: State) -> None:
        with self._news:
            self.reason = reason
            self._news.notify_all()

    # --- what a client does

    def post(self, command: Command) -> Reply:
        reply = Reply()
        self.replies.append(reply)
        self.session.post(Order(len(self.replies), command), "tester", reply)
        return reply

    def tell(self, command: Command) -> Answer:
        return self.post(command).wait()

    def do(self, command: Command) -> Applied:
        answer = self.tell(command)
        assert isinstance(answer, Applied), answer
        return answer

    def until(self, holds: Callable[[State], object], seconds: float = LONGEST) -> State:
        deadline = time.monotonic() + seconds
        with self._news:
            while not holds(self.session.state):
                left = deadline - time.monotonic()
                assert left > 0, f"it did not come about: {self.session.state}"
                self._news.wait(left)
            return self.session.state

    def look(self, request: Request) -> View:
        """The next value of a view."""
        with self._news:
            before = len(self.shown)
        self.session.want(request, -1)
        deadline = time.monotonic() + LONGEST
        with self._news:
            while not (found := [v for r, v in self.shown[before:] if r == request]):
                left = deadline - time.monotonic()
                assert left > 0, "nothing was painted"
                self._news.wait(left)
        return found[0]

    def ready(self) -> State:
        return self.until(lambda state: state.status != "warming up")

    def losses(self) -> list[float]:
        return self.store.exact("loss", 0, 2**62, 10**9)[1]

    # --- its end

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, *_: object) -> None:
        for one in GATES.values():
            one.open()
        if self.reason is None:
            self.post(Stop())
        assert self.session.join(LONGEST)
        self.store.close()


def write(folder: Path, text: str = LINE, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path
