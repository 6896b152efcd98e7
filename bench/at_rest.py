"""What is held while nothing happens: memory of an engine and of a screen, time of a pause."""

import time

from .engine_speed import screen
from .engines import Engine
from .footprint import MIB, cpu_seconds, resident_bytes
from .table import Figure, at_most

TITLE = "Memory, and the processor time of a paused run"
NOTE = (
    "The lesson digits, paused after 600 steps: alone (nobody attached but a driver that is "
    "silent), then with the live screen on it at 120×40. After a pause the coach takes a closer "
    "look, once: that is a row of its own, and the others begin when it is over. Memory is the "
    "resident set, shared libraries included."
)
TARGET_PERCENT, SCREEN_PERCENT = 0.1, 1.0
AT_REST_PERCENT = 0.5  # less than this: whatever a pause brings is done
LONGEST = 60.0  # seconds until then
STEPS = 600


def measure(quick: bool) -> list[Figure]:
    seconds = 1.0 if quick else 10.0
    with Engine("digits", {"stop": ""}) as engine:
        engine.step_to(STEPS)
        looked = settled(engine.pid)
        alone = resident_bytes(engine.pid) / MIB
        (idle,) = busy_percent(seconds, engine.pid)
        with screen(engine) as terminal:
            time.sleep(1.0)  # the first frames
            settled(engine.pid)
            watched, shown = busy_percent(seconds, engine.pid, terminal.process.pid)
            looked_at = resident_bytes(engine.pid) / MIB
            tui = resident_bytes(terminal.process.pid) / MIB
    over = f"over {seconds:g} s"
    return [
        Figure("memory of one engine", f"{alone:.0f} MiB", detail=f"{looked_at:.0f} looked at"),
        Figure("memory of one screen", f"{tui:.0f} MiB"),
        Figure("a look after a pause", f"{1000 * looked:.0f} ms", detail="of a core, once"),
        at_most("paused engine", idle, TARGET_PERCENT, " % of a core", over, digits=2),
        at_most(
            "paused engine with a screen", watched, TARGET_PERCENT, " % of a core", over, digits=2
        ),
        at_most("the screen on it", shown, SCREEN_PERCENT, " % of a core", over, digits=2),
    ]


def settled(pid: int, seconds: float = 0.5) -> float:
    """Wait until a process rests for so long; the processor seconds it took until then.

    Raises `RuntimeError` where it does not come to rest.
    """
    before, deadline = cpu_seconds(pid), time.monotonic() + LONGEST
    while busy_percent(seconds, pid)[0] > AT_REST_PERCENT:
        if time.monotonic() > deadline:
            raise RuntimeError("the paused engine does not come to rest")
    return cpu_seconds(pid) - before


def busy_percent(seconds: float, *pids: int) -> list[float]:
    """Processor time of each process while nothing is asked of it, in percent of one core."""
    before = [cpu_seconds(pid) for pid in pids]
    began = time.perf_counter()
    time.sleep(seconds)
    spent = time.perf_counter() - began
    return [100 * (cpu_seconds(p) - b) / spent for p, b in zip(pids, before, strict=True)]
