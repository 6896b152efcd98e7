"""`foghill export`: a run's losses and metrics as CSV. The engine's side reads the store."""

import argparse
import os
import sys

from ...engine.catalog import find


def export(chosen: argparse.Namespace) -> int:
    """Become `python -m foghill.engine.export`; its messages and exit code are ours."""
    directory = find(chosen.name).spec.directory
    command = [sys.executable, "-P", "-m", "foghill.engine.export", directory, chosen.csv]
    os.execv(command[0], command)
