"""Engines to measure: started in a home of their own, driven over their sockets, ended after.

Also the bare loop's process, which works in slices of time like an engine that is paused.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path

from foghill.engine.protocol.client import Client
from foghill.engine.protocol.commands import Answer, Applied, Command, Pause, Run, Speed, Step
from foghill.engine.protocol.state import State
from foghill.engine.runs import catalog

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
        self.process = catalog.start_engine(self.spec)
        self.directory = Path(self.spec.directory)
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

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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


class Bare:
    """The process of `bench.bare`."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.bare", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, seconds: float) -> float:
        """Train for so long; steps a second."""
        count, spent = self._ask(f"run {seconds}").split()
        return int(count) / float(spent)

    def loss_at(self, step: int) -> float:
        """Train on to `step`; the loss of that step."""
        return float(self._ask(f"to {step}"))

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the bare loop ended")
        return answer

    def __enter__(self) -> "Bare":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # closes its stdin, at which it ends
