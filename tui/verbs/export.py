"""`foghill export`: a run's numbers as CSV, or its settings as a plain PyTorch script.

The engine's side reads the store, and for a script builds the experiment once more.
"""

import argparse
import os
import sys

from ...engine.catalog import find


def export(chosen: argparse.Namespace) -> int:
    """Become `python -m foghill.engine.export` or `.script`; messages and exit code are ours."""
    directory = find(chosen.name).spec.directory
    what, target = ("script", chosen.script) if chosen.script else ("export", chosen.csv)
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", f"foghill.engine.{what}", directory, target]
    os.execv(command[0], command)
