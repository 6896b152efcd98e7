"""`foghill export`: a run's numbers as CSV, or its settings as a plain PyTorch script.

The engine's side reads the store, and for a script builds the experiment once more. What may be
written over is decided here, before either begins.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from ...engine.runs.catalog import RunSpec, find
from . import VerbError

_HEAD = 4000  # characters of a file that are looked at
_SCRIPT = re.compile(r"The run \S+ of Foghill \S+ as a plain PyTorch script")


def export(chosen: argparse.Namespace) -> int:
    """Become the engine's `history.csv` or `script`; messages and exit code are ours."""
    spec = find(chosen.name).spec
    what, target = ("script", chosen.script) if chosen.script else ("history.csv", chosen.csv)
    if target != "-":
        check_target(Path(target), spec, script=what == "script", force=chosen.force)
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", f"foghill.engine.{what}", spec.directory, target]
    os.execv(command[0], command)


def check_target(target: Path, spec: RunSpec, *, script: bool, force: bool) -> None:
    """Raises `VerbError` where a file would be lost that no earlier export wrote."""
    if not target.exists():
        return
    if not target.is_file():
        raise VerbError(f"{target} is no file; name one, or - for standard output", 2)
    source = Path(spec.path)
    if source.exists() and target.samefile(source):
        other = target.with_stem(f"{target.stem}_{'script' if script else 'losses'}")
        raise VerbError(f"{target} is what {spec.name} runs; take another name, as {other}", 2)
    if not force and not _was_exported(target, script):
        raise VerbError(
            f"{target} is there already and was not exported; take another name, or add "
            "--force to write over it",
            2,
        )


def _was_exported(target: Path, script: bool) -> bool:
    """Whether an export like this one wrote the file: by the first lines, which tell of it."""
    try:
        with target.open(encoding="utf-8") as file:
            head = file.read(_HEAD)
    except (OSError, UnicodeDecodeError):
        return False
    if script:
        said = head.split('"""', 2)[1] if head.startswith('"""') else ""
        return _SCRIPT.search(" ".join(said.split())) is not None
    return re.match(r"step,loss[,\n]", head) is not None
