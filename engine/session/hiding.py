"""What a run keeps off the screen, to make a lesson simpler: knobs and pictures by name.

`--hide lr,hill` and a file's own `hide = [...]` say so. The engine keeps all of it; the screen
leaves it out, and scripts may still turn what is hidden.
"""

from typing import TYPE_CHECKING

from .. import views
from ..experiment.experiment import UserError
from ..protocol.state import Problem
from ..runs.listing import did_you_mean

if TYPE_CHECKING:
    from .conductor import Conductor


def hidden(c: "Conductor") -> tuple[str, ...]:
    """The names, each a knob or a picture. Raises `UserError` for one that is neither."""
    assert c.experiment is not None
    sources = (("--hide", c.session.spec.hide), (f"{c.experiment.path.name}: hide", _own(c)))
    knobs = list(c.knobs)
    pictures = list(dict.fromkeys([*views.NAMES, *c.painter.pictures]))
    found: list[str] = []
    for source, names in sources:
        for name in names:
            if name not in knobs and name not in pictures:
                hint = did_you_mean(name, [*knobs, *pictures])
                there = "" if hint else f"; there are {', '.join([*knobs, *pictures])}"
                sentence = f"{source} names {name!r}, no knob and no picture here{hint}{there}"
                raise UserError(Problem(sentence, before_first_step=True))
            found.append(name)
    return tuple(dict.fromkeys(found))


def _own(c: "Conductor") -> tuple[str, ...]:
    """The file's own list, checked."""
    assert c.experiment is not None
    own = c.experiment.hide
    if isinstance(own, list | tuple) and all(isinstance(name, str) for name in own):  # pyright: ignore
        return tuple(own)  # pyright: ignore
    raise UserError(
        Problem(
            f'{c.experiment.path.name}: hide must be a list such as ["lr", "hill"], not {own!r}',
            before_first_step=True,
        )
    )
