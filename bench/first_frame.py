"""First frame of Foghill's screen ÷ that of an empty Textual app, from the start of the process.

A frame is whole when every row of the terminal has been painted.
"""

import sys
from collections.abc import Sequence
from functools import partial
from statistics import median

import pyte

from .spread import alternate, ratio
from .table import Figure, at_most
from .terminal import ROWS, Terminal

TITLE = "First frame ÷ an empty Textual app"
NOTE = (
    "From the start of the process to the first whole frame of 120×40 on a pseudo terminal; the "
    "two programs are started in turn. The panels of the live screen come in a later frame, "
    "while the engine is starting beside it."
)
TARGET = 1.5
EMPTY = ("-m", "bench.empty")


def measure(quick: bool) -> list[Figure]:
    pairs = 1 if quick else 8
    figures: list[Figure] = []
    cases = (
        ("foghill (picker)", ("-m", "foghill.tui"), ("parabola", "digits")),
        ("foghill run parabola", ("-m", "foghill.tui", "run", "parabola"), ("knobs", "loss")),
    )
    for words, arguments, panels in cases:
        later: list[float] = []

        def first(arguments: Sequence[str], panels: Sequence[str], later: list[float]) -> float:
            frame, complete = frames(arguments, panels)
            later.append(complete)
            return frame

        found = alternate(
            partial(first, arguments, panels, later), lambda: frames(EMPTY, ())[0], pairs
        )
        middle, spread = ratio(found)
        empty = median(pair[1] for pair in found)
        detail = f"empty app {empty * 1000:.0f} ms; {spread}"
        figures.append(at_most(f"{words}: first frame", middle, TARGET, detail=detail))
        panels_ratio = median(later) / empty
        detail = f"{median(later) * 1000:.0f} ms"
        figures.append(Figure(f"{words}: all panels", f"{panels_ratio:.3f}", detail=detail))
    return figures


def frames(arguments: Sequence[str], panels: Sequence[str]) -> tuple[float, float]:
    """Seconds from the start of the process to the first frame, and to one with these words."""
    terminal = Terminal([sys.executable, *arguments])
    try:
        frame = terminal.wait(painted, "a whole frame")
        complete = frame
        if not all(words_on(terminal.screen, panels)):
            complete = terminal.wait(lambda s: all(words_on(s, panels)), ", ".join(panels))
    finally:
        if panels:
            terminal.leave()
        else:
            terminal.kill()
    return frame.time - terminal.began, complete.time - terminal.began


def painted(screen: pyte.Screen) -> bool:
    """Every row has a background of its own."""
    return all(screen.buffer[y][0].bg != "default" for y in range(ROWS))


def words_on(screen: pyte.Screen, words: Sequence[str]) -> list[bool]:
    text = "\n".join(screen.display)
    return [word in text for word in words]
