"""Command sent → answered, while the engine trains flat out.

An answer says that the command took effect and stands in the journal, on disk.
"""

import random
import time

from foghill.engine.protocol.commands import Pause, Run, Set

from .engines import Engine
from .networks import NETWORKS
from .spread import quantile
from .table import Figure, at_most

TITLE = "Command sent → applied, while training flat out"
NOTE = (
    "`lr` is set again and again at random moments; measured from sending to the answer, which "
    "comes after the command took effect and was written to the journal. Target: 30 ms or one "
    "step, whichever is longer."
)
TARGET_MS = 30.0


def measure(quick: bool) -> list[Figure]:
    count = 50 if quick else 500
    figures: list[Figure] = []
    for network in NETWORKS[:1] if quick else NETWORKS:
        with Engine(network.experiment, network.settings) as engine:
            rate = engine.run(0.3)
            taken = latencies(engine, count)
        step_ms = 1000 / rate
        p50, p99 = quantile(taken, 0.5) * 1000, quantile(taken, 0.99) * 1000
        target = max(TARGET_MS, step_ms)
        detail = f"p50 {p50:.2f} ms, longest {max(taken) * 1000:.1f} ms of {count} commands"
        figures.append(at_most(f"{network.title}: p99", p99, target, " ms", detail, digits=2))
    return figures


def latencies(engine: Engine, count: int) -> list[float]:
    """Seconds from sending to the answer, of so many commands."""
    moments = random.Random(0)
    engine.order(Run())
    taken: list[float] = []
    for number in range(count):
        time.sleep(moments.uniform(0.0, 0.02))
        began = time.perf_counter()
        engine.order(Set({"lr": 0.001 * (1 + number % 2)}))
        taken.append(time.perf_counter() - began)
    engine.order(Pause())
    return taken
