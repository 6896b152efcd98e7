"""Rows that choose what the lower panel shows: pictures by number or letter, text, output."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..entry import Entry
from ..state import LETTERS, OUTPUT, TEXT, ScreenState
from ..when import can_find_rate

if TYPE_CHECKING:
    from ..screens.live import LiveScreen

_E = Entry[ScreenState]

_LETTERED = (
    ("hill", "The loss around the weights as a landscape, with the way so far."),
    ("network", "Layer by layer: weights, outputs, gradients, updates, dead units."),
    ("steps", "A table of the steps taken, with losses, parameters and gradients."),
    ("gradients", "Each gradient by formula, by autograd and by finite differences."),
    ("graph", "The operations that autograd remembers, as a tree."),
    ("optimizer", "What the optimizer keeps for each parameter, and its next step."),
    ("cost", "Training against inference: time, memory, power."),
    ("seen", "How often each example was seen, and how noisy gradients are."),
    ("compare", "Replicas of this run side by side."),
)


_AGAIN = "From there: back to picture 1."


def _other(name: str) -> Callable[[ScreenState], ScreenState]:
    """Show `name` in the picture panel and go there; from there, back to the first picture."""

    def turn(screen: ScreenState) -> ScreenState:
        there = screen.showing == name and screen.focus == "picture"
        picture = "" if there and screen.run.pictures else name
        return replace(screen, picture=picture, focus="picture")

    return turn


def _picture(number: int) -> "Entry[ScreenState]":
    def turn(screen: ScreenState) -> ScreenState:
        name = screen.run.pictures[number - 1]
        there = screen.narrow or screen.zoomed or screen.showing == name
        return replace(screen, picture=name, focus="picture" if there else screen.focus)

    return Entry(
        f"picture_{number}",
        (str(number),),
        lambda screen: screen.run.pictures[number - 1],
        f"Show picture {number}; again, go there.",
        when=lambda screen: len(screen.run.pictures) >= number and not screen.tiny,
        group="pictures",
        turn=turn,
    )


def _lettered(name: str, key: str, help: str) -> "Entry[ScreenState]":
    return Entry(
        f"picture_{name}",
        (key,),
        name,
        f"{help} {_AGAIN}",
        when=lambda screen: name in screen.run.pictures and not screen.tiny,
        group="pictures",
        turn=_other(name),
    )


def _predict(screen: "LiveScreen") -> None:
    """Show the picture; from there, open the screen to use the model by hand."""
    from ..screens import predict

    state = screen.state
    if state.showing == "predict" and "picture" in state.visible:
        predict.use(screen)
    else:
        screen.state = replace(state, picture="predict", focus="picture")


PICTURES: tuple[_E, ...] = (
    _E(
        "text",
        ("0",),
        "text",
        f"The experiment's text, and lasting remarks on this run. {_AGAIN}",
        when=lambda s: not s.tiny,
        footer=3,
        group="pictures",
        turn=_other(TEXT),
    ),
    *(_picture(number) for number in range(1, 10)),
    *(_lettered(name, LETTERS[name], help) for name, help in _LETTERED),
    _E(
        "picture_rates",
        (LETTERS["rates"],),
        "rates",
        "The loss against the learning rate: of a comparison, and what the rate finder found. "
        "Where there is neither, the rate finder looks first.",
        when=lambda s: not s.tiny and ("rates" in s.run.pictures or can_find_rate(s)),
        group="pictures",
        method="rates",
    ),
    _E(
        "fog",
        ("f",),
        "fog",
        "Hide all of the hill but the ground near the trail, or show it.",
        when=lambda s: s.showing == "hill" and "picture" in s.visible,
        footer=1,
        group="pictures",
        turn=lambda s: replace(s, fog=not s.in_fog),
    ),
    _E(
        "picture_predict",
        (LETTERS["predict"],),
        lambda s: "draw or type" if s.showing == "predict" else "predict",
        "Use the model as it stands: its answer to an example; again, to draw or type an input.",
        when=lambda s: "predict" in s.run.pictures and not s.tiny,
        group="pictures",
        act=_predict,
    ),
    _E(
        "output",
        ("o",),
        "output",
        f"What the engine and the experiment's own code printed. {_AGAIN}",
        when=lambda s: not s.tiny,
        footer=3,
        group="pictures",
        turn=_other(OUTPUT),
    ),
)
