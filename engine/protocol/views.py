"""Pictures as data. A request names what to paint and how large; the view is its latest value.

A request is a value: two clients that ask for the same thing share one computation. Numbers
travel as plain lists, images as bytes; every view is bounded by the size that was asked for.
"""

import msgspec

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
    """The phases of the latest observed step with true shapes, dtypes and numbers."""


class PictureRequest(_Request, tag="picture", frozen=True):
    """One of `State.pictures`, for an area of so many cells; `index` pages through examples."""

    name: str
    columns: int = 60
    rows: int = 20
    index: int = 0


class OutputRequest(_Request, tag="output", frozen=True):
    """The last lines of the engine's and the user code's output."""

    lines: int = 200


Request = StateRequest | CurveRequest | PhasesRequest | PictureRequest | OutputRequest


class _View(msgspec.Struct, frozen=True):
    pass


class Line(_View, frozen=True):
    """One series in bins of equal width. `low` ≤ `mean` ≤ `high` over the finite values of a bin.

    Bins without a value are left out. `steps` are the bins' first steps. `broken` lists steps at
    which (or bins in which) the value was not finite. `last` is the latest value itself.
    """

    name: str
    steps: list[int]
    low: list[float]
    mean: list[float]
    high: list[float]
    broken: list[int]
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


class PhaseRow(_View, frozen=True):
    """One phase: the tensors it made (`64×1×8×8 f32`), one number of it, the line of PyTorch."""

    phase: str
    tensors: str = ""
    number: str = ""
    code: str = ""


class Phases(_View, tag="phases", frozen=True):
    """`done` phases of step `step` have been taken; rows of later ones show the step before."""

    step: int
    done: int
    rows: tuple[PhaseRow, ...]


class Fit(_View, tag="fit", frozen=True):
    """A function of one input through its points. Lists of equal length in pairs (x, y)."""

    x_name: str
    y_name: str
    points: tuple[list[float], list[float]]
    held_out: tuple[list[float], list[float]]
    lines: tuple[tuple[str, list[float], list[float]], ...]


class Field(_View, tag="field", frozen=True):
    """A function of two inputs on a grid, row 0 at the top (largest y).

    For classes `values` is the number of the winning class and `certainty` its probability;
    for a surface `values` is the output and `classes` is empty.
    """

    x_name: str
    y_name: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    values: list[list[float]]
    certainty: list[list[float]]
    classes: tuple[str, ...]
    points: tuple[list[float], list[float], list[float]]  # x, y, target
    held_out: tuple[list[float], list[float], list[float]]


class Example(_View, frozen=True):
    """One image (grey bytes, row by row) with its answer; `scores` are probabilities."""

    number: int
    width: int
    height: int
    pixels: bytes
    target: int
    predicted: int
    scores: list[float]


class Gallery(_View, tag="gallery", frozen=True):
    """Images with their scores, from the held-out data if there is any (`source` says)."""

    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    total: int
    source: str


class Confusion(_View, tag="confusion", frozen=True):
    """counts[target][predicted] over `source`."""

    classes: tuple[str, ...]
    counts: list[list[int]]
    source: str


class Scatter(_View, tag="scatter", frozen=True):
    """Predicted against actual, at most 500 points of each part."""

    name: str
    actual: list[float]
    predicted: list[float]
    held_out_actual: list[float]
    held_out_predicted: list[float]


class Bars(_View, tag="bars", frozen=True):
    """Named numbers, such as the weights of a linear model."""

    title: str
    names: tuple[str, ...]
    values: list[float]


class Drawing(_View, tag="drawing", frozen=True):
    """What the experiment's own `view` returned: 1-D tensors as lines, 2-D ones as maps."""

    lines: tuple[tuple[str, list[float]], ...]
    maps: tuple[tuple[str, list[list[float]]], ...]


class Output(_View, tag="output", frozen=True):
    """Lines of `engine.log`."""

    lines: tuple[str, ...]
    path: str


class Failed(_View, tag="failed", frozen=True):
    """This view could not be painted; training goes on."""

    sentence: str


Picture = Fit | Field | Gallery | Confusion | Scatter | Bars | Drawing
View = State | Curve | Phases | Picture | Output | Failed
