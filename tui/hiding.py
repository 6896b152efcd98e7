"""What the screen leaves out of a run: knobs and pictures that engine or terminal hide."""

from difflib import get_close_matches

from msgspec.structs import replace

from ..engine.protocol.state import State


def without_hidden(run: State, also: tuple[str, ...] = ()) -> State:
    """`run` as the screen is to show it."""
    hidden = {*run.hidden, *also}
    if not hidden:
        return run
    return replace(
        run,
        knobs=tuple(knob for knob in run.knobs if knob.name not in hidden),
        pictures=tuple(name for name in run.pictures if name not in hidden),
    )


def unknown(run: State, names: tuple[str, ...]) -> str:
    """One sentence on a name that is neither a knob nor a picture of the run; "" where all are."""
    there = [*(knob.name for knob in run.knobs), *run.pictures]
    for name in names:
        if there and name not in there:
            close = get_close_matches(name, there, n=1)
            hint = f"did you mean {close[0]}?" if close else "there are " + ", ".join(there)
            return f"--hide names {name!r}, no knob and no picture of {run.run}; {hint}"
    return ""
