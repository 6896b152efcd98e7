"""What tests of the step inspector share: a run's phases in detail, and formulas that hold."""

import math
import re
from pathlib import Path

from foghill.engine.protocol.commands import Step
from foghill.engine.protocol.views import Passage, Phases, PhasesRequest
from sessions import Live

_SIGNS = {"·": "*", "−": "-", "²": "**2", "³": "**3", "^": "**", "√": "sqrt"}


def inspected(path: Path | str, steps: int = 3, **settings: str) -> Phases:
    """The detail of step `steps`, taken phase by phase."""
    with Live(Path(path), settings=settings) as live:  # a lesson's name is a path, too
        live.ready()
        if steps > 1:
            live.do(Step("step", steps - 1))
            live.until(lambda s: s.step == steps - 1 and s.status != "running")
        live.do(Step("phase", 6))
        live.until(lambda s: s.step == steps and s.status != "running")
        phases = live.look(PhasesRequest(detail=True))
    assert isinstance(phases, Phases)
    return phases


def detail(phases: Phases, phase: str) -> tuple[Passage, ...]:
    return next(row.detail for row in phases.rows if row.phase == phase)


def texts(phases: Phases, phase: str, kind: str) -> list[str]:
    return [passage.text for passage in detail(phases, phase) if passage.kind == kind]


def tensor(phases: Phases, phase: str, name: str) -> Passage:
    return next(p for p in detail(phases, phase) if p.kind == "tensor" and p.text == name)


def table(phases: Phases, phase: str, first: str) -> list[tuple[str, ...]]:
    """Rows of the table whose first heading this is, without the headings."""
    found = (p for p in detail(phases, phase) if p.kind == "table" and p.rows[0][0] == first)
    return list(next(found).rows[1:])


def value(text: str) -> float:
    """What an expression as printed comes to."""
    for sign, python in _SIGNS.items():
        text = text.replace(sign, python)
    text = re.sub(r"(\d)e-(\d)", r"\1e-\2", text)
    text = re.sub(r"sqrt\(?([\d.e+-]+)\)?", r"sqrt(\1)", text)
    return float(eval(text, {"__builtins__": {}, "sqrt": math.sqrt}))


def holds(text: str, tolerance: float = 5e-3) -> bool:
    """Whether the last two sides of a formula are equal, as far as its rounded numbers tell."""
    *_, left, right = text.removeprefix("= ").split(" = ")
    numbers = [abs(value(n)) for n in re.findall(r"[\d.]+(?:e−?\d+)?", left)]
    scale = max(abs(value(right)), 1e-3 * max(numbers, default=0.0))
    return abs(value(left) - value(right)) <= tolerance * scale
