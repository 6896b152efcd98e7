"""Paints the pictures that somebody looks at, within 5 % of the session's time.

Used by the conductor between two steps. Painting reads the training and never changes it.
"""

import time
from typing import TYPE_CHECKING

from . import views
from .looking import looking, subject
from .protocol.views import Failed, PhasesRequest, PictureRequest, Request, View
from .trouble import explain
from .views.phases import Observer
from .views.subject import Subject

if TYPE_CHECKING:
    from .conductor import Conductor

PAUSE = 20  # a picture that took t waits 20 t
AT_MOST_EVERY = 0.1  # seconds


class Painter:
    """The views that need the model: the phases of a step and the pictures."""

    def __init__(self, conductor: "Conductor") -> None:
        self._c = conductor
        self.observer = Observer()
        self.pictures: tuple[str, ...] = ()
        self.trouble = ""  # why there are no pictures
        self._subject: Subject | None = None
        self._free_at = 0.0  # when the next picture may be painted

    def begin(self) -> None:
        """Data or model are new: find out which pictures fit them."""
        t = self._c.t
        self.observer.code(t)
        self.trouble = ""
        try:
            with looking(t.model):
                self._subject = subject(t)
                self.pictures = views.pictures(self._subject)
        except BaseException as error:  # pictures are never worth a run
            self._subject, self.pictures = None, ()
            self.trouble = f"no pictures: {explain(self._c, error, 'looking at the data').sentence}"

    def wants_phases(self) -> bool:
        """Whether the next step should be observed."""
        wants = self._c.session.wants
        return time.monotonic() >= self._free_at and any(
            isinstance(request, PhasesRequest) for request in list(wants)
        )

    def next_in(self) -> float | None:
        """Seconds until a waiting request may be painted; None where nothing waits."""
        if not self._waiting():
            return None
        return max(0.0, self._free_at - time.monotonic())

    def paint(self) -> None:
        """Paint what is wanted and due, one value each."""
        began = time.monotonic()
        if began < self._free_at:
            return
        session = self._c.session
        for request in self._waiting():
            session.unwant(request)
            session.outlet.show(request, self._view(request), session.revision)
            now = time.monotonic()
            self._free_at = max(now + PAUSE * (now - began), began + AT_MOST_EVERY)

    def _waiting(self) -> list[Request]:
        """Requests with something newer to show; phases only once a step was observed again."""
        session = self._c.session
        stale = self._c.status == "running" and not self.observer.fresh
        return [
            request
            for request, seen in list(session.wants.items())
            if seen < session.revision and not (stale and isinstance(request, PhasesRequest))
        ]

    def _view(self, request: Request) -> View:
        if isinstance(request, PhasesRequest):
            return self.observer.phases()
        if not isinstance(request, PictureRequest) or self._subject is None:
            return Failed("there is nothing to paint yet")
        try:
            with looking(self._c.t.model):
                return views.paint(self._subject, request)
        except BaseException as error:
            return Failed(explain(self._c, error, f"the picture {request.name}").sentence)
