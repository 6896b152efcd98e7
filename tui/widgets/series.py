"""Which series the chart can show, which belong together, and what a comparison calls them."""

from ...engine.protocol.state import State
from ..draw.axes import Place
from ..draw.compared import labels_beside, sign_of
from ..draw.compared import place_of as compared_place_of
from ..draw.curve import is_valid, place_of
from ..draw.grid import cells
from ..draw.palette import Palette

Legend = tuple[tuple[str, str], ...]  # series of a comparison, and what they are called
_OF = " · "  # `loss · lr 0.03` is the loss of that replica


def choices(state: State | None) -> list[str]:
    """Series that can be charted; those of replicas and held-out twins come with others."""
    names = (state.series if state else ()) or ("loss",)
    own = [name for name in names if _OF not in name]
    twins = {name for name in own if name.startswith("valid_") and name[6:] in own}
    if _held_out(state):  # a line for each entrant leaves no room for a second
        twins.discard("valid_loss")
        own = ["loss", "valid_loss", *(n for n in own if n not in ("loss", "valid_loss"))]
    return [name for name in own if name not in twins] or ["loss"]


def _held_out(state: State | None) -> bool:
    """Whether held-out lines are compared, also before the first was measured."""
    if state is None or not state.compared:
        return False
    return "valid_loss" in state.series or state.validation != "no validation"


def together(state: State | None, name: str) -> tuple[str, ...]:
    """The series drawn with `name`: its held-out twin, or those of the replicas."""
    if state is None:
        return (name,)
    if of_replicas := legend(state, name):
        return tuple(series for series, _ in of_replicas)
    twin = f"valid_{name}"
    return (name, twin) if twin in state.series else (name,)


def legend(state: State | None, name: str) -> Legend:
    """Series and what to call them, this run first; empty where nothing is compared."""
    if state is None or not state.compared or name not in ("loss", "valid_loss"):
        return ()
    first, *others = state.compared
    return ((name, first), *((f"{name}{_OF}{label}", label) for label in others))


def place(legend: Legend, width: int, height: int, readout: bool = False) -> Place:
    """Where the chart's canvas lies."""
    if not legend:
        return place_of(width, height, readout)
    return compared_place_of(width, height, [label for _, label in legend], readout)


def bins_a_cell(legend: Legend) -> int:
    """A dot has half a cell; many lines are drawn more coarsely, as each takes its time."""
    return 2 if len(legend) < 4 else 1


def titled(said: str, legend: Legend, width: int, height: int, pens: Palette) -> str:
    """The chart's title, with the signs of all entrants where they do not stand beside it."""
    labels = [label for _, label in legend]
    if is_valid(legend[0][0]):
        said += f" {pens.signs.dot} {pens.signs.mark} best"
    if labels_beside(width, height, labels):
        return said
    knob = labels[1].split(" ")[0] + " "
    if len(labels) < 3 or not all(label.startswith(knob) for label in labels[1:]):
        knob = ""
    said += f" {pens.signs.dot} {knob}"
    for number, label in enumerate(labels):
        more = f"{sign_of(number, pens)} {label.removeprefix(knob)}  "
        if cells(said) + cells(more.rstrip()) > width - 6:
            return said.rstrip() + (" ..." if pens.ascii else " …")
        said += more
    return said.rstrip()
