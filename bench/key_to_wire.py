"""A key on the live screen's terminal → its order on the engine's socket.

A relay takes the place of the engine's socket, hands everything on, and notes when an order
passed. What the engine makes of the order is not in it.
"""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Generator
from pathlib import Path

from foghill.engine.protocol.commands import Pause, Run
from foghill.engine.protocol.frames import Order, decode_client, encode, receive

from .engine_speed import screen
from .engines import Engine
from .spread import quantile
from .table import Figure, at_most
from .terminal import Terminal

TITLE = "Key pressed → its order on the socket"
NOTE = (
    "→ and ← turn `lr` of the lesson digits at random moments, on the live screen at 120×40; "
    "measured from writing the key to the pseudo terminal to reading the order from the socket."
)
TARGET_MS = 4.0
RIGHT, LEFT = "\x1b[C", "\x1b[D"


def measure(quick: bool) -> list[Figure]:
    count = 10 if quick else 200
    figures: list[Figure] = []
    with (
        Engine("digits", {"stop": ""}) as engine,
        relayed(engine.socket) as orders,
        screen(engine) as terminal,
    ):
        figures.append(_row("paused", times(terminal, orders, count)))
        engine.order(Run())
        terminal.wait_for("running")
        figures.append(_row("training flat out", times(terminal, orders, count)))
        engine.order(Pause())
    return figures


def _row(name: str, taken: list[float]) -> Figure:
    middle, late = quantile(taken, 0.5) * 1000, quantile(taken, 0.99) * 1000
    detail = f"p99 {late:.1f} ms, of {len(taken)} keys"
    return at_most(f"{name}: p50", middle, TARGET_MS, " ms", detail, digits=2)


def times(terminal: Terminal, orders: "Orders", count: int) -> list[float]:
    """Seconds from key to order, of so many keys."""
    moments = random.Random(0)
    taken: list[float] = []
    for number in range(count):
        time.sleep(moments.uniform(0.1, 0.3))
        orders.passed.clear()
        began = time.perf_counter()
        terminal.press(LEFT if number % 2 else RIGHT)
        if not orders.passed.wait(10.0):
            raise RuntimeError(f"no order came of key {number + 1}")
        taken.append(orders.time - began)
    return taken


class Orders:
    """When the last order passed (`time.perf_counter`)."""

    def __init__(self) -> None:
        self.time = 0.0
        self.passed = threading.Event()

    def note(self) -> None:
        self.time = time.perf_counter()
        self.passed.set()


@contextlib.contextmanager
def relayed(path: Path) -> Generator[Orders]:
    """Whoever connects to the engine's socket from now on goes through the relay."""
    engine = path.with_name("relayed")
    path.rename(engine)
    orders = Orders()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        threading.Thread(target=_accept, args=(listener, engine, orders), daemon=True).start()
        try:
            yield orders
        finally:
            engine.rename(path)


def _accept(listener: socket.socket, engine: Path, orders: Orders) -> None:
    with contextlib.suppress(OSError):  # closed at the end
        while True:
            client, _ = listener.accept()
            there = socket.socket(socket.AF_UNIX)
            there.connect(str(engine))
            for pump, *ends in ((_up, client, there, orders), (_down, there, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()


def _up(client: socket.socket, engine: socket.socket, orders: Orders) -> None:
    with contextlib.suppress(OSError, EOFError):
        while True:
            frame = decode_client(receive(client))
            if isinstance(frame, Order):
                orders.note()
            engine.sendall(encode(frame))
    _hang_up(engine)


def _down(engine: socket.socket, client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := engine.recv(1 << 16):
            client.sendall(content)
    _hang_up(client)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
