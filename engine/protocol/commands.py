"""What a client asks for, and the one answer each command gets."""

from typing import Literal

import msgspec

from .knob import Value

MOST_REPLICAS = 16  # of one comparison


class _Command(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True):
    pass


class Run(_Command, tag="run", frozen=True):
    """Train until told otherwise, or until a condition such as `valid_loss<0.1` or `epoch>=3`."""

    until: str = ""


class Pause(_Command, tag="pause", frozen=True):
    """Stop asking for the next step. The present step is finished first."""


class Step(_Command, tag="step", frozen=True):
    """Take `count` phases, steps or epochs, then pause."""

    unit: Literal["phase", "step", "epoch"] = "step"
    count: int = 1


class Set(_Command, tag="set", frozen=True):
    """Turn knobs. All of them take effect, or none."""

    values: dict[str, Value]


class SetBack(_Command, tag="set_back", frozen=True):
    """Give a knob its previous value again."""

    knob: str


class Speed(_Command, tag="speed", frozen=True):
    """Limit the pace, in steps a second; 0 is as fast as it goes."""

    steps_per_second: float


class Restart(_Command, tag="restart", frozen=True):
    """Back to step 0: the same start, new weights on the same data, or new data."""

    new: Literal["nothing", "weights", "data"] = "nothing"


class Validate(_Command, tag="validate", frozen=True):
    """Measure the held-out data now."""


class Compare(_Command, tag="compare", frozen=True):
    """Train replicas beside this run from where it stands, each with other knob values.

    Without any, the comparison ends and this run goes on alone.
    """

    replicas: tuple[dict[str, Value], ...] = ()


class FindRate(_Command, tag="find_rate", frozen=True):
    """Try rising learning rates for a few steps, note the losses, put everything back."""

    low: float = 1e-7
    high: float = 10.0
    steps: int = 100


class Edit(_Command, tag="edit", frozen=True):
    """Write one number of one parameter by hand; `index` counts in row-major order."""

    parameter: str
    index: int
    value: float


class Save(_Command, tag="save", frozen=True):
    """Write the weights to `path` (.safetensors or .pt)."""

    path: str


class Load(_Command, tag="load", frozen=True):
    """Read weights from `path` into the model as it stands."""

    path: str


class Stop(_Command, tag="stop", frozen=True):
    """End the run and the engine; with `delete`, remove its directory too."""

    delete: bool = False


Command = (
    Run
    | Pause
    | Step
    | Set
    | SetBack
    | Speed
    | Restart
    | Validate
    | Compare
    | FindRate
    | Edit
    | Save
    | Load
    | Stop
)


class Change(msgspec.Struct, frozen=True):
    """One knob, before and after; `effective` as read back from where it acts."""

    knob: str
    old: Value
    new: Value
    effective: Value


class Applied(msgspec.Struct, frozen=True, tag="applied"):
    """The command took effect at `step`, after `phase` of the step begun ("" between steps)."""

    id: int
    step: int
    phase: str = ""
    changes: tuple[Change, ...] = ()
    note: str = ""


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """The command did nothing; `accepted` says what would have been."""

    id: int
    reason: str
    accepted: str = ""


Answer = Applied | Rejected
