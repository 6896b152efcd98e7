"""Puts the state of a run together and publishes it. Used by the conductor."""

import time
from collections import deque
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..protocol.knob import Knob
from ..protocol.state import State
from ..training.device import memory
from ..training.reconfigure import effective, unused

if TYPE_CHECKING:
    from .conductor import Conductor

RATE_OVER = 1.0  # seconds


class Reporter:
    """The latest state, as one value."""

    def __init__(self, conductor: "Conductor") -> None:
        self._c = conductor
        self._doing = ""
        self._rates: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self.rate = 0.0

    def doing(self, what: str) -> None:
        """Say what takes long just now, and publish."""
        self._doing = what
        self.publish()

    def rate_from_here(self, step: int) -> None:
        self._rates, self.rate = deque([(time.monotonic(), step)]), 0.0

    def publish(self) -> None:
        c = self._c
        state = self._ready_state() if c.ready else self._early_state()
        c.session.publish(state)

    def _early_state(self) -> State:
        c = self._c
        changes: dict[str, object] = {}
        if c.experiment is not None:
            changes = {"title": c.experiment.title, "text": c.experiment.text}
            changes["tries"] = c.lesson.tries()
        return replace(
            c.session.state,
            status=c.status,
            stepping=c.ends.goal.unit if c.status == "running" else "",
            doing=self._doing if c.status == "warming up" else "",
            why=c.why,
            problem=c.problem,
            **changes,
        )

    def _ready_state(self) -> State:
        c, t = self._c, self._c.t
        latest, place = c.record.latest, t.feed.place
        self._measure_rate()
        own = ("loss", "valid_loss")
        return replace(
            c.session.state,
            title=t.experiment.title,
            text=t.experiment.text,
            status=c.status,
            stepping=c.ends.goal.unit if c.status == "running" else "",
            doing=c.measuring.says() or c.comparison.says() or c.finder.doing(),
            why=c.why,
            problem=c.problem,
            notes=self._notes(),
            step=t.step,
            phase=c.phase,
            epoch=place.epoch,
            steps_per_epoch=t.steps_per_epoch,
            end_step=t.end_step if t.step <= t.end_step else 0,  # gone past by hand
            loss=latest.get("loss"),
            valid_loss=latest.get("valid_loss"),
            metrics={n: v for n, v in latest.items() if n not in own and v is not None},
            series=tuple(c.record.series),
            validation=t.parts.describe(),
            steps_per_second=self.rate,
            pace=c.clock.pace,
            seconds=c.clock.seconds,
            seconds_left=self._seconds_left(),
            device=str(t.device),
            memory=memory(t.device),
            knobs=self._knobs(),
            pictures=c.painter.pictures,
            hidden=c.hidden,
            answered=c.answered,
            coach=c.coach.advice,
            tries=c.lesson.tries(),
            compared=c.comparison.labels,
            touched=c.touched,
        )

    def _notes(self) -> tuple[str, ...]:
        c, t = self._c, self._c.t
        own, troubles = t.experiment.notes, (c.painter.trouble, c.session.store.trouble)
        return tuple(n for n in (*c.notes, *own, *t.parts.notes, *troubles) if n)

    def _measure_rate(self) -> None:
        """Steps a second over the last second or so of running."""
        if self._c.status != "running":
            return
        now, step = time.monotonic(), self._c.t.step
        self._rates.append((now, step))
        while len(self._rates) > 2 and self._rates[1][0] < now - RATE_OVER:
            self._rates.popleft()
        then, before = self._rates[0]
        if now > then and step > before:
            self.rate = (step - before) / (now - then)

    def _seconds_left(self) -> float | None:
        t, pace = self._c.t, self._c.clock.pace
        rate = min(self.rate or pace, pace) if pace else self.rate
        if not t.end_step or not rate or t.step >= t.end_step:
            return None
        return (t.end_step - t.step) / rate

    def _knobs(self) -> tuple[Knob, ...]:
        c, t = self._c, self._c.t
        knobs: list[Knob] = []
        for name, knob in c.knobs.items():
            value, acts = t.values[name], effective(t, name)
            knobs.append(
                replace(
                    knob,
                    value=value,
                    effective=None if acts == value else acts,
                    previous=c.previous.get(name),
                    unused=unused(t, name),
                )
            )
        return tuple(knobs)
