"""What lies in a run's directory: what was asked for, who serves it, its end, what it kept.

Written by `catalog.new_run` and the engine, read by everyone through `catalog`. No torch, and no
NumPy: of the store (`database.py`), this reads what stands last.
"""

import contextlib
import hashlib
import os
import shutil
import stat
import struct
import tempfile
import time
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from ..protocol.knob import Value
from . import processes
from .processes import EngineNote

Kind = Literal["lesson", "file", "table"]
SOCKET_PATH_BYTES = 100  # Linux takes 107, macOS 103
COPIED_TABLE_BYTES = 16 * 1024 * 1024
WEIGHTS = "weights.safetensors"  # of the model as the run left it

Stored = TypeVar("Stored")


class CatalogError(ValueError):
    """What a person asked for is not there or cannot be done; one sentence with what to do."""


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, and where and with what it runs; stored as `run.json`.

    `settings` are as typed. `path`, `weights` and `save` (where the weights go at the end) are
    absolute, `until` is a headless run's end condition, `show` the pictures it prints when it ends,
    `hide` the knobs and pictures that the screen leaves out.
    """

    name: str
    directory: str
    experiment: str
    kind: Kind
    path: str
    target: str = ""
    settings: dict[str, str] = {}
    weights: str = ""
    headless: bool = False
    until: str = ""
    save: str = ""
    show: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    cwd: str = ""
    host: str = ""
    boot_id: str = ""
    created: float = 0.0
    versions: dict[str, str] = {}
    source_sha256: str = ""


class EndNote(msgspec.Struct, frozen=True):
    """How a run ended; stored as `end.json` at a clean end. A loss that is not finite is None."""

    reason: str
    status: str
    step: int = 0
    epoch: int = 0
    loss: float | None = None
    valid_loss: float | None = None
    time: float = 0.0


def home() -> Path:
    """Where Foghill keeps its state; runs lie in `home()/"runs"`. `FOGHILL_HOME` moves it."""
    moved = os.environ.get("FOGHILL_HOME")
    if moved:
        return Path(moved).expanduser().absolute()
    import platformdirs

    return platformdirs.user_state_path("foghill", appauthor=False)


def make_directory(name: str) -> Path:
    """A new directory, 0700, for a run called `name`, or `name-2` and so on where that exists."""
    runs = home() / "runs"
    try:
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1
        while True:
            directory = runs / (name if number == 1 else f"{name}-{number}")
            try:
                directory.mkdir(mode=0o700)  # atomic: two starts never share one
            except FileExistsError:
                number += 1
            else:
                return directory
    except OSError as error:
        raise CatalogError(
            f"cannot make a run directory in {runs} ({error.strerror}); "
            "set FOGHILL_HOME to a directory that can be written"
        ) from None


def keep_source(path: Path, directory: Path) -> str:
    """Copy the experiment's source beside the run (a large table not) and give its SHA-256."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    if path.suffix == ".py" or path.stat().st_size < COPIED_TABLE_BYTES:
        shutil.copyfile(path, directory / f"source{path.suffix.lower()}")
    return digest


def write_spec(spec: RunSpec) -> None:
    _write(Path(spec.directory) / "run.json", spec)


def read_spec(directory: Path) -> RunSpec:
    """Raises `CatalogError` where there is no readable `run.json`."""
    spec = _read(directory / "run.json", RunSpec)
    if spec is None:
        raise CatalogError(f"{directory} is not a run directory: it has no readable run.json")
    return spec


def write_engine_note(directory: Path, pid: int = 0, socket: Path | None = None) -> None:
    """Say that process `pid` (0: this one) serves the run from now on, and where it listens."""
    if not pid:
        (directory / "end.json").unlink(missing_ok=True)
    note = processes.note_of(pid or os.getpid(), str(socket or ""))
    _write(directory / "engine.json", note)


def read_engine_note(directory: Path) -> EngineNote | None:
    return _read(directory / "engine.json", EngineNote)


def write_end_note(directory: Path, note: EndNote) -> None:
    _write(directory / "end.json", note)


def read_end_note(directory: Path) -> EndNote | None:
    return _read(directory / "end.json", EndNote)


def kept_weights(directory: Path) -> Path | None:
    """The weights that a run ended with, where it kept them."""
    path = directory / WEIGHTS
    return path if path.is_file() else None


def kept_source(spec: RunSpec) -> Path | None:
    """A file with the experiment as the run began with it: its own place, else the copy."""
    path = Path(spec.path)
    with contextlib.suppress(OSError), path.open("rb") as source:
        if hashlib.file_digest(source, "sha256").hexdigest() == spec.source_sha256:
            return path
    copy = Path(spec.directory) / f"source{path.suffix.lower()}"
    return copy if copy.is_file() else None


def last_stored(directory: Path, series: str = "loss") -> tuple[int, float] | None:
    """The last step of a series in the store, and its value; None where there is none."""
    rows = _stored(
        directory,
        "select first, steps, substr(data, -8), length(data) / 8 from losses"
        " where branch = (select max(branch) from branches) and series = ?"
        " order by block desc limit 1",
        series,
    )
    for first, steps, value, count in rows:
        last = struct.unpack("<q", steps[-8:])[0] if steps else first + count - 1
        return int(last), float(struct.unpack("<d", value)[0])
    return None


def stored_knobs(directory: Path) -> dict[str, str]:
    """The knobs as they stood last, as they would be typed; none where none were stored."""
    rows = _stored(directory, "select name, value from knobs order by rowid")
    decoder = msgspec.json.Decoder(Value)
    return {name: _typed(decoder.decode(value)) for name, value in rows}


def _typed(value: Value) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _stored(directory: Path, query: str, *given: str) -> list[Any]:
    """Nothing where the store is not there or cannot be read."""
    import sqlite3

    uri = f"{(directory / 'run.db').absolute().as_uri()}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as connection:
            return connection.execute(query, given).fetchall()
    except sqlite3.Error:
        return []


def socket_path(directory: Path) -> Path:
    """Where the run's engine listens: as it noted itself, else where it would."""
    note = read_engine_note(directory)
    return Path(note.socket) if note and note.socket else new_socket_path(directory)


def new_socket_path(directory: Path) -> Path:
    """In the run directory, or under the temporary directory where that path is too long."""
    beside = directory / "engine.sock"
    return beside if len(os.fsencode(beside)) <= SOCKET_PATH_BYTES else far_socket_path(directory)


def far_socket_path(directory: Path) -> Path:
    """In a checked directory of our own under the system's temporary one."""
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:20] + ".sock"
    for temporary in (tempfile.gettempdir(), "/tmp"):
        private = Path(temporary) / f"foghill-{os.getuid()}"
        if len(os.fsencode(private / name)) <= SOCKET_PATH_BYTES:
            private.mkdir(mode=0o700, exist_ok=True)
            check_private(private)
            return private / name
    raise CatalogError("no directory with a short enough path for the engine's socket")


def check_private(directory: Path) -> None:
    """Raises `CatalogError` unless the directory is really ours and closed to others."""
    found = directory.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or found.st_mode & 0o077:
        raise CatalogError(
            f"{directory} must be a directory of your own with mode 0700, or anyone could "
            "reach your engines; move it away and try again"
        )


def now() -> float:
    return time.time()


def _write(path: Path, content: msgspec.Struct) -> None:
    """Whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    temporary.replace(path)


def _read(path: Path, kind: type[Stored]) -> Stored | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, RecursionError, ValueError):
        return None
