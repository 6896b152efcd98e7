"""What the journal of a run says about its script. Used by `export.py`.

A script starts once, with the knobs as they stood last. Whatever else made the losses of the
present line of training, the one since the last restart, is told in the script's docstring.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ..history.database import Entry, read_journal

_WAITING = re.compile(r"\b(data_)?seed \S+ → ")  # these knobs act at the next restart


@dataclass(frozen=True)
class Past:
    """What happened since the last restart that a script does not do."""

    turned: tuple[str, ...] = ()  # knobs, once training had begun
    written: tuple[str, ...] = ()  # weights, by hand or from a file, at any step
    weights_left: bool = False  # a restart made new ones, so those of --weights are gone


def past(directory: Path, given: bool) -> Past:
    """What the journal in `directory` tells; `given`: the run started from a file of weights."""
    entries = _journal(directory)
    line = max((entry.branch for entry in entries), default=0)
    restarts = [entry.what for entry in entries if entry.what.startswith("restart")]
    left = bool(restarts) and restarts[-1].startswith("restart with new weights")
    turned: list[str] = []
    written: list[str] = []
    begun = given and not left  # else knobs turned now have everything built as at a start
    for entry in entries:
        if entry.branch != line:
            continue
        match entry.what.partition(" ")[0]:
            case "run" | "step":
                begun = True
            case "edit" | "load":
                begun = True
                written.append(_told(entry))
            case "set" if begun or entry.step or _WAITING.search(entry.what):
                turned.append(_told(entry))
            case _:
                pass
    return Past(tuple(turned), tuple(written), left)


def _told(entry: Entry) -> str:
    """`set lr 0.1 → 0.2 at step 3`, `w[0] 1 → 2 at step 0`: without what it led to."""
    what, _, note = entry.what.partition(" (")
    if what == "edit":
        what = re.split(r" · |; |\)$", note)[0]
    return f"{what} at step {entry.step}"


def _journal(directory: Path) -> list[Entry]:
    try:
        return read_journal(directory)
    except OSError:
        return []
