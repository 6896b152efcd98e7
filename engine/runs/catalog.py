"""What can be listed or started without torch: lessons, runs alive and past, engines.

Used by the screen, the command line and the engine. Nothing of an experiment is executed here.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from . import processes, progress
from .directory import (
    CatalogError,
    EndNote,
    RunSpec,
    home,
    keep_source,
    kept_source,
    kept_weights,
    last_stored,
    make_directory,
    now,
    read_end_note,
    read_engine_note,
    read_spec,
    socket_path,
    stored_knobs,
    write_end_note,
    write_engine_note,
    write_spec,
)
from .listing import (
    LESSON_ORDER,
    Lesson,
    close_file,
    did_you_mean,
    lessons,
    resolve,
)

__all__ = [
    "LESSON_ORDER",
    "CatalogError",
    "EndNote",
    "Lesson",
    "Run",
    "RunSpec",
    "engine_command",
    "find",
    "forget_tried",
    "home",
    "kept_source",
    "kept_weights",
    "last_stored",
    "lessons",
    "new_run",
    "read_spec",
    "remove",
    "resolve",
    "runs",
    "socket_path",
    "start_engine",
    "stop",
    "stored_knobs",
    "tried",
    "write_end_note",
    "write_engine_note",
]

WEIGHT_ENDINGS = (".safetensors", ".pt", ".pth")


class Run(msgspec.Struct, frozen=True):
    """A run as found on disk and measured against the process table.

    `elsewhere` is the run of another host, of which this one cannot tell.
    """

    spec: RunSpec
    life: Literal["alive", "ended", "died", "elsewhere"]
    pid: int = 0
    end: EndNote | None = None


def new_run(
    experiment: str,
    *,
    name: str = "",
    target: str = "",
    settings: Mapping[str, str] | None = None,
    weights: str = "",
    headless: bool = False,
    until: str = "",
    save: str = "",
    show: Sequence[str] = (),
    hide: Sequence[str] = (),
    argv: Sequence[str] = (),
) -> RunSpec:
    """Make the directory of a new run. Raises `CatalogError` before anything was made."""
    kind, path = resolve(experiment, target)
    start_weights, end_weights = _weights(weights), _place(save)
    directory = make_directory(_run_name(name, path))
    try:
        spec = RunSpec(
            name=directory.name,
            directory=str(directory),
            experiment=experiment,
            kind=kind,
            path=str(path),
            target=target,
            settings=dict(settings or {}),
            weights=start_weights,
            headless=headless,
            until=until,
            save=end_weights,
            show=tuple(show),
            hide=tuple(hide),
            argv=tuple(argv),
            cwd=os.getcwd(),
            host=processes.host(),
            boot_id=processes.boot_id(),
            created=now(),
            versions=_versions(),
            source_sha256=keep_source(path, directory),
        )
        write_spec(spec)
        return spec
    except OSError:  # a full disk: nothing half made stays behind and takes the name
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _run_name(name: str, path: Path) -> str:
    if not name:
        return re.sub(r"[^\w.-]+", "-", path.stem).strip(".-")[:60] or "run"
    if not re.fullmatch(r"\w[\w.-]{0,59}", name):
        raise CatalogError(
            f"a run cannot be called {name!r}: use letters, digits, - _ and . (at most 60)"
        )
    return name


def _weights(weights: str) -> str:
    if not weights:
        return ""
    path = Path(weights).expanduser().absolute()
    if path.suffix.lower() not in WEIGHT_ENDINGS:
        raise CatalogError(f"weights come from a .safetensors or .pt file, not {weights}")
    if not path.is_file():
        raise CatalogError(f"there is no weights file {weights}{close_file(path)}")
    return str(path)


def _place(save: str) -> str:
    """Where weights are to go, absolute. What is there already, the engine judges."""
    if not save:
        return ""
    path = Path(save).expanduser().absolute()
    if path.suffix not in WEIGHT_ENDINGS:
        raise CatalogError(f"weights go to a file that ends in .safetensors or .pt, not {save}")
    if path.is_dir() or not path.parent.is_dir():
        there = f"{save} is a directory" if path.is_dir() else f"there is no {path.parent}"
        raise CatalogError(f"{there}; name a file in a directory that is there")
    if not os.access(path.parent, os.W_OK):
        raise CatalogError(f"writing to {path.parent} is not allowed; name another place")
    return str(path)


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in ("foghill", "torch", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


def tried() -> Mapping[str, frozenset[int]]:
    """Numbers of the items that were tried and ticked, by the names of the lessons."""
    return progress.tried()


def forget_tried(lesson: str = "") -> None:
    """Untick what was tried of one lesson, or of all."""
    progress.forget(lesson)


def runs() -> list[Run]:
    """Every run of `home()`, newest first. Directories that cannot be read are passed over."""
    found: list[Run] = []
    try:
        directories = [path for path in (home() / "runs").iterdir() if path.is_dir()]
    except OSError:
        return []
    for directory in directories:
        try:
            found.append(measured(directory))
        except (CatalogError, OSError):
            continue
    return sorted(found, key=lambda run: run.spec.created, reverse=True)


def measured(directory: Path) -> Run:
    """The run in `directory`, and whether its engine lives."""
    spec = msgspec.structs.replace(read_spec(directory), directory=str(directory))
    note, end = read_engine_note(directory), read_end_note(directory)
    if end is not None:
        return Run(spec, "ended", note.pid if note else 0, end)
    if (note.host if note else spec.host) != processes.host():
        return Run(spec, "elsewhere", note.pid if note else 0)
    if note is not None and processes.is_alive(note):
        return Run(spec, "alive", note.pid)
    return Run(spec, "died", note.pid if note else 0)


def find(name: str = "") -> Run:
    """The run called `name`; without one, the newest that is alive. Raises `CatalogError`."""
    every = runs()
    names = [run.spec.name for run in every]
    alive = [run for run in every if run.life == "alive"]
    if not name:
        if alive:
            return alive[0]
        past = f"; past runs: {', '.join(names[:8])}" if names else ""
        raise CatalogError(f"no run is alive{past}; start one with: foghill run EXPERIMENT")
    for run in every:
        if run.spec.name == name:
            return run
    known = f"; runs are {', '.join(names[:8])}" if names else "; there are no runs yet"
    raise CatalogError(f"there is no run {name!r}{did_you_mean(name, names)}{known}")


def engine_command(spec: RunSpec, *extra: str) -> list[str]:
    """The command line of the engine; `-P` keeps a user's own `foghill` or `torch.py` out."""
    verb = "headless" if spec.headless else "serve"
    return [sys.executable, "-P", "-m", "foghill.engine", verb, spec.directory, *extra]


def start_engine(spec: RunSpec, cwd: str | None = None) -> "subprocess.Popen[bytes]":
    """Start the engine in a session of its own, so that it outlives the terminal."""
    directory = Path(spec.directory)
    log = os.open(directory / "engine.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        engine = subprocess.Popen(
            engine_command(spec),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=cwd,
            start_new_session=True,
        )
    finally:
        os.close(log)
    note = read_engine_note(directory)
    if note is None or note.pid != engine.pid:  # alive from now on, before it can say so itself
        with contextlib.suppress(FileNotFoundError):
            write_engine_note(directory, engine.pid)
    return engine


def stop(run: Run, patience: float = 8.0) -> str:
    """End a run's engine: ask it, then SIGTERM, then SIGKILL. Returns which of them worked."""
    directory = Path(run.spec.directory)
    note = read_engine_note(directory)
    if run.life == "elsewhere":
        raise CatalogError(f"{run.spec.name} runs on {run.spec.host}; stop it there")
    if note is None:
        return "gone already"

    def ask() -> None:
        from ..protocol.client import Client
        from ..protocol.commands import Stop

        with Client(socket_path(directory), name="stop", timeout=patience) as client:
            client.send(Stop())

    return processes.stop_process(note, ask, patience)


def remove(run: Run) -> None:
    """Delete the directory of a run that is not alive. Raises `CatalogError`."""
    import shutil

    name, directory = run.spec.name, Path(run.spec.directory)
    run = measured(directory)
    note = read_engine_note(directory)
    if run.life == "alive" or (note and processes.is_alive(note)):
        raise CatalogError(f"{name} is alive; stop it first with: foghill stop {name}")
    if run.life == "elsewhere":
        raise CatalogError(f"{name} is a run of {run.spec.host}; remove it there: {directory}")
    if note and note.socket:
        Path(note.socket).unlink(missing_ok=True)
    try:
        shutil.rmtree(directory)
    except OSError as error:
        raise CatalogError(f"cannot remove {directory}: {error.strerror}") from None
