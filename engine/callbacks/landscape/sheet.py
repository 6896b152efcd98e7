"""One page of the hill: the survey shown, and the one being measured to take its place.

`outlook.py` keeps a `Sheet` for each page somebody looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from .axes import Here, Page, lay, newton, window
from .landscape import CHEAP, Ground
from .survey import Survey

_FINE, _FAIR, _COARSE = (161, (96, 64)), (81, (48, 32)), (49, (24, 20))  # points across, and grids
_NEVER = -1


@dataclass(frozen=True)
class Scene:
    """What a page is looked at with: cells of its area, and what the heights depend on besides
    the weights (`basis`)."""

    step: int
    resting: bool
    parameters: Sequence[Tensor]
    names: Sequence[str]
    area: tuple[int, int]
    basis: tuple[object, ...]


class Sheet:
    """A page with its latest survey. While a new one is measured the old one is shown, unless
    the run has left it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._shown: Survey | None = None
        self._coming: Survey | None = None
        self._step = _NEVER  # at which the plane was laid
        self._snapshots = 0  # of the path there were then

    @property
    def rough(self) -> bool:
        """Whether there is more to measure."""
        return self._coming is not None or self._shown is None or not self._shown.complete

    def look(self, ground: Ground, here: Here, scene: Scene, seconds: float) -> Survey:
        """The survey to show, after its next heights were measured for so long."""
        basis = (scene.area, scene.basis)
        if self._coming is not None and self._coming.basis != basis:
            self._coming = None
        if self._coming is None and self._outdated(here, scene, basis):
            self._coming = self._laid(ground, here, scene, basis)
        survey = self._coming or self._shown
        assert survey is not None
        survey.advance(seconds)
        if self._shown is None or (survey is self._coming and self._ripe(survey, here)):
            self._shown, self._coming = survey, None
        return self._shown

    def _ripe(self, survey: Survey, here: Here) -> bool:
        """Whether what is coming is better than what is shown."""
        assert self._shown is not None
        other = survey.plane.kind != self._shown.plane.kind
        lost = not self._shown.holds(on(self._shown, here))
        return survey.complete or ((lost or other) and survey.presentable)

    def _outdated(self, here: Here, scene: Scene, basis: object) -> bool:
        """Whether the page needs other axes, or to be measured anew."""
        shown = self._shown
        if shown is None or shown.basis != basis:
            return True
        if self.page.kind in ("parameters", "downhill"):
            return True  # laid anew each time, and found the same if it is
        if not shown.holds(on(shown, here)):
            return scene.step != self._step
        if self.page.kind == "path" and len(here.trail) >= max(1.5 * self._snapshots, 3):
            return True
        enough = (0.1 if scene.resting else 0.5) * max(self._step, 1)
        return abs(scene.step - self._step) > enough

    def _laid(self, ground: Ground, here: Here, scene: Scene, basis: object) -> Survey | None:
        """A new survey; None where it would be the one shown."""
        shown = self._shown
        before = None if shown is None else shown.plane
        plane = lay(self.page, here, scene.parameters, scene.names, before)
        alike = before is not None and before.names == plane.names
        ends = window(plane, here, ground, shown.window if shown and alike else None)
        self._step, self._snapshots = scene.step, len(here.trail)
        found = ends, basis
        if shown and shown.plane.same(plane) and (shown.window, shown.basis) == found:
            return None
        columns, rows = grid(ground.cost, len(plane.names), scene.area)
        cheap = ground.cost < CHEAP and plane.kind == "parameters"
        descend = partial(newton, ground) if cheap else None
        return Survey(ground, plane, ends, columns, rows, basis, descend)


def on(survey: Survey, here: Here) -> list[float]:
    """Coordinates of where the run stands."""
    return survey.plane.coordinates(here.weights[None])[0].tolist()


def grid(cost: float, axes: int, area: tuple[int, int]) -> tuple[int, int]:
    """Points across and down for an area of so many cells, fewer where a height costs more."""
    line, sheet = _FINE if cost < CHEAP / 5 else _FAIR if cost < CHEAP else _COARSE
    columns, rows = max(area[0], 8), max(area[1], 4)
    if axes == 1:
        return min(line, 2 * columns + 1), 1
    return min(sheet[0], columns), min(sheet[1], 2 * rows)
