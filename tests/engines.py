"""Real engines, in processes of their own: headless ones read to the end, served ones attached."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fakes import eventually
from foghill.engine.protocol.client import Client
from foghill.engine.runs import catalog

FOGHILL = (sys.executable, "-P", "-m", "foghill.tui")
LONGEST = 120.0


def headless(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """`foghill run ... --headless`, to its end."""
    command = (*FOGHILL, "run", *words, "--headless")
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=LONGEST, check=False
    )


def rows(output: str) -> list[dict[str, object]]:
    """JSON lines."""
    return [json.loads(line) for line in output.splitlines()]


def attached(directory: Path, role: str = "driver") -> Client:
    """A client, as soon as somebody answers on the run's socket."""
    found: list[Client] = []

    def connects() -> bool:
        with suppress(ConnectionError):
            found.append(Client(catalog.socket_path(directory), role))  # type: ignore[arg-type]
        return bool(found)

    eventually(connects)
    return found[0]


@contextmanager
def served(path: str, **options: object) -> Iterator[tuple[catalog.RunSpec, Client]]:
    """A detached engine and a driver; it is warmed up, or failed to."""
    spec = catalog.new_run(path, **options)  # type: ignore[arg-type]
    engine = catalog.start_engine(spec)
    try:
        with attached(Path(spec.directory)) as client:
            client.wait(lambda state: state.status != "warming up", LONGEST)
            yield spec, client
    finally:
        with suppress(ProcessLookupError):
            os.kill(engine.pid, signal.SIGKILL)
        engine.wait()


def left_over() -> Sequence[str]:
    """Run directories under `FOGHILL_HOME`."""
    runs = Path(os.environ["FOGHILL_HOME"]) / "runs"
    return sorted(path.name for path in runs.iterdir()) if runs.is_dir() else []
