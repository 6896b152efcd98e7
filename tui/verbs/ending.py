"""`foghill stop` and `foghill rm`: end a run, delete what is left of one."""

import argparse

from ...engine.runs.catalog import find, remove
from ...engine.runs.catalog import stop as stop_engine
from . import VerbError

_HOW = {
    "gone already": "has already ended",
    "asked": "stopped",
    "SIGTERM": "stopped; it did not answer and needed SIGTERM",
    "SIGKILL": "killed; it neither answered nor obeyed SIGTERM",
}


def stop(chosen: argparse.Namespace) -> int:
    """End the engine of a run, politely first."""
    run = find(chosen.name)
    rung = stop_engine(run)
    if rung not in _HOW:
        raise VerbError(f"{chosen.name} cannot be stopped: process {run.pid} stays")
    print(f"{chosen.name} {_HOW[rung]}")
    return 0


def rm(chosen: argparse.Namespace) -> int:
    """Delete a run that is not alive."""
    run = find(chosen.name)
    remove(run)
    print(f"{chosen.name} removed: {run.spec.directory}")
    return 0
