"""Bring a run's engine up, or find it, and connect to it. Used by the live screen."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from ..engine.protocol.frames import Welcome
from ..engine.protocol.state import State
from ..engine.runs.catalog import (
    CatalogError,
    Run,
    RunSpec,
    find,
    remove,
    socket_path,
    start_engine,
)
from .link import Link, LinkError, OnFrame, OnLost

Role = Literal["driver", "watcher"]


class Launch:
    """One run to be shown: a `RunSpec` whose engine is not started yet, or a living `Run`."""

    def __init__(self, what: RunSpec | Run, role: Role = "driver") -> None:
        self.spec = what if isinstance(what, RunSpec) else what.spec
        self.role: Role = role
        self.new = isinstance(what, RunSpec)
        self._engine: subprocess.Popen[bytes] | None = None

    @property
    def first(self) -> State:
        """What is known before the engine answers: enough for the first frame."""
        return State(
            run=self.spec.name,
            directory=self.spec.directory,
            experiment=self.spec.experiment,
            kind=self.spec.kind,
            doing="starting the engine" if self.new else "connecting",
        )

    async def open(self, on_frame: OnFrame, on_lost: OnLost) -> tuple[Link, Welcome]:
        """Start the engine if that is still to be done, connect. Raises `LinkError`."""
        try:
            if self.new and self._engine is None:
                self._engine = await asyncio.to_thread(start_engine, self.spec)
            path = socket_path(Path(self.spec.directory))
        except (CatalogError, OSError) as error:
            raise LinkError(f"the engine cannot be started: {error}") from None
        link = Link(on_frame, on_lost)
        name = os.environ.get("USER", "")
        patience = 60.0 if self.new else 5.0
        return link, await link.connect(path, self.role, name, patience, self._hopeless)

    def _hopeless(self) -> str:
        if self._engine is None or (code := self._engine.poll()) is None:
            return ""
        words = _last_words(Path(self.spec.directory) / "engine.log")
        return f"the engine ended before it answered (exit code {code}){words}"

    async def fate(self) -> Literal["alive", "ended", "died", "elsewhere", "gone"]:
        """What became of the run, measured."""
        if self._engine is not None:
            self._engine.poll()  # or it would stay in the process table as a zombie
        try:
            return (await asyncio.to_thread(find, self.spec.name)).life
        except CatalogError:
            return "gone"

    async def abandon(self) -> None:
        """Leave before the engine answered: a run that never began is not worth keeping."""
        if self._engine is None:
            return
        self._engine.terminate()
        await asyncio.to_thread(_wait, self._engine)
        with contextlib.suppress(CatalogError, OSError):
            remove(find(self.spec.name))


def _wait(engine: "subprocess.Popen[bytes]") -> None:
    try:
        engine.wait(timeout=2)
    except subprocess.TimeoutExpired:
        engine.kill()
        engine.wait()


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f": {lines[-1].strip()}" if lines else f"; see {log}"


LaunchOf = Callable[[RunSpec | Run, Role], Launch]
