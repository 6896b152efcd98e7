"""The one table of what a person can do: bindings, footer, help and palette come from it.

A row either says which order goes to the engine (`order`), or how the screen's own state
changes (`turn`), or neither: then the screen has a method `do_<id>` for it. To add a command,
add a row here (and its struct in `engine.protocol.commands` if it is the engine that acts).
The picker's rows are in `picker_commands`.
"""

from collections.abc import Callable
from dataclasses import replace

from ..engine.protocol.commands import Command, Pause, Run, SetBack, Speed, Step, Validate
from .entry import Entry
from .state import (
    OUTPUT,
    TEXT,
    ScreenState,
    ends_on_leaving,
    faster,
    focused,
    leaving,
    slower,
)
from .when import (
    can_set_back,
    can_step,
    can_train,
    can_turn,
    can_validate,
    has_chart,
    moves,
    moves_sideways,
    wide,
)


def _run_or_pause(screen: ScreenState) -> Command:
    return Pause() if screen.run.status == "running" else Run()


def _dropped(screen: ScreenState) -> ScreenState:
    """What `esc` does: drop what is pending, else leave the zoom."""
    if screen.pending:
        return replace(screen, pending={}, said="")
    return replace(screen, zoomed=False, said="")


def _other(name: str) -> Callable[[ScreenState], ScreenState]:
    """Show `name` in the picture panel, or go back to the picture before."""

    def turn(screen: ScreenState) -> ScreenState:
        picture = "" if screen.showing == name and screen.run.pictures else name
        return replace(screen, picture=picture, focus="picture")

    return turn


def _picture(number: int) -> "Entry[ScreenState]":
    def turn(screen: ScreenState) -> ScreenState:
        focus = "picture" if screen.narrow or screen.zoomed else screen.focus
        return replace(screen, picture=screen.run.pictures[number - 1], focus=focus)

    return Entry(
        f"picture_{number}",
        (str(number),),
        lambda screen: screen.run.pictures[number - 1],
        f"Show picture {number}.",
        when=lambda screen: len(screen.run.pictures) >= number and not screen.tiny,
        group="panels",
        turn=turn,
    )


_E = Entry[ScreenState]

TRAIN: tuple[_E, ...] = (
    _E(
        "run",
        ("space",),
        lambda s: "pause" if s.run.status == "running" else "run",
        "Train, or pause after the step now under way.",
        when=can_train,
        footer=1,
        group="train",
        order=_run_or_pause,
    ),
    _E(
        "phase",
        ("full_stop",),
        "phase",
        "Take one phase of a step: batch, predict, loss, zero, backward, update.",
        when=can_step,
        footer=1,
        group="train",
        order=lambda _: Step("phase"),
    ),
    _E(
        "step",
        ("s",),
        "step",
        "Take one step: one update of the weights.",
        when=can_step,
        footer=1,
        group="train",
        order=lambda _: Step("step"),
    ),
    _E(
        "epoch",
        ("e",),
        "epoch",
        "Train to the end of this pass over the data.",
        when=can_step,
        footer=2,
        group="train",
        order=lambda _: Step("epoch"),
    ),
    _E(
        "steps",
        ("S",),
        "n steps",
        "Take so many steps: asks how many, and remembers.",
        when=can_step,
        footer=3,
        group="train",
    ),
    _E(
        "until",
        (),
        "run until",
        "Train until a condition holds, such as valid_loss<0.1 or epoch>=3.",
        when=can_step,
        group="train",
    ),
    _E(
        "slower",
        ("less_than_sign",),
        "slower",
        "Train at a lower limit: 1000, 100, 30, 10, 3, 1 steps a second.",
        when=lambda s: can_train(s) and s.run.pace != 1.0,
        footer=2,
        group="train",
        order=lambda s: Speed(slower(s.run.pace)),
    ),
    _E(
        "faster",
        ("greater_than_sign",),
        "faster",
        "Train at a higher limit, in the end as fast as it goes.",
        when=lambda s: can_train(s) and s.run.pace != 0.0,
        footer=2,
        group="train",
        order=lambda s: Speed(faster(s.run.pace)),
    ),
    _E(
        "restart",
        ("R",),
        "restart",
        "Back to step 0: the same start, new weights, or new data. Asks which.",
        when=lambda s: s.drives,
        footer=3,
        group="train",
    ),
    _E(
        "validate",
        ("v",),
        "validate",
        "Measure the held-out data now.",
        when=can_validate,
        footer=3,
        group="train",
        order=lambda _: Validate(),
    ),
)

KNOBS: tuple[_E, ...] = (
    _E(
        "enter",
        ("enter",),
        lambda s: "apply" if s.pending else "type",
        "Apply what is pending; without anything pending, type a value for the selected knob.",
        when=lambda s: can_turn(s) or (s.drives and bool(s.pending)),
        footer=1,
        group="knobs",
    ),
    _E(
        "escape",
        ("escape",),
        lambda s: "drop" if s.pending else "close",
        "Drop what is pending, or close the topmost thing.",
        when=lambda s: bool(s.pending) or (s.zoomed and wide(s)),
        footer=1,
        group="knobs",
        turn=_dropped,
    ),
    _E(
        "set_back",
        ("u",),
        "set back",
        "Give the selected knob its previous value again.",
        when=can_set_back,
        footer=2,
        group="knobs",
        order=lambda s: SetBack(s.knob.name if s.knob else ""),
    ),
)

MOVE: tuple[_E, ...] = (
    _E(
        "next_panel",
        ("tab",),
        "panel",
        "Next panel. The focused one has its title in brackets; arrows act in it.",
        when=lambda s: not s.tiny,
        footer=2,
        group="panels",
        turn=lambda s: focused(s, 1),
    ),
    _E(
        "previous_panel",
        ("shift+tab",),
        "panel before",
        "The panel before.",
        when=lambda s: not s.tiny,
        group="panels",
        turn=lambda s: focused(s, -1),
    ),
    _E(
        "up",
        ("up", "k"),
        "up",
        "Knob above, next curve, line above.",
        when=moves,
        group="panels",
        method="vertical",
        argument=-1,
    ),
    _E(
        "down",
        ("down", "j"),
        "down",
        "Knob below, next curve, line below.",
        when=moves,
        group="panels",
        method="vertical",
        argument=1,
    ),
    _E(
        "left",
        ("left", "h"),
        "turn down",
        "Turn the knob down, cursor left, page back.",
        when=moves_sideways,
        group="panels",
        method="sideways",
        argument=-1,
    ),
    _E(
        "right",
        ("right", "l"),
        "turn up",
        "Turn the knob up, cursor right, page on.",
        when=moves_sideways,
        group="panels",
        method="sideways",
        argument=1,
    ),
    _E(
        "zoom",
        ("z",),
        lambda s: "unzoom" if s.zoomed else "zoom",
        "The focused panel on the whole screen, and back.",
        when=lambda s: not s.narrow,
        footer=2,
        group="panels",
        turn=lambda s: replace(s, zoomed=not s.zoomed),
    ),
    _E(
        "text",
        ("0",),
        "text",
        "The experiment's text, and lasting remarks on this run.",
        when=lambda s: not s.tiny,
        footer=3,
        group="panels",
        turn=_other(TEXT),
    ),
    *(_picture(number) for number in range(1, 10)),
    _E(
        "output",
        ("o",),
        "output",
        "What the engine and the experiment's own code printed.",
        when=lambda s: not s.tiny,
        footer=3,
        group="panels",
        turn=_other(OUTPUT),
    ),
)

CHART: tuple[_E, ...] = tuple(
    _E(name, keys, label, help, when=has_chart, group="chart", method="chart")
    for name, keys, label, help in (
        ("zoom_in", ("plus", "equals_sign"), "zoom in", "Fewer steps in the chart."),
        ("zoom_out", ("minus",), "zoom out", "More steps in the chart."),
        ("first", ("g",), "first", "The first steps of the run."),
        ("last", ("G",), "last", "The latest steps, and follow them."),
        ("pan_left", ("left_square_bracket",), "earlier", "Move the window to earlier steps."),
        ("pan_right", ("right_square_bracket",), "later", "Move the window to later steps."),
        ("toggle_log", ("y",), "log", "Logarithmic or linear scale."),
        ("cycle_smoothing", ("m",), "smooth", "Smooth more, in the end not at all."),
    )
)

LEAVE: tuple[_E, ...] = (
    _E(
        "palette",
        ("colon", "ctrl+p"),
        "commands",
        "Every command by name.",
        footer=3,
        group="leave",
    ),
    _E("help", ("question_mark",), "help", "This help.", footer=1, group="leave"),
    _E(
        "quit",
        ("q",),
        leaving,
        "Close the topmost thing, or leave. A run that has taken a step is never ended by this.",
        footer=1,
        group="leave",
    ),
    _E(
        "quit_ask",
        ("Q",),
        "end",
        "Asks: leave the run as it is, stop it, or stop and delete it.",
        when=lambda s: s.attached and s.role == "driver" and not ends_on_leaving(s),
        footer=3,
        group="leave",
    ),
    _E("interrupt", ("ctrl+c",), "hint", "Never ends a run: says how to.", group="leave"),
)

LIVE: tuple[_E, ...] = TRAIN + KNOBS + MOVE + CHART + LEAVE
