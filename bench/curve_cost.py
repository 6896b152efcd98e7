"""Cost of a curve frame, and the engine's memory, after 10⁴ and 10⁶ steps really trained."""

import time
from collections.abc import Sequence
from functools import partial
from statistics import mean, median

from foghill.engine.protocol.frames import Shown
from foghill.engine.protocol.views import Curve, CurveRequest

from .engines import Engine
from .footprint import MIB, resident_bytes
from .networks import EXPERIMENTS
from .spread import alternate
from .table import Figure, at_most

TITLE = "A curve frame and the engine's memory after 10⁴ and 10⁶ steps"
NOTE = (
    "Two engines train one parameter, one for 10⁴ steps and one for 10⁶, every step of it. A "
    "curve frame is the time from asking for the whole run to having it, over the socket; the two "
    "engines are asked in turn, at every width from 100 to 199 columns, because the number of bins "
    "at one width depends on the number of steps, and on the mean over these does not. Memory is "
    "the resident set of the engine that went on to 10⁶, at both points."
)
TARGET = 1.05
FEW, MANY, MANY_QUICK = 10_000, 1_000_000, 20_000
WIDTHS = range(100, 200)
PAIRS = 5  # at each width


def measure(quick: bool) -> list[Figure]:
    many = MANY_QUICK if quick else MANY
    tiny = str(EXPERIMENTS / "tiny.py")
    with Engine(tiny) as short, Engine(tiny) as long:
        short.step_to(FEW)
        long.step_to(FEW)
        frame_seconds(long, WIDTHS[0])
        memory = resident_bytes(long.pid)
        began = time.perf_counter()
        long.step_to(many)
        rate = (many - FEW) / (time.perf_counter() - began)
        many_seconds, few_seconds = frame_costs(long, short, WIDTHS[::10] if quick else WIDTHS)
        grown = resident_bytes(long.pid)
    size = f"{memory / MIB:.0f} MiB, then {grown / MIB:.0f} MiB ({rate:,.0f} steps/s)"
    steps = f"{many:,} ÷ {FEW:,} steps"
    cost = f"{few_seconds * 1000:.2f} ms, then {many_seconds * 1000:.2f} ms"
    return [
        at_most(f"curve frame, {steps}", many_seconds / few_seconds, TARGET, detail=cost),
        at_most(f"memory, {steps}", grown / memory, TARGET, detail=size),
    ]


def frame_costs(long: Engine, short: Engine, widths: Sequence[int]) -> tuple[float, float]:
    """Seconds of a curve frame of each engine: medians at each width, their mean over widths."""
    medians: list[tuple[float, float]] = []
    for width in widths:
        pairs = alternate(
            partial(frame_seconds, long, width), partial(frame_seconds, short, width), PAIRS
        )
        medians.append((median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)))
    return mean(pair[0] for pair in medians), mean(pair[1] for pair in medians)


def frame_seconds(engine: Engine, columns: int) -> float:
    """From asking for the curve of the whole run to having it."""
    client, request = engine.client, CurveRequest(("loss",), columns=columns)
    client.look()
    began = time.perf_counter()
    client.look(request)
    while True:
        frame = client.receive()
        spent = time.perf_counter() - began
        if isinstance(frame, Shown) and frame.request == request:
            assert isinstance(frame.view, Curve)
            if frame.view.last == client.state.step:  # else it was under way while it trained
                return spent
