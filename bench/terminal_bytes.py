"""Bytes sent to a terminal of 120×40 per frame of the live screen while it trains.

Textual moves the cursor before each piece it writes, so every byte is counted for the panel in
which its piece begins.
"""

import re
import time
from collections import Counter
from collections.abc import Sequence
from statistics import mean, median

from foghill.engine.protocol.commands import Pause, Run

from .engine_speed import screen
from .engines import Engine
from .networks import EXPERIMENTS
from .table import Figure, at_most
from .terminal import COLUMNS, ROWS, Chunk, Terminal

TITLE = "Bytes to the terminal per frame, 120×40"
NOTE = (
    "Everything the live screen writes to a pseudo terminal that answers no questions, from the "
    "third second of a run on. Views come ten times a second: a frame is what is written within "
    "0.1 s. Bytes belong to the panel in which their piece begins; of the chart those frames "
    "count in which it changed. Means, so that the frames in which an axis doubles are in them."
)
TARGET_CHART, TARGET_SCREEN = 1024, 3072
FRAME_SECONDS = 0.1
PANELS = ("status", "knobs and step", "chart", "picture", "footer")
CASES = (
    ("a fit that never rests, flat out", str(EXPERIMENTS / "jumping.py"), 0.0),
    ("parabola as the lesson runs, 30/s", "parabola", 30.0),
    ("digits, flat out", "digits", 0.0),
)
_MOVE = re.compile(rb"\x1b\[(\d+);(\d+)H")
Panels = Sequence[Sequence[str]]  # the panel of each cell, by row and column


def measure(quick: bool) -> list[Figure]:
    seconds = 1.0 if quick else 8.0
    figures: list[Figure] = []
    for words, experiment, pace in CASES[:1] if quick else CASES:
        with Engine(experiment, {"stop": ""}, pace=pace) as engine, screen(engine) as terminal:
            written = frames_of(engine, terminal, seconds)
        chart = [frame["chart"] for frame in written if frame["chart"]]
        figures += [
            _row(
                f"{words}: loss chart", chart, TARGET_CHART, f"{len(chart) / seconds:.1f} a second"
            ),
            _row(
                f"{words}: whole screen",
                [frame.total() for frame in written],
                TARGET_SCREEN,
                ", ".join(f"{p} {mean(frame[p] for frame in written):.0f}" for p in PANELS),
            ),
        ]
    return figures


def _row(name: str, sizes: Sequence[int], target: float, more: str) -> Figure:
    sizes = sizes or [0]
    detail = f"median {median(sizes):.0f}, largest {max(sizes):,}; {more}"
    return at_most(name, mean(sizes), target, " B", detail, digits=0)


def frames_of(engine: Engine, terminal: Terminal, seconds: float) -> list[Counter[str]]:
    """Bytes by panel of each frame, from the middle of a run."""
    engine.order(Run())
    terminal.wait_for("running")
    time.sleep(2.0)  # the first frames of a run paint more
    first = len(terminal.chunks)
    time.sleep(seconds)
    chunks = terminal.chunks[first:]
    engine.order(Pause())
    places = panels(terminal.display)
    return [by_panel(frame, places) for frame in frames(chunks)]


def frames(chunks: Sequence[Chunk]) -> list[bytes]:
    """What was written, in frames; each begins with the first chunk after the last was over."""
    found: list[bytes] = []
    began = float("-inf")
    for chunk in chunks:
        if chunk.time - began > 0.9 * FRAME_SECONDS:
            found.append(b"")
            began = chunk.time
        found[-1] += chunk.content
    return found


def panels(display: Sequence[str]) -> Panels:
    """The panel of each cell, found by the corners of the boxes on the screen."""
    left = next(row.index("┌", 1) for row in display if row.count("┌") > 1)
    tops = [y for y, row in enumerate(display) if row[left] == "┌"]
    bottom = max(y for y, row in enumerate(display) if row[left] == "└")

    def panel(x: int, y: int) -> str:
        if y < tops[0]:
            return "status"
        if y > bottom:
            return "footer"
        if x < left:
            return "knobs and step"
        return "chart" if y < tops[1] else "picture"

    return [[panel(x, y) for x in range(COLUMNS)] for y in range(ROWS)]


def by_panel(written: bytes, places: Panels) -> Counter[str]:
    """How many bytes went to each panel; to "elsewhere" what stands before the first move."""
    pieces = list(_MOVE.finditer(written))
    count = Counter({"elsewhere": pieces[0].start() if pieces else len(written)})
    ends = [*(piece.start() for piece in pieces[1:]), len(written)]
    for piece, end in zip(pieces, ends, strict=False):
        y, x = int(piece[1]) - 1, int(piece[2]) - 1
        count[places[y][x]] += end - piece.start()
    return count
