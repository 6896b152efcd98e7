"""Asks the loop for phases: whole bursts of them, one step observed, or one phase by hand.

Used by the conductor, which is told when a step was taken or a loss is not finite.
"""

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from ..callbacks.trace import FEW
from ..protocol.state import PHASES
from ..training.loop import train
from . import mailbox as letters
from .trouble import bad_loss

if TYPE_CHECKING:
    from .conductor import Conductor

LOOK_EVERY = 0.01  # seconds between two looks at the clock; orders are seen between any two phases


class Stepper:
    """`phase` is the last one taken of a step begun; "" between steps."""

    def __init__(self, conductor: "Conductor") -> None:
        self._c = conductor
        self._loop: Iterator[str] = iter(())
        self.phase = ""
        self.event_step = 0  # where something may be due: an end, a validation, a new epoch

    def begin(self) -> None:
        """A new loop over the training as it is now; a step that had begun is forgotten."""
        self._loop, self.phase = train(self._c.t), ""
        self._c.comparison.begun_again()

    def plan(self) -> None:
        """Find the next step at which a burst must come back."""
        t, ends = self._c.t, self._c.ends
        self.event_step = 0
        if ends.counted:
            every = int(t.values["valid_every"])
            validation = (t.step // every + 1) * every if every else None
            last = min(
                (e for e in (ends.next_step(t.step), t.end_step) if e and e > t.step), default=0
            )
            before_last = max(last - 1, t.step + 1) if last else None
            due = (before_last, validation, t.step + t.steps_to_epoch_end)
            self.event_step = min(step for step in due if step is not None)

    def at_last_step(self) -> bool:
        """Whether the next step is the last before a known pause: people will look at it."""
        t, goal = self._c.t, self._c.ends.goal
        counted = t.step + 1 in (self._c.ends.next_step(t.step), t.end_step)
        epochs = goal.epoch == t.feed.place.epoch + 1 and t.steps_to_epoch_end == 1
        return counted or epochs

    def burst(self, single: bool) -> None:
        """Steps until something is due: an order, a counted step, a look at the clock."""
        c, t, mailbox = self._c, self._c.t, self._c.session.mailbox
        keep, reads, named = c.record.losses.append, t.reads_loss, t.has_step
        own_rate = c.reporter.rate * (1 + len(c.comparison.runners))  # replicas take their share
        unwatched = max(1, int(own_rate * LOOK_EVERY))
        back_at = t.step + 1 if single else min(self.event_step, t.step + unwatched)
        for phase in self._loop:
            if phase == "update":
                keep(t.value if reads else t.loss.detach())
                if named:
                    c.record.named(t.step, t.named)
                if t.step >= back_at or mailbox:
                    self.phase = ""
                    c.step_taken()
                    return
            elif phase == "loss" and reads and not isfinite(t.value):
                self.phase = phase
                c.painter.observer.catch_up(t, phase)
                bad_loss(c, t.step + 1, t.value)
                return
            elif mailbox:
                self.phase = phase
                if not letters.must_wait(mailbox[0], c):
                    return
                if phase == "backward":  # a pause, perhaps: then people look at this step
                    c.painter.observer.before_update(t)

    def noted(self, single: bool) -> None:
        """The same, with every step noted in the trail."""
        c, mailbox, rate = self._c, self._c.session.mailbox, self._c.reporter.rate
        unwatched = min(max(1, int(rate * LOOK_EVERY)), FEW)
        back_at = c.t.step + 1 if single else min(self.event_step, c.t.step + unwatched)
        while c.status == "running" and not c.measuring.going:
            whole = self.one(observed=False)
            if (whole and (c.t.step >= back_at or mailbox)) or (
                mailbox and not letters.must_wait(mailbox[0], c)
            ):
                return

    def observed_step(self) -> None:
        """One step taken with the observer looking on."""
        while self._c.status == "running" and not self.one():
            pass

    def one(self, observed: bool = True) -> bool:
        """The next phase, observed; whether it completed the step."""
        c, t = self._c, self._c.t
        observer = c.painter.observer
        if self.phase == "backward":
            if observed:
                observer.before_update(t)
            c.trail.before(t, observer.before if observed else None)
        self.phase = phase = next(self._loop)
        if phase == PHASES[-1]:
            c.trail.after(t)
            if observed:
                c.painter.moves.note(t, observer.before)
        if observed:
            observer.after(t, phase)
        if phase == "loss" and t.reads_loss and not isfinite(t.value):
            if not observed:
                observer.catch_up(t, phase)
            bad_loss(c, t.step + 1, t.value)
        if phase != PHASES[-1]:
            return False
        c.record.losses.append(t.value if t.reads_loss else t.loss.detach())
        if t.named:
            c.record.named(t.step, t.named)
        self.phase = ""
        c.step_taken()
        return True
