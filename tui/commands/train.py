"""Rows that train: run, pause, step, restart."""

from ...engine.protocol.commands import Command, Pause, Run, Speed, Step, Validate
from ..entry import Entry
from ..state import ScreenState, faster, slower
from ..when import can_add, can_find_rate, can_step, can_train, can_validate

_E = Entry[ScreenState]


def _run_or_pause(screen: ScreenState) -> Command:
    return Pause() if screen.standing == "running" else Run()


TRAIN: tuple[_E, ...] = (
    _E(
        "run",
        ("space",),
        lambda s: "stop" if s.walking else "pause" if s.standing == "running" else "run",
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
        when=lambda s: can_add(s, "phase"),
        footer=1,
        group="train",
        order=lambda _: Step("phase"),
    ),
    _E(
        "step",
        ("s",),
        "step",
        "Take one step: one update of the weights.",
        when=lambda s: can_add(s, "step"),
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
        "compare",
        ("C",),
        lambda s: "compare" if not s.run.compared else "compare anew",
        "Train replicas beside this run, with other knob values. Asks which.",
        when=lambda s: s.drives,
        footer=3,
        group="train",
    ),
    _E(
        "find_rate",
        (),
        "find a learning rate",
        "Try rising learning rates for a few steps on a copy, and say which looks good.",
        when=can_find_rate,
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
