"""The hill around a run: which axes to look along, the heights there, the way so far and to come.

The painter holds one `Outlook`; `views/hill.py` makes a picture of what `look` returns. A look
takes a few hundredths of a second: heights that cost more are found out over several looks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...training.training import Training
from ..trace import number_names
from .ahead import FARTHEST, Ahead
from .axes import Here, pages
from .landscape import Ground, flat
from .path import Path
from .sheet import Scene, Sheet
from .survey import Survey
from .way import so_far

if TYPE_CHECKING:
    from ..run import Run

LARGEST = 50_000_000  # numbers of a model that has a hill
FORESEEN = 2  # numbers of a model whose whole way to come is found out
SMALL = 64  # numbers of a model whose next update is
RUNNING, RESTING = 0.02, 0.06  # seconds that heights may take in one look
_OWN = ("loss", "precision")  # knobs of ours that change the heights


@dataclass(frozen=True)
class Way:
    """Coordinates [n, k] in a plane, and losses."""

    at: Tensor
    losses: list[float]


@dataclass(frozen=True)
class Sight:
    """One look: the survey, and everything on it in its plane's coordinates."""

    survey: Survey
    page: int
    pages: int
    trail: Way
    ahead: Way | None
    others: tuple[tuple[str, Way], ...]
    slope: tuple[float, ...]
    update: tuple[float, ...]
    bend: float | None
    numbers: int  # of the model
    rows: tuple[int, int]  # training examples looked at, and how many there are
    full: bool  # whether a step's loss is that of all examples
    rough: bool  # another look would find out more


class Outlook:
    """What is known of the ground around a run's training."""

    def __init__(self, run: "Run", replicas: Callable[[], list[tuple[str, Training]]]) -> None:
        self._c = run
        self._replicas = replicas
        self._path = Path()
        self._beside: dict[Training, Path] = {}  # those of a comparison's replicas
        self._ahead = Ahead()
        self._ground: Ground | None = None
        self._modes: list[bool] = []
        self._sheets: dict[int, Sheet] = {}
        self._looked_at = False

    def begin(self) -> None:
        """Data or model are new. Call it outside `looking`, which changes the modules' modes."""
        t = self._c.t
        self._modes = [module.training for module in t.model.modules()]
        self._ground, self._sheets = None, {}
        self._ahead.forget()
        self._path.begin(t)
        self._looked_at = self._looked_at or t.lesson

    @property
    def there(self) -> bool:
        """Whether this model has a hill."""
        t = self._c.t
        real = all(p.is_floating_point() and not p.is_sparse for p in t.parameters)
        return real and t.numbers <= LARGEST

    def note(self) -> None:
        """With each report: a snapshot for the paths, once somebody looked."""
        if not self._looked_at:
            return
        if not self._c.trail.small:
            loss = self._c.latest.get("loss")
            self._path.note(self._c.t, nan if loss is None else loss)
        ours = [p.shape for p in self._c.t.parameters]
        alike = [t for _, t in self._replicas() if [p.shape for p in t.parameters] == ours]
        self._beside = {t: self._beside.get(t) or Path() for t in alike}
        for t, path in self._beside.items():
            if not path.suits(t):  # also one whose model a knob rebuilt
                path.begin(t)
            path.follow(t)

    # --- one look -------------------------------------------------------------------------------

    def look(self, index: int, columns: int, rows: int) -> Sight:
        """The page `index` (they go round) for an area of so many cells; inside `looking`."""
        self._looked_at = True
        self.note()
        t = self._c.t
        ground = self._ground = self._ground or Ground(t, self._modes)
        ground.follow()
        weights = flat(t.parameters)
        numbers = len(weights)
        height, gradient = ground.slope(weights)
        trail, losses = self._so_far(weights, height)
        ahead, losses_ahead = self._to_come(weights, height)
        others = self._others(weights)
        ways = trail, losses, ahead, losses_ahead
        here = Here(weights, height, gradient, *ways, tuple(at for _, at in others))
        there_are = pages(numbers)
        page = index % len(there_are)
        sheet = self._sheets.setdefault(page, Sheet(there_are[page]))
        survey = sheet.look(ground, here, self._scene((columns, rows)), self._seconds())
        plane = survey.plane
        coming = Way(plane.coordinates(ahead), losses_ahead)
        return Sight(
            survey=survey,
            page=page,
            pages=len(there_are),
            trail=Way(plane.coordinates(trail), losses),
            ahead=coming if self._steps_to_come() and numbers <= FORESEEN else None,
            others=tuple((n, Way(plane.coordinates(at), [nan] * len(at))) for n, at in others),
            slope=plane.along(gradient),
            update=tuple((coming.at[1] - coming.at[0]).tolist()) if len(ahead) > 1 else (),
            bend=None if survey.y else ground.bend(weights, plane.directions[0]),
            numbers=numbers,
            rows=(ground.rows, ground.of),
            full=t.self_loss or t.batch_size >= (t.feed.size or t.batch_size + 1),
            rough=sheet.rough or self._ahead.behind(t, self._most(numbers)),
        )

    def _scene(self, area: tuple[int, int]) -> Scene:
        c, t = self._c, self._c.t
        names = c.trail.names
        if not names and t.numbers <= SMALL:
            names = tuple(number_names(t))
        knobs = t.experiment.knobs.values()
        mine = [k.name for k in knobs if k.owner not in ("run", "optimizer") or k.name in _OWN]
        return Scene(
            step=t.step,
            resting=c.status != "running",
            parameters=t.parameters,
            names=names,
            area=area,
            basis=tuple(t.values[name] for name in mine),
        )

    def _seconds(self) -> float:
        return RUNNING if self._c.status == "running" else RESTING

    # --- where it was and where it goes -------------------------------------------------------

    def _so_far(self, present: Tensor, height: float) -> tuple[Tensor, list[float]]:
        """Weights [n, d] of the way so far, the present last, and the loss at each."""
        c = self._c
        if c.trail.small:
            return so_far(c.trail, c.t, present, height)
        weights, losses = self._path.before(c.t.step, present)
        return weights, [*losses, height]

    def _others(self, present: Tensor) -> list[tuple[str, Tensor]]:
        """Labels and weights [n, d] of replicas, each with its present last."""
        ways: list[tuple[str, Tensor]] = []
        for label, t in self._replicas():
            if t in self._beside:
                now = flat(t.parameters).to(present.device)
                ways.append((label, self._beside[t].before(t.step, now)[0]))
        return ways

    def _steps_to_come(self) -> int:
        """Steps up to the known end of the run, at most `FARTHEST`; 0 past the end."""
        t = self._c.t
        return max(min(t.end_step - t.step, FARTHEST), 0) if t.end_step else FARTHEST

    def _most(self, numbers: int) -> int:
        """How many steps ahead to find out."""
        if numbers > SMALL:
            return 0
        return max(self._steps_to_come(), 1) if numbers <= FORESEEN else 1

    def _to_come(self, present: Tensor, height: float) -> tuple[Tensor, list[float]]:
        """Weights [n, d] from the present on, and the loss at each, as far as it is known; the
        present alone where nothing is foreseen."""
        if most := self._most(len(present)):
            try:
                weights, losses = self._ahead.look(self._c.t, most, self._seconds())
                return torch.stack(weights), [*losses, nan][: len(weights)]
            except Exception:  # no exact copy of this training can be made
                self._ahead.forget()
        return present[None], [height]
