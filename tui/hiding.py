"""What the screen leaves out of a run: hidden knobs and pictures, and what held-out data say."""

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


def without_held_out(run: State) -> State:
    """`run` with nothing that was found out on held-out data."""
    about = run.coach is not None and "validation" in run.coach.sentence
    return replace(
        run,
        metrics={n: value for n, value in run.metrics.items() if not n.startswith("valid_")},
        coach=None if about else run.coach,
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
