"""The complete present state of a run: the first thing a client receives."""

from typing import Literal

import msgspec

from .knob import Knob, Value

Status = Literal["warming up", "paused", "running", "finished", "failed"]
PHASES = ("batch", "predict", "loss", "zero", "backward", "update")
PACES = (0.0, 1000.0, 100.0, 30.0, 10.0, 3.0, 1.0)  # steps a second; 0 is as fast as it goes


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: one sentence, and where in the user's files if it was there."""

    sentence: str
    file: str = ""
    line: int = 0
    source: str = ""
    before_first_step: bool = False


class Memory(msgspec.Struct, frozen=True):
    """Accelerator memory, bytes."""

    used: int
    peak: int
    total: int


class Try(msgspec.Struct, frozen=True):
    """One thing a lesson asks to try, and whether its condition came to hold."""

    number: int
    text: str
    done: bool = False


class Advice(msgspec.Struct, frozen=True):
    """What the coach sees, from which numbers, and what would help."""

    verdict: str  # "diverges"
    sentence: str  # one line with the numbers
    more: str = ""  # why it happens, what else could be done
    remedy: str = ""  # "lr ÷ 10"
    knobs: dict[str, Value] = {}  # what taking the advice sets
    alarm: bool = False  # the loss has just left its band


class State(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """Everything there is to know about a run but its history and its pictures."""

    run: str
    directory: str
    experiment: str  # as it was asked for: a lesson's name or a path
    kind: Literal["lesson", "file", "table"] = "file"
    title: str = ""  # the first line of the docstring
    text: str = ""  # the rest of it
    status: Status = "warming up"
    stepping: Literal["", "step", "phase"] = ""  # running for a few of these: more are added
    doing: str = ""  # what takes long just now: "importing torch", "validating 3/12"
    why: str = ""  # why it is paused or finished, one sentence
    problem: Problem | None = None
    notes: tuple[str, ...] = ()  # lasting remarks: own DataLoader, disk full, ...
    step: int = 0
    phase: str = ""  # last phase taken of a step not yet complete
    epoch: int = 0  # passes completed
    steps_per_epoch: int = 0  # 0: not known
    end_step: int = 0  # where the end is known; 0: not known
    loss: float | None = None
    valid_loss: float | None = None
    metrics: dict[str, float] = {}
    series: tuple[str, ...] = ()  # what can be charted
    validation: str = "no validation"
    steps_per_second: float = 0.0
    pace: float = 0.0  # the limit, steps a second; 0: as fast as it goes
    seconds: float = 0.0  # time spent training
    seconds_left: float | None = None
    device: str = ""
    memory: Memory | None = None
    knobs: tuple[Knob, ...] = ()
    pictures: tuple[str, ...] = ()  # names for `PictureRequest`
    tries: tuple[Try, ...] = ()  # of a lesson
    coach: Advice | None = None  # None: the coach does not know
    compared: tuple[str, ...] = ()  # labels of a comparison's replicas, this run first
    hidden: tuple[str, ...] = ()  # knobs and pictures that a screen should leave out
    answered: int = 0  # orders so far: a state that counts one shows what came of it
    touched: bool = False  # a step was taken at some time
    drivers: int = 0
    watchers: int = 0

    def knob(self, name: str) -> Knob | None:
        return next((knob for knob in self.knobs if knob.name == name), None)
