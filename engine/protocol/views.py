"""Views: a request names what to paint and how large; the view is its latest value.

The pictures themselves are in `pictures.py`.

A request is a value: two clients that ask for the same thing share one computation. Numbers
travel as plain lists, images as bytes; every view is bounded by the size that was asked for.
"""

from typing import Literal

import msgspec

from .pictures import Picture
from .state import State


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class StateRequest(_Request, tag="state", frozen=True):
    """The state, kept up to date."""


class CurveRequest(_Request, tag="curve", frozen=True):
    """Series over steps `first` to `last` (0: as far as the run has come), in `columns` bins."""

    series: tuple[str, ...] = ("loss", "valid_loss")
    first: int = 0
    last: int = 0
    columns: int = 100


class PhasesRequest(_Request, tag="phases", frozen=True):
    """The phases of the latest observed step with true shapes, dtypes and numbers.

    `detail`: with every tensor a phase made, its numbers and what it means.
    """

    detail: bool = False


class PictureRequest(_Request, tag="picture", frozen=True):
    """One of `State.pictures`, for an area of so many cells; `index` pages through examples."""

    name: str
    columns: int = 60
    rows: int = 20
    index: int = 0


MOST_VALUES = 4096  # that one input may have to be typed or drawn


class PredictRequest(_Request, tag="predict", frozen=True):
    """The model's answer to one input: numbers in row-major order, or example `index`."""

    values: tuple[float, ...] = ()
    index: int = 0


class OutputRequest(_Request, tag="output", frozen=True):
    """The last lines of the engine's and the user code's output."""

    lines: int = 200


Request = (
    StateRequest | CurveRequest | PhasesRequest | PictureRequest | PredictRequest | OutputRequest
)


class _View(msgspec.Struct, frozen=True):
    pass


class Line(_View, frozen=True):
    """One series in bins of equal width. `low` ≤ `mean` ≤ `high` over the finite values of a bin.

    Bins without a value are left out. `steps` are the bins' first steps. `broken` lists steps at
    which (or bins in which) the value was not finite. `lowest` is the step of the lowest value,
    `last` is the latest value itself.
    """

    name: str
    steps: list[int]
    low: list[float]
    mean: list[float]
    high: list[float]
    broken: list[int]
    lowest: int | None = None
    last: float | None = None


class Mark(_View, frozen=True):
    """A knob changed, or the run was restarted, at `step`."""

    step: int
    text: str


class Curve(_View, tag="curve", frozen=True):
    """`width` is the number of steps in a bin (1: every value is exact)."""

    first: int
    last: int
    width: int
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()


class Passage(_View, frozen=True):
    """One piece of a phase's detail, in the order it is read.

    `says` is a sentence. `code` is a line, `aside` the place it stands at. `tensor` has its name,
    `aside` its shape and type, `words` its statistics, and `rows` all its numbers or `counts` a
    histogram between `low` and `high`. `formula` is spelled out with its numbers. `table` has its
    headings in the first of its `rows`.
    """

    kind: Literal["says", "code", "tensor", "formula", "table"]
    text: str = ""
    aside: str = ""
    words: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    counts: tuple[int, ...] = ()
    low: str = ""
    high: str = ""


class PhaseRow(_View, frozen=True):
    """One phase: the tensors it made (`64×1×8×8 f32`), one number of it, the line of PyTorch."""

    phase: str
    tensors: str = ""
    number: str = ""
    code: str = ""
    detail: tuple[Passage, ...] = ()  # what the phase is for, its tensors with their numbers


class Phases(_View, tag="phases", frozen=True):
    """`done` phases of step `step` have been taken; rows of later ones show the step before."""

    step: int
    done: int
    rows: tuple[PhaseRow, ...]


class Output(_View, tag="output", frozen=True):
    """Lines of `engine.log`."""

    lines: tuple[str, ...]
    path: str


class Failed(_View, tag="failed", frozen=True):
    """This view could not be painted; training goes on."""

    sentence: str


View = State | Curve | Phases | Picture | Output | Failed
