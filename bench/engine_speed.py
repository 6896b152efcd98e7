"""Engine ÷ the same loop in bare eager PyTorch: headless, with a screen, with sixteen watchers.

One engine and one bare loop per network. They take turns of half a second, each resting while
the other works, and the ratio is the median over pairs of neighbouring turns.
"""

import contextlib
import sys
from collections.abc import Generator, Sequence
from functools import partial
from statistics import median

from .engines import Bare, Engine
from .footprint import waited_seconds
from .networks import NETWORKS, Network
from .spread import alternate, ratio
from .table import Figure, at_least
from .terminal import Terminal
from .watchers import watching

TITLE = "Engine ÷ bare eager PyTorch, steps a second"
NOTE = (
    "Bare: the same gather, order, optimizer and threads (1), no loss read, in a process of its "
    "own. No data is held out, as the bare loop measures none. Engine and bare loop take turns; "
    "the loss of step 100 is checked to be the same number, to the last bit. With a screen: the "
    "live screen on a pseudo terminal of 120×40 shows chart, step and first picture. Watchers: "
    "16 sockets, each looking at every view."
)
TARGET_HEADLESS, TARGET_WATCHED = 0.95, 0.90
PROOF_STEP = 100


def measure(quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for network in NETWORKS:
        with (
            Engine(network.experiment, network.settings, headless=True) as engine,
            Bare(network.path) as bare,
        ):
            check_same(engine, bare)
            figures += ratios(network, engine, bare, quick)
    return figures


def check_same(engine: Engine, bare: Bare) -> None:
    """Both loops compute the same numbers. Raises where they do not."""
    engine.step_to(PROOF_STEP)
    _, (loss,) = engine.client.ask("loss", PROOF_STEP, PROOF_STEP)
    if (expected := bare.loss_at(PROOF_STEP)) != loss:
        raise RuntimeError(f"not the same loop: {loss!r} in the engine, {expected!r} in the bare")


def ratios(network: Network, engine: Engine, bare: Bare, quick: bool) -> list[Figure]:
    """A row for each way of looking on."""
    seconds, pairs = (0.2, 1) if quick else (0.5, 16)
    figures: list[Figure] = []
    conditions = (
        ("headless", contextlib.nullcontext(), TARGET_HEADLESS),
        ("with a screen", screen(engine), TARGET_WATCHED),
        ("16 watchers", watching(engine.socket, 16), TARGET_WATCHED),
    )
    for words, condition, target in conditions:
        with condition:
            engine.run(seconds)
            bare.run(seconds)
            waited = [waited_seconds(pid) for pid in (engine.pid, bare.pid)]
            found = alternate(partial(engine.run, seconds), partial(bare.run, seconds), pairs)
            shares = [
                (waited_seconds(pid) - before) / (pairs * seconds)
                for pid, before in zip((engine.pid, bare.pid), waited, strict=True)
            ]
            figures.append(row(f"{network.title}: {words}", found, shares, target))
    return figures


def row(
    name: str, found: Sequence[tuple[float, float]], waited: Sequence[float], target: float
) -> Figure:
    """The median ratio, and how quiet the machine was: a loop alone should wait for no core."""
    middle, spread = ratio(found)
    micro = median(1e6 / bare for _, bare in found)
    detail = (
        f"bare {micro:.0f} µs a step; {spread}; "
        f"waited for a core: engine {waited[0]:.0%}, bare {waited[1]:.0%}"
    )
    return at_least(name, middle, target, detail)


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
