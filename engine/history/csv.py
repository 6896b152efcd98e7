"""`python -m foghill.engine.history.csv DIRECTORY FILE`: a run's losses and metrics as CSV.

Called for `foghill export`. Reads the store beside a living engine or after its death; one row
per step that has a value, exact numbers, "nan" and "inf" as words, empty where there is none.
A living engine saves once a second, so what it had done when asked is waited for.
"""

import contextlib
import csv
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import TextIO

from ..protocol.client import Client
from ..runs.catalog import socket_path
from .blocks import BLOCK_BITS
from .database import (
    FILE,
    blocks_between,
    latest_branch,
    open_for_reading,
    read_losses,
)

_SAVED_SECONDS = 5.0  # a disk that takes longer is in trouble, and gives what it has
_FIRST = ("loss", "valid_loss")


def export(directory: Path, target: str) -> int:
    """Write the latest branch to `target` ("-": standard output); the exit code."""
    _wait_until_saved(directory, _step_of_living(directory))
    try:
        names = _series(directory)
    except OSError as error:
        return _complain(str(error))
    if not names:
        return _complain(f"{directory.name} has no losses yet: no step was taken")
    try:
        if target == "-":
            _write(directory, names, sys.stdout)
            sys.stdout.flush()
            return 0
        with whole_or_not_at_all(Path(target)) as file:
            rows = _write(directory, names, file)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _complain(f"cannot write {target}: {error.strerror or error}")
    print(f"{target}: {rows} rows of {', '.join(names)}")
    return 0


def _step_of_living(directory: Path) -> int:
    """How far a living engine has come; 0 where none answers."""
    try:
        with Client(socket_path(directory), "watcher", name="export", timeout=2.0) as client:
            return client.state.step
    except (OSError, ValueError):
        return 0


def _wait_until_saved(directory: Path, step: int) -> None:
    deadline = time.monotonic() + _SAVED_SECONDS
    while step and not _is_saved(directory, step) and time.monotonic() < deadline:
        time.sleep(0.02)


def _is_saved(directory: Path, step: int) -> bool:
    try:
        with contextlib.closing(open_for_reading(directory / FILE)) as connection:
            branch = latest_branch(connection)
            blocks = blocks_between(connection, branch, "loss", step >> BLOCK_BITS, 1 << 62)
            return any(steps[-1] >= step for _, steps, _ in blocks)
    except sqlite3.Error:
        return False


def _series(directory: Path) -> list[str]:
    """The names of everything that was recorded, losses first. Reads the history once."""
    found: dict[str, None] = {}
    for _, values in read_losses(directory):
        found.update(dict.fromkeys(values))
    return [n for n in _FIRST if n in found] + [n for n in found if n not in _FIRST]


def _write(directory: Path, names: list[str], file: TextIO) -> int:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["step", *names])
    count = 0
    for step, values in read_losses(directory):
        rows.writerow([step, *(values.get(name, "") for name in names)])
        count += 1
    return count


@contextlib.contextmanager
def whole_or_not_at_all(target: Path) -> Generator[TextIO]:
    """A temporary file beside `target` that takes its place once everything is on the disk."""
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(number, "w", newline="", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(number)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _complain(sentence: str) -> int:
    print(f"foghill: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(export(Path(sys.argv[1]), sys.argv[2]))
