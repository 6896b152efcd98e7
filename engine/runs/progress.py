"""What was tried of each lesson, kept across runs in one small file. No torch.

The engine adds to it when something comes to hold; the picker and `foghill lessons` read it. It
is never worth a run: what cannot be read is empty, what cannot be written is let go.
"""

import contextlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from .directory import home


def path() -> Path:
    return home() / "progress.json"


def tried() -> Mapping[str, frozenset[int]]:
    """Numbers of the items done, by the names of the lessons."""
    try:
        found = msgspec.json.decode(path().read_bytes(), type=dict[str, list[int]])
    except (OSError, msgspec.MsgspecError, RecursionError, ValueError):
        return {}
    return {name: frozenset(numbers) for name, numbers in found.items()}


def add(lesson: str, numbers: Collection[int]) -> None:
    """Note that these items of a lesson were done, beside what the file says by now."""
    known = {name: sorted(done) for name, done in tried().items()}
    known[lesson] = sorted({*known.get(lesson, ()), *numbers})
    _write(known)


def forget(lesson: str = "") -> None:
    """Begin anew with one lesson, or with all of them."""
    _write({name: sorted(done) for name, done in tried().items() if lesson not in ("", name)})


def _write(known: Mapping[str, list[int]]) -> None:
    """Whole or not at all."""
    file = path()
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_bytes(msgspec.json.encode(known) + b"\n")
        temporary.replace(file)
