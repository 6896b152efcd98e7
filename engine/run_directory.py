"""What lies in a run's directory, but for its store: what was asked for, who serves it, its end.

Written by `catalog.new_run` and the engine, read by everyone through `catalog`. No torch.
"""

import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from . import processes
from .processes import EngineNote

Kind = Literal["lesson", "file", "table"]
SOCKET_PATH_BYTES = 100  # Linux takes 107, macOS 103
COPIED_TABLE_BYTES = 16 * 1024 * 1024

Stored = TypeVar("Stored")


class CatalogError(ValueError):
    """What a person asked for is not there or cannot be done; one sentence with what to do."""


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, and where and with what it runs; stored as `run.json`.

    `settings` are as typed. `path` and `weights` are absolute, `until` is a headless run's
    end condition, `show` the pictures it prints when it ends,
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
