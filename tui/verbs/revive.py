"""A run that has ended, alive again for a while, with the weights it ended with.

Used by `predict`. An engine of its own builds the experiment with the knobs as they stood last,
takes the weights in, all or none, and is gone afterwards with its directory. It trains nothing.
"""

import contextlib
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

from ...engine.protocol.client import Client
from ...engine.protocol.commands import Load, Rejected
from ...engine.runs.catalog import (
    CatalogError,
    Run,
    RunSpec,
    find,
    kept_source,
    kept_weights,
    new_run,
    remove,
    socket_path,
    start_engine,
    stop,
    stored_knobs,
)
from . import VerbError

_START_SECONDS = 120.0
_LOOK_SECONDS = 0.05


@contextlib.contextmanager
def alive_again(run: Run) -> Generator[Client]:
    """A client of an engine that has the model as `run` left it. Raises `VerbError`."""
    weights = kept_weights(Path(run.spec.directory))
    if weights is None:
        raise VerbError(_without_weights(run), 2)
    spec = _again(run.spec)
    try:
        cwd = run.spec.cwd if Path(run.spec.cwd).is_dir() else None
        with _connected(spec, start_engine(spec, cwd)) as client:
            client.wait(lambda state: state.status != "warming up", _START_SECONDS)
            if client.state.problem is not None:
                raise VerbError(client.state.problem.sentence, 2)
            answer = client.send(Load(str(weights)))
            if isinstance(answer, Rejected):
                raise VerbError(answer.reason, 2)
            yield client
    finally:
        with contextlib.suppress(CatalogError, OSError):
            stop(find(spec.name))
            remove(find(spec.name))


def _without_weights(run: Run) -> str:
    called, experiment = run.spec.name, run.spec.experiment
    if run.spec.target:
        experiment += f" --target {run.spec.target}"
    how = "has ended" if run.life == "ended" else "died without a word"
    return (
        f"{called} {how}, and its model with it; where its weights were saved (W, ctl save, or "
        f"--headless --save FILE): foghill run {experiment} --weights FILE"
    )


def _again(spec: RunSpec) -> RunSpec:
    """The same experiment with the same knobs, as a run of its own."""
    path = kept_source(spec)
    if path is None:
        raise VerbError(
            f"{spec.path} has changed since {spec.name} began, and no copy was kept; as it is "
            f"now: foghill run {spec.experiment} --weights {kept_weights(Path(spec.directory))}",
            2,
        )
    return new_run(
        spec.experiment if spec.kind == "lesson" else str(path),
        name=f"{spec.name[:40]}-as-it-ended",
        target=spec.target,
        settings=stored_knobs(Path(spec.directory)) or spec.settings,
    )


def _connected(spec: RunSpec, engine: "subprocess.Popen[bytes]") -> Client:
    """A client, as soon as the engine answers."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return Client(socket_path(Path(spec.directory)), "driver", name="predict")
        except (ConnectionError, TimeoutError):
            if engine.poll() is not None or time.monotonic() > deadline:
                raise VerbError("no engine could be started for it; see foghill doctor") from None
            time.sleep(_LOOK_SECONDS)
