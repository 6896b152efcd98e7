"""What would help, as knob values a person can take with one key. Used by the verdicts.

A remedy is a few words and the knobs they set; where a knob is not there or does not act, the
words alone.
"""

from ...protocol.knob import Value, format_number
from .evidence import Evidence

Remedy = tuple[str, dict[str, Value]]

STANDARDISE = ("standardise", "standardize", "normalise", "normalize")
DROPOUT = 0.3
PATIENCE = 10
MOMENTUM = 0.9
CLIP = 1.0
SLOPED = ("leaky_relu", "elu", "tanh", "silu", "gelu")  # activations that are never quite flat


def rate(e: Evidence, factor: float) -> Remedy:
    """Another learning rate; gradients that pile up are the likelier cause where they do."""
    if factor < 1 and e.values.get("zero_grad") is False and "zero_grad" in e.knobs:
        return "zero_grad on", {"zero_grad": True}
    words = f"lr × {factor:g}" if factor > 1 else f"lr ÷ {1 / factor:g}"
    return words, _times(e, "lr", factor)


def batch(e: Evidence) -> Remedy:
    """Eight times the batch, or all examples."""
    factor = min(8, max(1, e.examples // max(e.batch, 1)))
    return f"batch_size × {factor}", _times(e, "batch_size", factor)


def activation(e: Evidence, *wanted: str) -> Remedy | None:
    """Another activation, where there is a knob that chooses one."""
    for name, knob in e.knobs.items():
        if knob.kind == "choice" and e.values.get(name) in ("relu", "tanh", "sigmoid"):
            choice = next((w for w in wanted if w in knob.choices and w != e.values[name]), None)
            if choice:
                return f"{name} {choice}", {name: choice}
    return None


def revive(e: Evidence) -> Remedy:
    """Against units that are dead from the start."""
    for name in STANDARDISE:
        if e.inputs > 3 and name in e.knobs and e.values.get(name) is False:
            return f"{name} on", {name: True}
    words, knobs = activation(e, *SLOPED) or ("another activation", {})
    return f"biases near 0, or {words}", knobs


def brake(e: Evidence) -> Remedy:
    """Against learning by heart."""
    dropout = e.knobs.get("dropout")
    if dropout is not None and dropout.kind == "float" and not e.values["dropout"]:
        return f"dropout {DROPOUT}", _set(e, "dropout", DROPOUT)
    if "patience" in e.knobs and not e.values.get("patience"):
        return "stop early", _set(e, "patience", PATIENCE)
    return "more data, or a smaller model", {}


def straighten(e: Evidence) -> Remedy:
    """Against a valley steep across and flat along."""
    for name in STANDARDISE:
        if name in e.knobs and e.values.get(name) is False:
            return f"{name} on", {name: True}
    if e.inputs > 3:
        return "standardise the inputs", {}
    if "momentum" in e.knobs and not e.values.get("momentum"):
        return f"momentum {MOMENTUM}", _set(e, "momentum", MOMENTUM)
    return "another optimizer, such as adam", {}


def cut(e: Evidence) -> Remedy:
    """Against gradients that explode."""
    if "clip" in e.knobs and not e.values.get("clip"):
        return f"clip {CLIP:g}", _set(e, "clip", CLIP)
    return "smaller weights at the start", {}


def _times(e: Evidence, name: str, factor: float) -> dict[str, Value]:
    value = e.values.get(name)
    if isinstance(value, bool | str) or not value:
        return {}
    new = value * factor
    return _set(e, name, round(new) if isinstance(value, int) else float(format_number(new)))


def _set(e: Evidence, name: str, value: Value) -> dict[str, Value]:
    knob = e.knobs.get(name)
    if knob is None:
        return {}
    try:
        return {name: knob.check(value)}
    except ValueError:
        return {}
