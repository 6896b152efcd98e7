"""The loss as a landscape around where the model stands, with the way so far and to come."""

from collections.abc import Iterator
from dataclasses import replace
from math import floor, isfinite, nan
from typing import TYPE_CHECKING

from ..protocol.pictures import Landscape, Trail
from ..protocol.views import PictureRequest
from .subject import Subject

if TYPE_CHECKING:
    from ..callbacks.landscape.surroundings import Sight, Way
    from ..callbacks.landscape.survey import Survey

_GUTTER, _AXIS = 8, 3  # cells beside and below the ground


def available(subject: Subject) -> bool:
    """For any model that is not too large to be copied."""
    return subject.outlook is not None and subject.outlook.there


def paint(subject: Subject, request: PictureRequest) -> Landscape:
    """The page `index`, its heights as far as they are measured."""
    assert subject.outlook is not None
    columns, rows = max(request.columns - _GUTTER, 8), max(request.rows - _AXIS, 4)
    sight = subject.outlook.look(request.index, columns, rows)
    survey = sight.survey
    on_ground = survey if sight.numbers == 1 else None
    return Landscape(
        axes=survey.plane.names,
        x=survey.x,
        y=survey.y,
        heights=survey.heights(),
        trail=_trail("this run", _shown(sight), on_ground, measured=sight.full),
        ahead=None if sight.ahead is None else _trail("to come", sight.ahead, on_ground),
        others=tuple(_trail(name, way, on_ground) for name, way in sight.others),
        slope=sight.slope,
        update=sight.update,
        bend=sight.bend if sight.bend is not None and isfinite(sight.bend) else None,
        lowest=survey.lowest(),
        rough=sight.rough,
        page=sight.page,
        pages=sight.pages,
        notes=tuple(_notes(sight, subject)),
    )


def _trail(name: str, way: "Way", ground: "Survey | None", *, measured: bool = True) -> Trail:
    """A way in lists. Where there is one axis, and a loss is not known or is that of one batch,
    it is the ground's own height there."""
    x = way.at[:, 0].tolist()
    y = way.at[:, 1].tolist() if way.at.shape[1] > 1 else []
    losses = list(way.losses)
    if ground is not None:
        last = len(losses) - 1
        losses = [
            loss if isfinite(loss) and (measured or i == last) else _height(ground, place)
            for i, (place, loss) in enumerate(zip(x, losses, strict=True))
        ]
    return Trail(name, x, y, losses)


def _shown(sight: "Sight") -> "Way":
    """The way so far; straight downhill from here, only where the run stands means anything."""
    if sight.survey.plane.kind != "downhill":
        return sight.trail
    return replace(sight.trail, at=sight.trail.at[-1:], losses=sight.trail.losses[-1:])


def _height(ground: "Survey", x: float) -> float:
    """The height of a curve at `x`, between its points along straight lines."""
    heights, (low, high) = ground.heights()[0], ground.window[0]
    place = (x - low) / (high - low) * (len(heights) - 1)
    if not 0 <= place <= len(heights) - 1:
        return nan
    left = min(floor(place), len(heights) - 2)
    share = place - left
    return heights[left] * (1 - share) + heights[left + 1] * share


def _notes(sight: "Sight", subject: Subject) -> Iterator[str]:
    kind = sight.survey.plane.kind
    if subject.training is not None and subject.training.pristine and sight.numbers <= 2:
        yield "ready at the selected starting point"
    if kind == "parameters" and sight.numbers > len(sight.survey.plane.names):
        yield "the other numbers as they are now"
    if kind == "random":
        yield "filter-normalised (Li et al. 2018)"
    if kind == "path":
        yield "the directions in which the path goes farthest"
    rows, of = sight.rows
    if rows < of:
        yield f"the loss of {rows:,} of {of:,} training examples"
