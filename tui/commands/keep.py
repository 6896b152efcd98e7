"""Rows that keep something: weights in a file, and these settings as a command line."""

from typing import TYPE_CHECKING

from ..entry import Entry
from ..state import ScreenState
from ..when import can_train

if TYPE_CHECKING:
    from ..screens.live import LiveScreen

_E = Entry[ScreenState]


def _save(screen: "LiveScreen") -> None:
    from ..screens import keeping

    keeping.save(screen)


def _load(screen: "LiveScreen") -> None:
    from ..screens import keeping

    keeping.load(screen)


def _share(screen: "LiveScreen") -> None:
    from ..screens import keeping

    keeping.share(screen)


KEEP: tuple[_E, ...] = (
    _E(
        "save",
        ("W",),
        "write weights",
        "Write the weights to a file, .safetensors or .pt. Asks where.",
        when=can_train,
        footer=3,
        group="keep",
        act=_save,
    ),
    _E(
        "load",
        ("L",),
        "load weights",
        "Read weights from a file into the model as it stands. Asks which.",
        when=can_train,
        footer=3,
        group="keep",
        act=_load,
    ),
    _E(
        "share",
        ("K",),
        "settings as a line",
        "What differs from the defaults, as a command line that starts the same run.",
        when=lambda s: bool(s.run.knobs),
        footer=3,
        group="keep",
        act=_share,
    ),
)
