"""How a run stands, in words and as JSON. Used by `ctl` and `ls`."""

import json
import math
from typing import Any

from ...engine.protocol.knob import format_value
from ...engine.protocol.state import State


def plain(number: Any) -> Any:
    """A value as JSON can hold it: numbers that are not finite become "nan", "inf", "-inf"."""
    if isinstance(number, float) and not math.isfinite(number):
        return str(number)
    return number


def number_in_words(number: float | None) -> str:
    return "–" if number is None else f"{number:.5g}"


def encoded(state: State) -> str:
    """One line of JSON, full precision."""
    return json.dumps(
        {
            "run": state.run,
            "state": state.status,
            "step": state.step,
            "epoch": state.epoch,
            "loss": plain(state.loss),
            "valid_loss": plain(state.valid_loss),
            "metrics": {name: plain(value) for name, value in state.metrics.items()},
            "steps_per_second": plain(state.steps_per_second),
            "device": state.device,
            "knobs": {knob.name: plain(knob.value) for knob in state.knobs},
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def where_it_stands(state: State) -> str:
    """One line: status, step, losses."""
    parts = [f"{state.run} {state.status} at step {state.step}, epoch {state.epoch}"]
    if state.phase:
        parts.append(f"after {state.phase}")
    if state.loss is not None:
        parts.append(f"loss {number_in_words(state.loss)}")
    if state.valid_loss is not None:
        parts.append(f"valid_loss {number_in_words(state.valid_loss)}")
    return ", ".join(parts) + (f": {state.why}" if state.why else "")


def describe(state: State) -> str:
    """Several lines for a person."""
    lines = [where_it_stands(state)]
    if state.doing:
        lines.append(state.doing)
    if state.problem is not None:
        lines.append(state.problem.sentence)
    lines += [f"{name} {number_in_words(value)}" for name, value in state.metrics.items()]
    lines.append(f"{state.steps_per_second:.4g} steps/s on {state.device or 'no device yet'}")
    width = max((len(knob.name) for knob in state.knobs), default=0)
    for knob in state.knobs:
        unused = f"  ({knob.unused})" if knob.unused else ""
        lines.append(f"  {knob.name:<{width}}  {format_value(knob.value)}{unused}")
    return "\n".join([*lines, *state.notes])
