"""Engine ÷ the same loop in bare eager PyTorch: alone, with a screen, with sixteen watchers.

Engine and bare loop take turns of half a second in one process: that of an engine, whose
session's thread the bare loop borrows (`turns.py`). Both live on the same core, caches and clock,
and what the engine does beside steps, the coach's looks among it, falls into its turns.
"""

import contextlib
import sys
from collections.abc import Generator

from .engines import Engine, TurnsEngine
from .networks import NETWORKS
from .sums import PROOF_STEP, Tally
from .table import Figure, at_least
from .terminal import Terminal
from .watchers import watching

TITLE = "Engine ÷ bare eager PyTorch, steps a second"
NOTE = (
    "Bare: the same gather, order, optimizer and threads (1), no loss read. No data is held out, "
    "as the bare loop measures none. Both take turns of 0.5 s in the engine's own thread, so long "
    "that each has its 30 s at least; the coach's looks are counted. Processor time is that "
    "thread's alone, wall time what passed meanwhile. The loss of step 100 is checked to be the "
    "same number, to the last bit. With a screen: the live screen on a pseudo terminal of 120×40 "
    "shows chart, step and first picture. Watchers: 16 sockets, each looking at every view."
)
TARGET_ALONE, TARGET_WATCHED = 0.95, 0.90
SECONDS = 60.0  # of turns, half of them the engine's


def measure(quick: bool) -> list[Figure]:
    seconds = 1.0 if quick else SECONDS
    figures: list[Figure] = []
    for network in NETWORKS:
        with TurnsEngine(network) as engine:
            check_same(engine)
            for words, condition, target in (
                ("alone", contextlib.nullcontext(), TARGET_ALONE),
                ("with a screen", screen(engine), TARGET_WATCHED),
                ("16 watchers", watching(engine.socket, 16), TARGET_WATCHED),
            ):
                with condition:
                    figures += ratios(f"{network.title}: {words}", engine, seconds, target)
    return figures


def check_same(engine: TurnsEngine) -> None:
    """Both loops compute the same numbers. Raises `RuntimeError` where they do not."""
    engine.turns(1.0)
    engine.step_to(PROOF_STEP)
    _, (loss,) = engine.client.ask("loss", PROOF_STEP, PROOF_STEP)
    if (expected := Tally.read(engine.directory).proof) != loss:
        raise RuntimeError(f"not the same loop: {loss!r} in the engine, {expected!r} in the bare")


def ratios(name: str, engine: TurnsEngine, seconds: float, target: float) -> list[Figure]:
    """A row for the processor's time and one for time on the wall."""
    ours, bare = engine.turns(seconds)
    detail = f"bare {1e6 / bare.by_core:.0f} µs a step; {ours.steps:,} and {bare.steps:,} steps"
    return [
        at_least(f"{name}, processor time", ours.by_core / bare.by_core, target, detail),
        at_least(f"{name}, wall time", ours.by_wall / bare.by_wall, target),
    ]


@contextlib.contextmanager
def screen(engine: Engine) -> Generator[Terminal]:
    """The live screen on this run, attached and painted."""
    command = [sys.executable, "-m", "foghill.tui", "attach", engine.spec.name]
    terminal = Terminal(command)
    try:
        terminal.wait_for("knobs")
        terminal.wait_for("paused")
        yield terminal
    finally:
        terminal.leave()
