"""How a person looks at a picture: what the screen changes of a view before it is drawn.

The cursor over numbers that can be edited, sheets of one picture, the hard boundary, held-out
data.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from ...engine.protocol.pictures import (
    Bars,
    Comparison,
    Confusion,
    Drawing,
    Field,
    Fit,
    Gallery,
    Landscape,
    Network,
    Scatter,
)
from ...engine.protocol.views import View
from . import comparison, field, fit, network, scatter
from .layer_rows import last_first
from .numbers import count, moved, moved_in_matrix

HELD_OUT = "held out"  # how the source of a picture begins


@dataclass(frozen=True)
class Look:
    """`focused`: the arrows act in the picture, so its cursor is shown."""

    hard: bool = False  # a boundary without shades of certainty
    held_out: bool = True  # held-out points and numbers, too
    focused: bool = False
    fog: bool = False  # of a hill all but the ground near the trail is hidden


@dataclass(frozen=True)
class Stand:
    """Where in a picture one is: the page (or sheet and row), and the number under the cursor."""

    page: int = 0
    at: int = 0


def seen(view: View | None, look: Look, at: int) -> View | None:
    """`view` as it is looked at."""
    if not look.held_out:
        view = _without_held_out(view)
    if isinstance(view, Field):
        return field.hardened(view) if look.hard else view
    if isinstance(view, Landscape):
        return replace(view, fog=look.fog)
    if isinstance(view, Bars | Network):
        return replace(view, at=min(at, count(view) - 1) if look.focused else -1)
    return view


def _without_held_out(view: View | None) -> View | None:
    if isinstance(view, Field):
        return field.without_held_out(view)
    if isinstance(view, Fit):
        return fit.without_held_out(view)
    if isinstance(view, Scatter):
        return scatter.without_held_out(view)
    if isinstance(view, Gallery | Confusion) and view.source.startswith(HELD_OUT):
        return Drawing((), (), texts=(("", "painted from held-out data, hidden now; V shows it"),))
    return comparison.without_held_out(view) if isinstance(view, Comparison) else view


def walked(
    view: View | None, stand: Stand, across: int, down: int, size: tuple[int, int]
) -> Stand | None:
    """After an arrow; None for pictures that have no numbers to walk over."""
    if isinstance(view, Network) and (sheet_name := _sheet(view, stand, size)) != "neurons":
        if sheet_name == "weights":
            return Stand(stand.page, moved_in_matrix(view, stand.at, across, down))
        sheet, row = divmod(stand.page, network.SHEET)
        row = min(max(row + down + across, 0), last_first(view, size[1]))
        return Stand(sheet * network.SHEET + row, stand.at)
    if not count(view):
        return None
    return Stand(stand.page, moved(view, stand.at, across, down))


def weights_shown(view: View | None, stand: Stand, size: tuple[int, int]) -> bool:
    """Whether the cursor is to be seen."""
    on_layers = isinstance(view, Network) and _sheet(view, stand, size) == "layers"
    return bool(count(view)) and not on_layers


def to_weights(view: View | None, stand: Stand, size: tuple[int, int]) -> Stand:
    """On the sheet where a weight can be chosen."""
    if not isinstance(view, Network) or weights_shown(view, stand, size) or not count(view):
        return stand
    return Stand(network.sheets(view, *size).index("weights") * network.SHEET, stand.at)


def turned(view: View | None, stand: Stand, n: int, size: tuple[int, int]) -> Stand | None:
    """`n` sheets further; None for pictures without sheets."""
    if not isinstance(view, Network):
        return None
    there = network.sheets(view, *size)
    sheet = (stand.page // network.SHEET + n) % len(there)
    return Stand(sheet * network.SHEET, stand.at)


def _sheet(view: Network, stand: Stand, size: tuple[int, int]) -> str:
    return network.sheet_of(view, stand.page // network.SHEET, *size)
