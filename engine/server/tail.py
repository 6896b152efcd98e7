"""The end of a run's log, as a person can read it. Used by `showing.py`."""

import re
from pathlib import Path

from ..protocol.views import Output

TAIL_BYTES = 512 * 1024
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def tail(log: Path, lines: int) -> Output:
    """The last lines of the log, without escape sequences; progress bars as they stood last."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    last = [_plain(line) for line in text.rstrip("\n").split("\n")[-lines:]]
    return Output(tuple(last) if text else (), str(log))


def _plain(line: str) -> str:
    visible = line.rstrip("\r").rpartition("\r")[2]
    return _CONTROLS.sub("", _ESCAPES.sub("", visible))[:2000]


def size_of(log: Path) -> int:
    """Bytes in the log; 0 where there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0
