"""A run in the foreground: progress on stdout, one line a report, plain or JSON.

Numbers are read from the store, never queued: a reader of stdout that is slow only makes the
lines late. What the user's code prints goes to `engine.log`, so stdout is the reporter's alone.
"""

import asyncio
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ..protocol.printing import printed
from ..protocol.state import State
from ..protocol.views import View
from ..server.needs import End, Session, Stoppable, Store

SECONDS = 1.0  # between lines, where no number of steps was asked for
CATCH_UP_SECONDS = 0.2
RECENT = 4096  # steps: the latest value of a series is nearly always among so many

Shown = tuple[str, View]
Row = dict[str, int | float | None]
Number = TypeVar("Number", int, float)


class Reporter:
    """Writes the lines. `every` steps, or (0) about once a second."""

    def __init__(self, run: str, directory: Path, *, every: int = 0, jsonl: bool = False) -> None:
        self._run = run
        self._directory = directory
        self._every = every
        self._jsonl = jsonl
        self._last = 0  # step of the last line, or looked at for one
        self._latest: dict[str, float] = {}  # of the series that are not measured each step
        self._seen: dict[str, int] = {}
        self._epoch = 0
        self._said: set[str] = set()
        self.closed = False  # stdout, by its reader
        self._thread = ThreadPoolExecutor(1, "reporter")
        self._stdout, self._stderr = divert_output(directory / "engine.log")
        self._known = {file: _identity(file) for file in (self._stdout, self._stderr)}
        os.register_at_fork(after_in_child=self._close_in_child)

    async def report(self, server: Stoppable, session: Session, store: Store) -> None:
        """Write lines until cancelled. A problem ends the run, and so does a closed stdout."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(CATCH_UP_SECONDS if self._every else SECONDS)
            state = session.state
            try:
                await loop.run_in_executor(self._thread, self.catch_up, store, state)
            except OSError as error:
                self.closed = True
                server.stop(f"stdout was closed ({error.strerror})")
                return
            if state.problem is not None and state.status != "running":
                server.stop(state.problem.sentence)

    def catch_up(self, store: Store, state: State) -> None:
        """Write the lines that are due. Raises `OSError` where stdout is closed."""
        self._remark(state)
        # while it trains, the latest step may still be measured on the held-out data
        behind = 1 if self._every and state.status == "running" else 0
        self._write_lines(store, state, state.step - behind)

    async def finish(self, end: End, store: Store, shown: Sequence[Shown] = ()) -> None:
        """The last lines: what is still due, what is to be shown, and how it ended."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._finish, end, store, shown)

    def _finish(self, end: End, store: Store, shown: Sequence[Shown]) -> None:
        problem = end.state.problem
        self._remark(end.state)
        if not self.closed:
            try:
                # a loss that was not finite stands one step on: its update was not made
                self._write_lines(store, end.state, end.state.step + 1)
                self._write(self._stdout, printed(shown, jsonl=self._jsonl))
                self._write(self._stdout, self._end_line(end))
            except OSError:
                self.closed = True
        if self.closed:
            self.complain(f"stdout was closed; the run was stopped at step {end.state.step}")
        if problem is not None and end.reason != "interrupted":
            self.complain(problem.sentence)
        elif end.hung:
            self.complain(end.reason)

    def _remark(self, state: State) -> None:
        """Lasting remarks (which weights fitted, what is missing in a table), each once."""
        for note in state.notes:
            if note not in self._said:
                self._said.add(note)
                self.complain(note)

    def complain(self, sentence: str) -> None:
        """One sentence on the true stderr."""
        try:
            self._write(self._stderr, f"foghill: {sentence}\n")
        except OSError:
            self.closed = True

    def _end_line(self, end: End) -> str:
        where = {"run": self._run, "directory": str(self._directory)}
        if self._jsonl:
            return json.dumps({"event": "end", "reason": end.reason, **where}) + "\n"
        return f"end  {end.reason}  run {self._run}  directory {self._directory}\n"

    def _write_lines(self, store: Store, state: State, last: int) -> None:
        if state.step < self._last:  # restarted
            self._last = self._epoch = 0
            self._latest.clear()
            self._seen.clear()
        rows = self._each(store, state, last) if self._every else self._newest(store, state, last)
        lines: list[str] = []
        for row in rows:
            lines.append(self._line(row))
            if len(lines) >= 1000:
                self._write(self._stdout, "".join(lines))
                lines.clear()
        self._write(self._stdout, "".join(lines))

    def _each(self, store: Store, state: State, last: int) -> Iterator[Row]:
        """A row for every so many steps, with what was measured up to that very step."""
        more = True
        while more and self._last < last:
            steps, losses, more = store.exact("loss", self._last + 1, last)
            if not steps:
                return
            changes = self._changes(store, steps[-1])
            for step, loss in zip(steps, losses, strict=True):
                if step % self._every == 0:
                    while changes and changes[-1][0] <= step:
                        _, name, value = changes.pop()
                        self._latest[name] = value
                    yield self._row(state, step, loss)
            self._last = steps[-1]
            for _, name, value in reversed(changes):
                self._latest[name] = value

    def _changes(self, store: Store, last: int) -> list[tuple[int, str, float]]:
        """What the other series say since they were read, up to step `last`; the latest first."""
        found: list[tuple[int, str, float]] = []
        for name in store.series():
            more = name != "loss"
            while more:
                first = self._seen.get(name, -1) + 1
                steps, values, more = store.exact(name, first, last)
                found += [(step, name, value) for step, value in zip(steps, values, strict=True)]
                self._seen[name] = steps[-1] if more else last
        return sorted(found, reverse=True, key=lambda change: change[0])

    def _newest(self, store: Store, state: State, last: int) -> Iterator[Row]:
        """One row for the latest step, if there was one since the last row."""
        found = newest(store, "loss", self._last + 1, last)
        if found is None:
            return
        self._last, loss = found
        for name in store.series():
            found = newest(store, name, self._seen.get(name, -1) + 1, self._last)
            if name != "loss" and found is not None:
                self._seen[name], self._latest[name] = found
        yield self._row(state, self._last, loss)

    def _row(self, state: State, step: int, loss: float) -> Row:
        row: Row = {
            "step": step,
            "epoch": self._epoch_at(state, step),
            "loss": loss,
            "valid_loss": self._latest.get("valid_loss"),
            "steps_per_second": state.steps_per_second,
        }
        for name, value in self._latest.items():
            row.setdefault(name, value)
        return row

    def _epoch_at(self, state: State, step: int) -> int:
        """Passes completed at `step`; between two looks as many as its length says."""
        if step >= state.step or not state.steps_per_epoch:
            self._epoch = state.epoch
        else:
            passes = step // state.steps_per_epoch
            self._epoch = min(max(passes, self._epoch), state.epoch)
        return self._epoch

    def _line(self, row: Row) -> str:
        if self._jsonl:
            return json.dumps({name: in_json(value) for name, value in row.items()}) + "\n"
        words = [
            f"{name} {'-' if value is None else repr(value)}"
            for name, value in row.items()
            if name != "steps_per_second"
        ]
        return "  ".join(words) + f"  {row['steps_per_second'] or 0:.4g}/s\n"

    def _write(self, file: int, text: str) -> None:
        rest = memoryview(text.encode("utf-8", "backslashreplace"))
        while rest:
            rest = rest[os.write(file, rest) :]

    def _close_in_child(self) -> None:
        """A loader worker must not keep the reader of our stdout waiting."""
        for file, known in self._known.items():
            with suppress(OSError):
                if _identity(file) == known:  # the number may be another file's by now
                    os.close(file)


def _identity(file: int) -> tuple[int, int]:
    found = os.fstat(file)
    return found.st_dev, found.st_ino


def newest(store: Store, series: str, first: int, last: int) -> tuple[int, float] | None:
    """The latest step and value of a series from step `first` to `last`."""
    for begin in (max(first, last - RECENT), first):
        steps: list[int] = []
        values: list[float] = []
        more = True
        while more:
            begin = steps[-1] + 1 if steps else begin
            steps, values, more = store.exact(series, begin, last)
        if steps:
            return steps[-1], values[-1]
    return None


def in_json(value: Number | None) -> Number | str | None:
    """Full precision; what JSON cannot say as a string: "nan", "inf", "-inf"."""
    if value is None or math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def divert_output(log: Path) -> tuple[int, int]:
    """Everything printed goes to the log from now on; returns the true stdout and stderr."""
    true_files = os.dup(1), os.dup(2)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    return true_files
