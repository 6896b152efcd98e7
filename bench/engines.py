"""Engines to measure: started in a home of their own, driven over their sockets, ended after.

Also one that takes turns with the bare loop.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Self

from foghill.engine.protocol.client import Client
from foghill.engine.protocol.commands import Answer, Applied, Command, Pause, Run, Speed, Step
from foghill.engine.protocol.state import State
from foghill.engine.runs import catalog

from .networks import Network
from .sums import Sums, Tally

ROOT = Path(__file__).parent.parent
PATIENCE = 120.0  # seconds for an engine to come up on a busy machine


@contextlib.contextmanager
def own_home() -> Generator[None]:
    """Runs started inside lie in a directory that goes away, and their engines with it."""
    before = os.environ.get("FOGHILL_HOME")
    with tempfile.TemporaryDirectory(prefix="fog-", ignore_cleanup_errors=True) as home:
        os.environ["FOGHILL_HOME"] = home
        try:
            yield
        finally:
            for run in catalog.runs():
                if run.life == "alive":
                    catalog.stop(run)
            if before is None:
                del os.environ["FOGHILL_HOME"]
            else:
                os.environ["FOGHILL_HOME"] = before


class Engine:
    """A run of `experiment`, paused as soon as it is ready, and the one client that drives it.

    `headless` is the engine of `foghill run --headless`, without an end in sight.
    """

    def __init__(
        self,
        experiment: str,
        settings: Mapping[str, str] | None = None,
        *,
        headless: bool = False,
        pace: float = 0.0,
    ) -> None:
        until = "step>=1000000000" if headless else ""
        self.spec = catalog.new_run(experiment, settings=settings, headless=headless, until=until)
        self.directory = Path(self.spec.directory)
        self.process = self._start()
        self.client = self._connect()
        state = self.client.wait(lambda s: s.status != "warming up", PATIENCE)
        self.client.look()
        if state.problem is not None:
            raise RuntimeError(state.problem.sentence)
        self.order(Pause())
        self.order(Speed(pace))

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def socket(self) -> Path:
        return catalog.socket_path(self.directory)

    def order(self, command: Command) -> Applied:
        """Give a command that must be taken."""
        return applied(self.client.send(command))

    def run(self, seconds: float) -> float:
        """Train for so long; steps a second. From order to order: both take equally long."""
        began = time.perf_counter()
        first = self.order(Run()).step
        time.sleep(max(0.0, began + seconds - time.perf_counter()))
        ended = time.perf_counter()
        return (self.order(Pause()).step - first) / (ended - began)

    def step_to(self, step: int) -> State:
        """Train up to `step`, if the run is not past it, and wait there."""
        here = self.order(Pause()).step
        if here < step:
            self.order(Step("step", step - here))
        state = self.client.wait(lambda s: s.step >= step and s.status == "paused", 600.0)
        self.client.look()
        return state

    def close(self) -> None:
        """End the run; its directory goes with the home it lies in."""
        self.client.close()
        with contextlib.suppress(catalog.CatalogError):  # an untouched lesson ends by itself
            catalog.stop(catalog.find(self.spec.name))
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        return catalog.start_engine(self.spec)

    def _connect(self) -> Client:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return Client(self.socket, name="bench", timeout=PATIENCE)
            except ConnectionError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.02)


def applied(answer: Answer) -> Applied:
    if not isinstance(answer, Applied):
        raise RuntimeError(f"the engine refused: {answer.reason}")
    return answer


class TurnsEngine(Engine):
    """An engine that takes turns with the bare loop of the same network (`turns.py`)."""

    def __init__(self, network: Network) -> None:
        super().__init__(network.experiment, network.settings, headless=True)

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self.directory / "engine.log").open("ab") as log:
            command = [sys.executable, "-m", "bench.turns", str(self.directory)]
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)

    def turns(self, seconds: float) -> tuple[Sums, Sums]:
        """What engine and bare loop do in turns of so many seconds in all, as time goes by."""
        self.order(Run())
        before = self._tally_after(0)
        after = self._tally_after(before.engine.wall + seconds / 2)
        self.order(Pause())
        return after.engine - before.engine, after.bare - before.bare

    def _tally_after(self, seconds: float) -> Tally:
        """The sums once the engine's turns came to more than so many seconds."""
        while (tally := Tally.read(self.directory)).engine.wall <= seconds:
            if self.process.poll() is not None:
                raise RuntimeError("the engine ended")
            time.sleep(0.05)
        return tally
