"""Conducts one training: asks the loop for phases, and decides what happens between two of them.

Runs in the session's thread. What is built when stands in `building.py`, what goes wrong in
`trouble.py`; orders are taken in `letters.py` and applied in `orders.py`, the state is put
together in `report.py`, numbers are kept in `record.py`. Here is what may happen when.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Literal

from ..callbacks.best import Best
from ..callbacks.coach.coach import Coach
from ..callbacks.comparison.comparison import Comparison
from ..callbacks.comparison.finder import RateFinder
from ..callbacks.exercises import Practice
from ..callbacks.trace import BY_HAND, Trail
from ..experiment.experiment import Experiment
from ..protocol import printing
from ..protocol.condition import Condition, parse
from ..protocol.knob import Knob, Value
from ..protocol.state import Problem, Status
from ..runs.directory import RunSpec
from ..training import validation, weights
from ..training.stopping import Ends, Goal, Numbers, condition_of
from ..training.training import Training
from . import mailbox as letters
from . import trouble
from .building import took_shape, warm_up
from .clock import Clock
from .measuring import Measuring
from .painter import Painter
from .recorder import Record
from .report import Reporter
from .session import Session
from .stepper import Stepper

REPORT_EVERY = 0.1  # seconds
LONGEST_REST = 3600.0


class Conductor:
    """The status of a run and what it is to do next. `t` is there once it is `ready`."""

    t: Training

    def __init__(self, session: Session) -> None:
        self.session = session
        self.status: Status = "warming up"
        self.why = ""
        self.problem: Problem | None = None
        self.ready = False
        self.touched = False
        self.ended = ""
        self.epoch = 0  # at the last step taken
        self.ends = Ends()
        self.previous: dict[str, Value] = {}
        self.notes: list[str] = []
        self.hidden: tuple[str, ...] = ()  # knobs and pictures off the screen
        self.answered = 0  # orders, so far
        self.experiment: Experiment | None = None
        self.clock = Clock()
        self.record = Record(session.store, session.curves)
        self.reporter = Reporter(self)
        self.painter = Painter(self)
        self.lesson = Practice(self, lambda: self.comparison.replicas())
        self.trail = Trail()
        self.best = Best()
        self.stepper = Stepper(self)
        self.measuring = Measuring(self)
        self.comparison = Comparison(self)
        self.coach = Coach(self)
        self.record.listener = self.coach.hear
        self.finder = RateFinder(self)
        self._report_at = 0.0

    # --- life ---------------------------------------------------------------------------------

    def conduct(self) -> str:
        """Live until the run ends; returns why it ended."""
        try:
            warm_up(self)
        except BaseException as error:  # user code may raise anything, or try to exit
            trouble.tell_log(error)
            self.fail(trouble.explain(self, error, "building the experiment"))
        self.reporter.publish()
        while not self.ended:
            try:
                self._live_on()
            except BaseException as error:
                trouble.went_wrong(self, error)
        self.record.flush(self)
        self.measuring.close()
        if self.ready and self.touched and self.ended != "deleted":
            self._keep_weights()
        if self.session.spec.headless and self.ready:
            self.comparison.catch_up()
            shown = self.session.spec.show
            self.session.shown = [(n, self.painter.view(printing.request(n))) for n in shown]
        self.reporter.publish()
        return self.ended

    def _keep_weights(self) -> None:
        said, well = weights.keep(self.t.model, self.session.spec)
        self.notes += said
        if not well:
            self.session.exit_code = 1

    def _live_on(self) -> None:
        letters.take(self)
        if self.ended:
            return
        if self.measuring.going:
            self._measure()
        elif self.comparison.go_on() or self.finder.go_on():
            self._report_if_due()
        elif self.status == "running":
            self._advance()
        else:
            self._rest(None)

    # --- what callbacks read (`callbacks.run.Run`) ----------------------------------------------

    @property
    def spec(self) -> RunSpec:
        return self.session.spec

    @property
    def asked(self) -> bool:
        return bool(self.session.mailbox)

    @property
    def latest(self) -> Mapping[str, float | None]:
        return self.record.latest

    @property
    def series(self) -> Sequence[str]:
        return self.record.series

    def losses(self, first: int, last: int) -> list[float]:
        return self.session.store.exact("loss", first, last)[1]

    def beside(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        self.record.beside(name, steps, values)

    def pictures_changed(self) -> None:
        self.painter.begin()
        self.reporter.publish()

    def publish(self) -> None:
        self.reporter.publish()

    @property
    def knobs(self) -> dict[str, Knob]:
        return self.experiment.knobs if self.experiment else {}

    @property
    def phase(self) -> str:
        """Last phase taken of a step begun; "" between steps."""
        return self.stepper.phase

    @property
    def step(self) -> int:
        return self.t.step if self.ready else 0

    def numbers(self) -> Numbers:
        """What conditions are judged by."""
        return self.record.latest | {
            "step": float(self.t.step),
            "epoch": float(self.t.feed.place.epoch),
            "time": self.clock.seconds,
        }

    def condition(self, text: str) -> Condition:
        """What to stop for; raises `ValueError` where it names a number this run never has."""
        own = {"metrics", "step"} & self.t.experiment.functions.keys()
        return parse(text) if own else condition_of(text, self.record.series)

    # --- changes of status ----------------------------------------------------------------------

    def go(self, goal: Goal) -> None:
        """Train towards `goal` from here on."""
        if self.status != "running":
            self.reporter.rate_from_here(self.t.step)
        self.status, self.why, self.problem, self.ends.goal = "running", "", None, goal
        self.clock.start()
        self.t.careful = goal.phases is not None
        self.stepper.plan()

    def pause(self, why: str, status: Literal["paused", "finished", "failed"] = "paused") -> None:
        self.clock.stop()
        by_hand = self.ends.goal.stepping
        self.status, self.why, self.ends.goal = status, why, Goal()
        self.painter.settle()
        self.record.flush(self)
        self.coach.paused(by_hand)
        self.reporter.publish()

    def fail(self, problem: Problem) -> None:
        """Something of the user's went wrong; the screen stays, headless ends."""
        self.problem = problem
        self.pause("", "failed")
        self.end_headless(problem.sentence)

    def _finish(self, why: str) -> None:
        """The run's own end was reached: lessons pause there, others are finished."""
        lesson = self.session.spec.kind == "lesson" and not self.session.spec.headless
        self.pause(why, "paused" if lesson else "finished")
        self.end_headless(why)

    def end_headless(self, reason: str) -> None:
        if not self.session.spec.headless:
            return
        if self.problem is not None:
            self.session.exit_code = 2 if self.problem.before_first_step else 1
        self.end(reason)

    def end(self, reason: str) -> None:
        if self.status == "running":
            self.pause(reason)
        self.ended = reason

    # --- training ---------------------------------------------------------------------------

    def _advance(self) -> None:
        if self.coach.unprepared:
            self.coach.prepare()
        if self.ends.goal.phases is not None:
            self._take_phase()
            return
        by_pace = bool(self.clock.pace) and not self.ends.goal.stepping
        if by_pace and not self.phase and (seconds := self.clock.wait()):
            self._rest(seconds)
            return
        due = not self.phase and time.monotonic() >= self._report_at
        beside = bool(self.comparison.runners)  # reports are made while they catch up
        looked_at = not self.phase and (due or beside) and self.painter.wants_phases()
        if not self.phase and (looked_at or self.stepper.at_last_step()):
            self.stepper.observed_step()
        elif self.trail.on(by_pace or self._by_hand()):
            self.stepper.noted(by_pace)
        else:
            self.stepper.burst(by_pace)
        if due:
            self._report()

    def _by_hand(self) -> bool:
        """Whether the steps to take are few enough for somebody to look at each."""
        t, goal = self.t, self.ends.goal
        count = goal.step - t.step if goal.step else t.steps_to_epoch_end
        return goal.stepping and count <= BY_HAND

    def _take_phase(self) -> None:
        """One phase by hand."""
        self.stepper.one()
        if self.status == "running" and self.ends.goal.phases:
            self.ends.goal.phases -= 1
            self._look_for_last_phase()
        self._report_if_due()

    def _look_for_last_phase(self) -> None:
        if self.ends.goal.phases == 0 and self.status == "running" and not self.measuring.going:
            self.pause(f"after {self.phase}" if self.phase else f"step {self.t.step} complete")

    def step_taken(self) -> None:
        """At a step boundary: measure if it is time, else see whether an end was reached."""
        t = self.t
        self.touched = True
        if self.painter.shapeless:
            took_shape(self)
        self.epoch, over = t.feed.place.epoch, t.feed.place.epoch != self.epoch
        every = int(t.values["valid_every"])
        if t.step % every == 0 if every else over:
            self.record.numbers(t.step, validation.training_metrics(t))
            if t.parts.held_out is not None:
                self.measuring.begin()
                return
        if self.status == "running":
            self._look_for_ends()

    def _look_for_ends(self) -> None:
        if not self.ends.counted:
            self.record.flush(self)
            if self.status != "running":  # a loss on the device was not finite
                return
        elif self.t.step < self.stepper.event_step and not self.ends.timed:
            return
        numbers = self.numbers()
        if why := self.ends.of_run(numbers, int(self.t.values["patience"])):
            self._finish(why)
        elif why := self.ends.goal.reached(numbers):
            self.pause(why)
        else:
            self.stepper.plan()

    def _measure(self) -> None:
        """The next batch of held-out data; after the last, what was found may be an end."""
        if self.measuring.next_batch():
            self._report_if_due()
            return
        if self.status == "running":
            self._look_for_ends()
            self._look_for_last_phase()
        elif self.status == "paused" and (
            why := self.ends.of_run(self.numbers(), int(self.t.values["patience"]))
        ):
            self._finish(why)
        self.record.flush(self)
        self.reporter.publish()

    # --- showing --------------------------------------------------------------------------------

    def _report_if_due(self) -> None:
        if time.monotonic() >= self._report_at:
            self._report()

    def _report(self) -> None:
        self.record.flush(self)
        self.coach.report()
        self.reporter.publish()
        self.trail.sample(self.t)
        self.painter.paint()
        self._report_at = time.monotonic() + REPORT_EVERY

    def _rest(self, seconds: float | None) -> None:
        """Nothing to compute until an order comes, somebody wants a picture, or time is up."""
        if seconds is None and self.coach.at_rest():
            self.reporter.publish()
        self.painter.paint()
        due = (seconds, self.painter.next_in(), self.coach.next_in())
        waits = [wait for wait in due if wait is not None]
        if not self.session.mailbox:
            self.session.wait(min(LONGEST_REST, *waits) if waits else None)
