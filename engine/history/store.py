"""A run's history on its way to disk: losses, journal and knobs. The session records into it.

One thread owns the SQLite connection, so nobody who records ever waits for a disk; a reader
opens a connection of its own. In memory is only what the disk does not have yet.
"""

import heapq
import os
import sqlite3
import threading
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from ..protocol.knob import Value
from . import database
from .blocks import BLOCK_BITS, Block, Floats, Ints, Key, ascending, split
from .database import (
    Batch,
    Entry,
    read_journal,
    read_knobs,
    read_losses,
    storable,
)

__all__ = ["Entry", "Store", "read_journal", "read_knobs", "read_losses"]

PARTIAL_SECONDS = 1.0  # an unfinished block is written at most this often
RETRY_SECONDS = 1.0  # after the disk refused
MOST_WAITING = 2048  # finished blocks kept while it refuses: up to 128 MiB
MOST_ENTRIES = 10_000  # journal entries kept likewise
BLOCKS_AT_ONCE = 64  # in one transaction: they are copied under the lock
CLOSE_SECONDS = 30.0

_Then = Callable[[], None]
_Pieces = Generator[tuple[Ints, Floats], None, None]
_LAST_STEP = 1 << 62


class Store:
    """The history of one run. Every method may be called from any thread.

    `trouble` is one sentence while the disk refuses what it is given, else empty. Training goes
    on all the same; what waits is written when the disk takes it again.
    """

    def __init__(self, directory: Path) -> None:
        """Begin a new branch in `directory`/run.db, which is made if it is not there."""
        self.path = directory / database.FILE
        self.trouble = ""
        self._process = os.getpid()  # a fork has no writer: there every method does nothing
        self._wake = threading.Condition()
        self._branch = self._next_branch()
        self._branches = [self._branch]
        self._open: dict[str, Block] = {}  # the block each series is in
        self._finished: dict[Key, Block] = {}  # earlier ones that the disk does not have
        self._entries: list[Entry] = []
        self._thens: list[_Then] = []
        self._knobs: dict[str, Value] | None = None
        self._begun = False  # something was committed
        self._lost = 0
        self._urgent = True
        self._partial_at = 0.0  # when unfinished blocks may be written again
        self._retry_at = 0.0
        self._closing = False
        self._idle = False  # the writer sleeps until it is woken
        self._writer = threading.Thread(target=self._write_all, name="store", daemon=True)
        self._writer.start()

    def record(self, series: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Add one value per step, exact to the last bit. Steps go forwards; the value of the
        series' last step may be given anew. Raises `ValueError` otherwise."""
        if len(steps) != len(values):
            raise ValueError(f"{len(steps)} steps, but {len(values)} values")
        if not len(steps) or os.getpid() != self._process:
            return
        series = storable(series)
        at, of = ascending(np.asarray(steps, np.int64), np.asarray(values, np.float64))
        with self._wake:
            block = self._open.get(series)
            if int(at[0]) < (block.last if block else 0):
                raise ValueError(f"{series} is recorded up to step {block and block.last}: {at[0]}")
            for number, some_steps, some_values in split(at, of):
                if block is None or block.key.block != number:
                    self._finish(block)
                    block = self._open[series] = Block(Key(self._branch, number, series))
                block.append(some_steps, some_values)
                self._urgent = self._urgent or block.complete
            if self._urgent or self._idle:  # waking the writer at every step would cost time
                self._wake.notify()

    def journal(self, step: int, who: str, what: str, then: _Then) -> None:
        """Note what took effect. `then` is called once, from the writer's thread, when the entry
        is on disk or `trouble` says why it is not; after `close` at once."""
        if os.getpid() != self._process:
            return
        with self._wake:
            if not self._closing:
                self._entries.append(
                    Entry(self._branch, step, storable(who), storable(what), time.time())
                )
                self._thens.append(then)
                self._wake.notify()
                return
        then()

    def knobs(self, values: dict[str, Value]) -> None:
        """Keep the values of all knobs as they stand, instead of those kept before."""
        if os.getpid() != self._process:
            return
        with self._wake:
            self._knobs = {n: storable(v) if isinstance(v, str) else v for n, v in values.items()}
            self._wake.notify()

    def new_branch(self) -> None:
        """What comes now is another line of training; steps may begin again."""
        if os.getpid() != self._process:
            return
        with self._wake:
            for block in self._open.values():
                self._finish(block)
            self._open.clear()
            self._branch += 1
            self._branches.append(self._branch)
            self._urgent = True
            self._wake.notify()

    def series(self) -> tuple[str, ...]:
        """The names recorded in this branch, in the order they came."""
        with self._wake:
            return tuple(self._open)

    def exact(
        self, series: str, first: int, last: int, limit: int = 10_000
    ) -> tuple[list[int], list[float], bool]:
        """Steps and values of this branch from step `first` to `last`, both included.

        At most `limit` of them, and whether there are more. Raises `OSError` where what is on
        disk cannot be read.
        """
        series, first, last = storable(series), max(first, 0), min(last, _LAST_STEP)
        found: list[tuple[Ints, Floats]] = []
        count = 0
        with closing(self._stored(series, first, last)) as blocks:
            for steps, values in blocks:
                inside = slice(*np.searchsorted(steps, [first, last + 1]).tolist())
                found.append((steps[inside], values[inside]))
                count += len(found[-1][0])
                if count > limit:
                    break
        if not found:
            return [], [], False
        steps, values = (
            np.concatenate(parts)[:limit].tolist() for parts in zip(*found, strict=True)
        )
        return steps, values, count > limit

    def close(self) -> None:
        """Write everything and end the writer. A second call does nothing."""
        if os.getpid() != self._process:
            return
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._writer.join(CLOSE_SECONDS)

    def _next_branch(self) -> int:
        if not self.path.exists():
            return 0
        try:
            with closing(database.open_for_reading(self.path)) as connection:
                return database.latest_branch(connection) + 1
        except sqlite3.Error:  # the writer will meet it, too, and say so
            return 0

    def _finish(self, block: Block | None) -> None:
        """No more values come into this block: keep it until it is on disk."""
        if block is None or not block.unsaved:
            return
        self._finished[block.key] = block
        self._urgent = True
        if len(self._finished) > MOST_WAITING:
            oldest = next(iter(self._finished))
            self._lost += self._finished.pop(oldest).count

    def _stored(self, series: str, first: int, last: int) -> _Pieces:
        """All blocks that reach into the window. Memory is looked at first: a block leaves it
        only when it is on disk, so none is missed."""
        first_block, last_block = first >> BLOCK_BITS, last >> BLOCK_BITS
        with self._wake:
            branch, nothing_on_disk = self._branch, not self._begun
            blocks = [*self._finished.values(), *self._open.values()]
            waiting = {
                block.key.block: (block.key.block, *block.content())
                for block in blocks
                if block.key.series == series
                and block.key.branch == branch
                and first_block <= block.key.block <= last_block
            }
        in_memory = [waiting[number] for number in sorted(waiting)]
        if len(in_memory) == last_block - first_block + 1 or nothing_on_disk:
            yield from ((steps, values) for _, steps, values in in_memory)
            return
        try:
            with closing(database.open_for_reading(self.path)) as connection:
                on_disk = (
                    block
                    for block in database.blocks_between(
                        connection, branch, series, first_block, last_block
                    )
                    if block[0] not in waiting
                )
                for _, steps, values in heapq.merge(in_memory, on_disk, key=lambda block: block[0]):
                    yield steps, values
        except sqlite3.Error as error:
            raise OSError(f"cannot read {self.path}: {error}") from None

    # The writer's thread, from here on.

    def _write_all(self) -> None:
        connection: sqlite3.Connection | None = None
        closing_now = False
        while not closing_now:
            with self._wake:
                while (seconds := self._seconds_until_due()) is None or seconds > 0:
                    self._idle = seconds is None
                    self._wake.wait(seconds)
                self._idle = False
                batch, versions, thens = self._take()
                closing_now = self._closing and not self._urgent
            try:
                connection = connection or database.open_for_writing(self.path)
                database.write(connection, batch)
            except Exception as error:  # whatever it is: commands wait for their answers
                closing_now = self._closing
                self._refused(batch, error)
                if connection:
                    connection.close()
                    connection = None
            else:
                self._saved(versions)
            for then in thens:
                _call(then)
        if connection:
            connection.close()

    def _seconds_until_due(self) -> float | None:
        """0 or less: now; None: there is nothing to write."""
        now = time.monotonic()
        if self._closing or self._thens:
            return 0.0
        if self._urgent:
            return self._retry_at - now
        if self._knobs is not None or any(block.unsaved for block in self._open.values()):
            return max(self._partial_at, self._retry_at) - now
        return None

    def _take(self) -> tuple[Batch, list[tuple[Block, int]], list[_Then]]:
        """What to write now; leaves `_urgent` set where that was not all."""
        now = time.monotonic()
        blocks = list(self._finished.values())[:BLOCKS_AT_ONCE]
        self._urgent = len(blocks) < len(self._finished)
        whole = self._closing or now >= self._partial_at
        blocks += [b for b in self._open.values() if b.unsaved and (whole or b.complete)]
        if whole:
            self._partial_at = now + PARTIAL_SECONDS
        losses = [(block.key, block.packed()) for block in blocks]
        batch = Batch(self._branches, losses, self._entries, self._knobs)
        thens = self._thens
        self._branches, self._entries, self._knobs, self._thens = [], [], None, []
        return batch, [(block, block.changes) for block in blocks], thens

    def _saved(self, versions: list[tuple[Block, int]]) -> None:
        with self._wake:
            for block, changes in versions:
                block.saved = changes
                if not block.unsaved:
                    self._finished.pop(block.key, None)
            self._begun = True
            self._retry_at = 0.0
            lost = f"{self._lost:,} values were lost while the history could not be saved"
            self.trouble = lost if self._lost else ""

    def _refused(self, batch: Batch, error: Exception) -> None:
        with self._wake:
            self._branches = batch.branches + self._branches
            self._entries = (batch.entries + self._entries)[-MOST_ENTRIES:]
            self._knobs = batch.knobs if self._knobs is None else self._knobs
            self._urgent = True
            self._retry_at = time.monotonic() + RETRY_SECONDS
            lost = f"; {self._lost:,} values are lost" if self._lost else ""
            self.trouble = f"the history cannot be saved ({error}); training goes on{lost}"


def _call(then: _Then) -> None:
    try:
        then()
    except Exception:  # an answer that cannot be sent must not end the journal
        traceback.print_exc()
