"""Paints the pictures that somebody looks at, within 5 % of the session's time.

Used by the conductor between two steps. Painting reads the training and never changes it.
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from .. import views
from ..callbacks.landscape.surroundings import Outlook
from ..callbacks.movement import Moves
from ..callbacks.trace import NEEDED_BY
from ..protocol.pictures import Landscape
from ..protocol.views import (
    Failed,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    Request,
    View,
)
from ..training.eval_mode import looking
from ..views import predict
from ..views.phases import Observer
from ..views.subject import Subject, subject
from .trouble import explain

if TYPE_CHECKING:
    from .conductor import Conductor

PAUSE = 20  # a picture that took t waits 20 t
AT_MOST_EVERY = 0.1  # seconds
LOOK_WITHIN = 1.0  # seconds in which a step is observed, however long that takes


class Painter:
    """The views that need the model: the phases of a step and the pictures."""

    def __init__(self, conductor: "Conductor") -> None:
        self._c = conductor
        self.observer = Observer()
        self.moves = Moves()
        self.outlook = Outlook(conductor, lambda: conductor.comparison.replicas())
        self.pictures: tuple[str, ...] = ()
        self.trouble = ""  # why there are no pictures
        self.shapeless = False  # they come with the first step
        self._subject: Subject | None = None
        self._predictions = 0
        self._free_at = 0.0  # when the next picture may be painted
        self._observe_at = 0.0  # when the next step may be observed

    def begin(self) -> None:
        """Data or model are new: find out which pictures fit them."""
        t = self._c.t
        self.observer.code(t, begun=bool(self._c.phase))
        self.moves.clear()
        self._subject, self.pictures = None, ()
        self.shapeless, self.trouble = t.shapeless, ""
        if self.shapeless:
            self.trouble = "pictures come with the first step, which gives the model its shape"
            return
        try:
            self.outlook.begin()
            with looking(t.model):
                self._subject = replace(
                    subject(t),
                    trail=self._c.trail,
                    best=self._c.best,
                    moves=self.moves.read,
                    phase=lambda: self._c.phase,
                    comparison=self._c.comparison,
                    finder=self._c.finder,
                    outlook=self.outlook,
                )
                self.pictures = views.pictures(self._subject)
        except BaseException as error:  # pictures are never worth a run
            self._subject, self.pictures = None, ()
            self.trouble = f"no pictures: {explain(self._c, error, 'looking at the data').sentence}"

    def wants_phases(self) -> bool:
        """Whether the next step should be observed; asked only where it then is."""
        now = time.monotonic()
        free = now >= self._free_at
        wanted = now >= self._observe_at and any(
            _cheap(request) or (free and _made_of_steps(request))
            for request in list(self._c.session.wants)
        )
        if wanted:
            pause = min(PAUSE * self.observer.took, LOOK_WITHIN)
            self._observe_at = now + max(AT_MOST_EVERY, pause)
        return wanted

    def settle(self) -> None:
        """The run stands between two steps: the last one can be seen, observed or not."""
        c = self._c
        if c.ready and c.problem is None and not c.phase:
            rows = c.trail.rows
            known = bool(rows) and rows[-1].step == c.t.step
            self.observer.settle(c.t, rows[-1].change if known else None)

    def next_in(self) -> float | None:
        """Seconds until a waiting request may be painted; None where nothing waits."""
        waiting = self._waiting()
        if not waiting:
            return None
        at_once = any(map(_cheap, waiting))
        return 0.0 if at_once else max(0.0, self._free_at - time.monotonic())

    def paint(self) -> None:
        """Paint what is wanted and due, one value each."""
        began = time.monotonic()
        self.outlook.note()
        session, free = self._c.session, began >= self._free_at
        for request in self._waiting():
            if not (free or _cheap(request)):
                continue
            session.unwant(request)
            self._c.lesson.looked(request)
            view = self.view(request)
            rough = isinstance(view, Landscape) and view.rough  # there is more to it: again
            session.outlet.show(request, view, session.revision - rough)
            if _cheap(request):
                continue
            now = time.monotonic()
            pause = 1 if rough and self._c.status != "running" else PAUSE
            self._free_at = max(now + pause * (now - began), began + AT_MOST_EVERY)

    def _waiting(self) -> list[Request]:
        """Requests with something newer to show; phases only once a step was observed again."""
        session = self._c.session
        stale = self._c.status == "running" and not self.observer.fresh
        return [
            request
            for request, seen in list(session.wants.items())
            if seen < session.revision and not (stale and isinstance(request, PhasesRequest))
        ]

    def _prediction(self, subject: Subject, request: PredictRequest) -> View:
        if not predict.available(subject):
            return Failed("this run has no inputs and targets that are tensors, row by row")
        try:
            with looking(self._c.t.model):
                view = predict.predict(subject, request.values, request.index)
        except ValueError as error:  # too many numbers, too few
            return Failed(str(error))
        except BaseException as error:
            return Failed(explain(self._c, error, "predicting").sentence)
        self._predictions += 1
        return structs.replace(view, predictions=self._predictions)

    def _phases(self) -> View:
        _, losses, _ = self._c.session.store.exact("loss", 1, 1)
        with looking(self._c.t.model):
            return self.observer.detailed(self._c.t, losses[0] if losses else None)

    def view(self, request: Request) -> View:
        """The present value of a view; one that cannot be painted says why."""
        if isinstance(request, PhasesRequest):
            return self._phases() if request.detail else self.observer.phases()
        if isinstance(request, PredictRequest) and self._subject is not None:
            return self._prediction(self._subject, request)
        if not isinstance(request, PictureRequest) or self._subject is None:
            return Failed("there is nothing to paint yet")
        if request.name in NEEDED_BY:
            self._c.trail.look()
        try:
            with looking(self._c.t.model):
                return views.paint(self._subject, request)
        except BaseException as error:
            return Failed(explain(self._c, error, f"the picture {request.name}").sentence)


def _cheap(request: Request) -> bool:
    """Whether it shows what is noted already, and so never waits for its turn."""
    return isinstance(request, PhasesRequest) and not request.detail


def _made_of_steps(request: Request) -> bool:
    """Whether it needs a step that was observed."""
    return isinstance(request, PhasesRequest) or getattr(request, "name", "") == "network"
