"""A weight turned by hand: what `E`, `[` and `]` do in the pictures of weights and network."""

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...engine.protocol.commands import Edit
from ...engine.protocol.knob import format_number
from ..when import with_weights
from ..widgets.framed import PaintedPanel
from ..widgets.numbers import Chosen, nudged
from .ask import AskScreen

if TYPE_CHECKING:
    from .live import LiveScreen

_CLOSE = 1e-5  # relative: what was sent comes back in the model's own precision


@dataclass(frozen=True)
class Written:
    """A number that was sent and may not be seen yet: `values` from the one seen to the last."""

    parameter: str
    index: int
    values: tuple[float, ...]

    def base(self, number: Chosen) -> tuple[float, ...]:
        """`values` where they go on from what is seen of `number`; else just that."""
        same = (self.parameter, self.index) == (number.parameter, number.index)
        known = any(math.isclose(v, number.value, rel_tol=_CLOSE) for v in self.values)
        return self.values if same and known else (number.value,)


def edit(screen: "LiveScreen") -> None:
    """Go to a picture with weights; there, ask for the value of the one under the cursor."""
    picture = screen.query_one(PaintedPanel)
    if picture.number is not None:
        ask(screen, picture.number)
        return
    picture.to_weights()
    state = screen.state
    screen.state = replace(state, picture=with_weights(state)[0], focus="picture")


def ask(screen: "LiveScreen", number: Chosen) -> None:
    """A value for one weight."""

    def take(text: str | None) -> None:
        if text is not None:
            write(screen, number, (float(text),))

    value = format_number(float(f"{number.value:.6g}"))
    hints = (f"{number.parameter}, number {number.index + 1} of it",)
    screen.app.push_screen(AskScreen(f"{number.name}: a number", hints, value, _wrong), take)


def _wrong(text: str) -> str:
    with suppress(ValueError):
        if math.isfinite(float(text)):
            return ""
    return f"a finite number, not {text!r}"


def nudge(screen: "LiveScreen", ticks: int) -> None:
    """Turn the weight under the cursor; a key held down goes on from what it wrote last."""
    number = screen.query_one(PaintedPanel).number
    if number is None:
        return
    before = screen.written.base(number) if _trusted(screen) else (number.value,)
    value = nudged(replace(number, value=before[-1]), ticks)
    write(screen, number, (*before, value))


def _trusted(screen: "LiveScreen") -> bool:
    run = screen.state.run
    return run.status != "running" and run.why != "restarted"


def write(screen: "LiveScreen", number: Chosen, values: tuple[float, ...]) -> None:
    """Send the last of `values`."""
    screen.written = Written(number.parameter, number.index, values)
    screen.order(Edit(number.parameter, number.index, values[-1]))
