"""Pictures as data: what `views/` paints and `tui/widgets/` draws, one struct each.

Numbers travel as plain lists, images as bytes; every picture is bounded by the size asked for.
"""

import msgspec


class _View(msgspec.Struct, frozen=True):
    pass


class Fit(_View, tag="fit", frozen=True):
    """A function of one input through its points. Lists of equal length in pairs (x, y).

    The first line is the model's, further ones what it is compared with. `y_range` is what to
    show of y, where the experiment says so.
    """

    x_name: str
    y_name: str
    points: tuple[list[float], list[float]]
    held_out: tuple[list[float], list[float]]
    lines: tuple[tuple[str, list[float], list[float]], ...]
    y_range: tuple[float, ...] = ()


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
    """Images with their scores, from the held-out data if there is any (`source` says).

    In the data's own order, or those with the largest loss first; `first` is the place in it.
    """

    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    total: int
    source: str
    worst: bool = False
    first: int = 0


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
    """Named numbers, such as the weights of a linear model.

    `places` are (parameter, index) of each, to edit it by; `gradients` those of the loss over
    the training data. `at` is the bar that the screen's cursor is on; -1 for none.
    """

    title: str
    names: tuple[str, ...]
    values: list[float]
    places: tuple[tuple[str, int], ...] = ()
    gradients: list[float] = []
    at: int = -1


class Table(_View, tag="table", frozen=True):
    """Rows of words. Where rows are a window onto more, `first` of `total` says which.

    With `at`, the arrows choose a row (the request's `index` says which) instead of scrolling.
    `from_end`: the last rows are shown first, and `index` counts rows back from them.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()  # lines under it
    marked: tuple[int, ...] = ()  # rows to look at: the best, the present one, one that is wrong
    first: int = 0
    total: int = 0
    at: int = -1  # the row chosen, counted from the first of all
    from_end: bool = False


class Plotted(_View, frozen=True):
    """A curve through (x, y); a single point is drawn as a dot."""

    name: str
    x: list[float]
    y: list[float]


class Drawing(_View, tag="drawing", frozen=True):
    """What the experiment's own `view` returned: 1-D tensors as lines, 2-D ones as maps,
    pairs of tensors as curves on one plot, words as text, lists of rows as tables.

    `order` are the names of all of them as they came; what it lacks comes after.
    """

    lines: tuple[tuple[str, list[float]], ...]
    maps: tuple[tuple[str, list[list[float]]], ...]
    curves: tuple[Plotted, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    order: tuple[str, ...] = ()


class Trail(_View, frozen=True):
    """Where a model went on a landscape: positions (`y` empty for one axis) and losses."""

    name: str
    x: list[float]
    y: list[float]
    loss: list[float]


class Landscape(_View, tag="landscape", frozen=True):
    """The loss along one or two axes of parameter space around where the model stands.

    `heights` has one row for one axis; for two, row 0 is at the top (largest y). `trail` ends
    where the model stands. `ahead` is the way to come if no knob is turned again. `slope` is the
    gradient along the axes, `update` the change the next step would make, `bend` the curvature
    along a single axis. `lowest` are the coordinates and the loss of a minimum inside.
    """

    axes: tuple[str, ...]  # "w", or "direction 1 (62 % of the way)"
    x: list[float]
    y: list[float]
    heights: list[list[float]]
    trail: Trail
    ahead: Trail | None = None
    others: tuple[Trail, ...] = ()  # replicas of a comparison
    slope: tuple[float, ...] = ()
    update: tuple[float, ...] = ()
    bend: float | None = None
    lowest: tuple[float, ...] = ()
    rough: bool = False  # heights between coarse grid points are not measured yet
    fog: bool = False  # the screen hides all but the ground near the trail
    page: int = 0  # there are several such pictures of one model
    pages: int = 1
    notes: tuple[str, ...] = ()


class Unit(_View, frozen=True):
    """One neuron: its output over the two inputs, row 0 at the top, values as -127..127."""

    layer: int
    index: int
    width: int
    height: int
    pixels: bytes  # value + 127


class Layer(_View, frozen=True):
    """A module with its numbers; None where it has none (no weights, no gradient yet)."""

    name: str
    kind: str  # "Linear 2→4"
    shape: str  # of its output for a batch: "10×4"
    parameters: int
    weight_std: float | None = None
    mean: float | None = None  # of its output
    std: float | None = None
    gradient: float | None = None  # norm over its own parameters
    ratio: float | None = None  # log10 of |update| / |weight|
    dead: float | None = None  # share of units that are 0 for every example


class Matrix(_View, frozen=True):
    """The weights of one layer: rows are outputs, columns inputs. Each number can be edited."""

    name: str  # of the parameter: "1.weight"
    values: list[list[float]]
    bias_name: str = ""
    bias: list[float] = []


class Network(_View, tag="network", frozen=True):
    """Layers in order; for small models their weights and a picture of each unit.

    `columns` name the units from the inputs to the outputs, with `units` of column number
    `Unit.layer`; between column k and the next lies `matrices[k]`. `at` is the number that the
    screen's cursor is on, counted through all matrices; -1 for none.
    """

    layers: tuple[Layer, ...]
    parameters: int = 0
    frozen: int = 0  # parameters that are not trained
    matrices: tuple[Matrix, ...] = ()
    columns: tuple[tuple[str, ...], ...] = ()
    units: tuple[Unit, ...] = ()
    notes: tuple[str, ...] = ()
    at: int = -1


class Entrant(_View, frozen=True):
    """One replica of a comparison. `series` are its curves' names in `State.series`."""

    label: str  # "lr 0.03"; "this run"
    step: int
    loss: float | None
    best: float | None
    best_step: int
    valid_loss: float | None = None
    best_valid: float | None = None
    best_valid_step: int = 0
    metrics: dict[str, float] = {}
    stopped: str = ""  # why it goes on no more: "loss is nan at step 31"
    at: float | None = None  # its value of `knob`
    group: str = ""  # what else differs: "adam"


class Comparison(_View, tag="comparison", frozen=True):
    """Replicas of this run from one start; `knob` is the number they differ by, if it is one."""

    entrants: tuple[Entrant, ...]
    knob: str = ""
    log: bool = False  # that knob goes by factors
    notes: tuple[str, ...] = ()


class Group(_View, frozen=True):
    """Losses against one knob, of entrants that are alike in everything else.

    `loss` is None where the entrant diverged. `band` are the ends of the good-enough values.
    """

    name: str  # "adam"; "" where nothing else differs
    at: list[float]
    loss: list[float | None]
    labels: tuple[str, ...]
    best: float | None = None  # the value with the lowest loss
    band: tuple[float, float] | None = None


class Sweep(_View, frozen=True):
    """What the learning-rate finder tried, and what it suggests (None: nothing)."""

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    ended: str  # why it took no more steps
    reason: str
    lowest: float | None = None
    steepest: float | None = None
    suggestion: float | None = None


class Rates(_View, tag="rates", frozen=True):
    """Loss against the knob in which a comparison's entrants differ; and the rate finder's."""

    groups: tuple[Group, ...] = ()
    knob: str = ""
    log: bool = False
    present: float | None = None  # the run's own value
    sweep: Sweep | None = None
    notes: tuple[str, ...] = ()


class Prediction(_View, tag="prediction", frozen=True):
    """What the model says to one input. `scores` are class probabilities, `values` numbers.

    `given` is in the units a person knows. Of an input with too many numbers to draw or type,
    it is a smaller grey image, and `shape` is that image's.
    """

    inputs: tuple[str, ...]
    given: list[float]
    shape: tuple[int, ...]  # of the input without the batch: (1, 8, 8), (2,)
    answer: str
    classes: tuple[str, ...] = ()
    scores: list[float] = []
    values: list[float] = []
    target: str = ""  # of the example picked
    example: int = -1
    total: int = 0  # examples to pick from
    source: str = ""  # which these are
    low: float = 0.0  # smallest and largest number among the inputs of the data
    high: float = 1.0
    typed: bool = True  # may be drawn or typed
    checksum: str = ""  # of all weights and buffers before the prediction, SHA-256
    checksum_after: str = ""
    predictions: int = 0  # made by this engine
    notes: tuple[str, ...] = ()


Picture = (
    Fit
    | Field
    | Gallery
    | Confusion
    | Scatter
    | Bars
    | Drawing
    | Table
    | Landscape
    | Network
    | Comparison
    | Rates
    | Prediction
)
