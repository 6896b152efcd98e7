"""`run.db`: its tables, how it is opened, and reading it from outside.

The store's thread writes through `open_for_writing`; `export` and `ls` read living and dead runs
with the functions that begin with `read`.
"""

import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from ..protocol.knob import Value
from .blocks import Floats, Ints, Key, unpacked

FILE = "run.db"
_BUSY_SECONDS = 5.0

_SCHEMA = """
create table if not exists branches (branch integer primary key, begun real not null);
create table if not exists losses (
    branch integer not null, block integer not null, series text not null,
    first integer not null, steps blob, data blob not null,
    primary key (branch, block, series));
create table if not exists journal (
    id integer primary key, branch integer not null, step integer not null,
    who text not null, what text not null, time real not null);
create table if not exists knobs (name text primary key, value text not null);
"""

_NETWORK = """nfs nfs4 cifs smb smb3 smbfs 9p virtiofs vboxsf vmhgfs drvfs sshfs lustre gpfs beegfs
    ceph afs coda gfs2 ocfs2 glusterfs pvfs2 orangefs"""


class Entry(msgspec.Struct, frozen=True):
    """One line of the journal: what took effect at `step`, by whom, when (seconds since 1970)."""

    branch: int
    step: int
    who: str
    what: str
    time: float


class Batch(msgspec.Struct):
    """What one transaction writes."""

    branches: list[int]
    losses: list[tuple[Key, tuple[int, bytes | None, bytes]]]
    entries: list[Entry]
    knobs: dict[str, Value] | None


def storable(text: str) -> str:
    """`text` as it can be stored: an argument that was no UTF-8 holds lone surrogates."""
    return text.encode(errors="replace").decode()


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection for this thread, tables made. No WAL on a network file system, whose clients
    cannot share its memory. A commit survives the end of the process; it is not worth an fsync."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        mode = "delete" if on_network_file_system(path) else "wal"
        connection.execute(f"pragma journal_mode = {mode}")
        connection.execute("pragma synchronous = normal")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def write(connection: sqlite3.Connection, batch: Batch) -> None:
    """All of the batch, or nothing and an `sqlite3.Error`."""
    connection.execute("begin immediate")
    try:
        now = time.time()
        connection.executemany(
            "insert or ignore into branches values (?, ?)", [(b, now) for b in batch.branches]
        )
        connection.executemany(
            "insert or replace into losses values (?, ?, ?, ?, ?, ?)",
            ((*key, *packed) for key, packed in batch.losses),
        )
        connection.executemany(
            "insert into journal (branch, step, who, what, time) values (?, ?, ?, ?, ?)",
            map(msgspec.structs.astuple, batch.entries),
        )
        if batch.knobs is not None:
            connection.execute("delete from knobs")
            connection.executemany(
                "insert into knobs values (?, ?)",
                [(name, msgspec.json.encode(v).decode()) for name, v in batch.knobs.items()],
            )
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing; raises `sqlite3.OperationalError` without a file."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def latest_branch(connection: sqlite3.Connection) -> int:
    """The number of the newest branch; -1 where there is none yet."""
    (branch,) = connection.execute("select max(branch) from branches").fetchone()
    return -1 if branch is None else int(branch)


def blocks_between(
    connection: sqlite3.Connection, branch: int, series: str, first: int, last: int
) -> Iterator[tuple[int, Ints, Floats]]:
    """Block number, steps and values of the blocks numbered `first` to `last`, in order."""
    rows = connection.execute(
        "select block, first, steps, data from losses"
        " where branch = ? and block between ? and ? and series = ? order by block",
        (branch, first, last, series),
    )
    for block, begin, steps, values in rows:
        yield block, *unpacked(begin, steps, values)


def read_losses(directory: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """Each step of the latest branch with the series that have a value there, in order.

    Read block by block: no more than 4,096 steps are in memory, and a run that is alive is not
    held up in between. Raises `OSError` where the history cannot be read.
    """
    try:
        with closing(open_for_reading(directory / FILE)) as connection:
            branch = latest_branch(connection)
            query = "select distinct block from losses where branch = ? order by block"
            for (block,) in connection.execute(query, (branch,)).fetchall():
                rows = connection.execute(
                    "select series, first, steps, data from losses where branch = ? and block = ?",
                    (branch, block),
                ).fetchall()
                yield from _merged(rows)
    except sqlite3.Error as error:
        raise OSError(f"cannot read the history in {directory}: {error}") from None


def _merged(
    rows: Iterable[tuple[str, int, bytes | None, bytes]],
) -> Iterator[tuple[int, dict[str, float]]]:
    at: dict[int, dict[str, float]] = {}
    for series, first, packed_steps, packed_values in rows:
        steps, values = unpacked(first, packed_steps, packed_values)
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            at.setdefault(step, {})[series] = value
    yield from sorted(at.items(), key=lambda item: item[0])


def read_journal(directory: Path) -> list[Entry]:
    """Everything that took effect, in order. Raises `OSError` where it cannot be read."""
    rows = _all(directory, "select branch, step, who, what, time from journal order by id")
    return [Entry(*row) for row in rows]


def read_knobs(directory: Path) -> dict[str, Value]:
    """The knobs as they stood last. Raises `OSError` where they cannot be read."""
    rows = _all(directory, "select name, value from knobs order by rowid")
    decoder = msgspec.json.Decoder(Value)
    return {name: decoder.decode(value) for name, value in rows}


def _all(directory: Path, query: str) -> list[tuple[Any, ...]]:
    try:
        with closing(open_for_reading(directory / FILE)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise OSError(f"cannot read the history in {directory}: {error}") from None


def on_network_file_system(path: Path, mounts: str | None = None) -> bool:
    """Whether `path` lies on one, by the mount with the longest prefix of it in /proc/mounts.

    Every FUSE file system counts, for what lies behind one is unknown. Without /proc/mounts the
    answer is no.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text(errors="surrogateescape")
        except OSError:
            return False
    at = os.path.realpath(path)
    longest, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
        inside = at == point or at.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(longest):  # the later of two mounts hides the earlier
            longest, kind = point, fields[2]
    return kind in _NETWORK.split() or kind == "fuse" or kind.startswith("fuse.")
