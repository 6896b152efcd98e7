"""The one table of what a person can do: bindings, footer, help and palette come from it.

A row either says which order goes to the engine (`order`), or how the screen's own state
changes (`turn`), or neither: then the screen has a method `do_<id>` for it. To add a command,
add a row in its group's file here (and its struct in `engine.protocol.commands` if it is the
engine that acts). The picker's rows are in `picker_commands`.
"""

from ..entry import Entry
from ..state import ScreenState
from .coach import COACH
from .inspect import INSPECT
from .keep import KEEP
from .knobs import KNOBS
from .leave import LEAVE
from .move import CHART, MOVE
from .pictures import PICTURES
from .train import TRAIN
from .weights import WEIGHTS

LIVE: tuple[Entry[ScreenState], ...] = (
    *TRAIN,
    *INSPECT,
    *KNOBS,
    *MOVE,
    *PICTURES,
    *WEIGHTS,
    *KEEP,
    *CHART,
    *COACH,
    *LEAVE,
)
