"""The coach: watches losses, validations and, rarely, the training itself, and says what it sees.

The conductor holds one. `Record` tells it every number; `report` and `pause` let it judge. It
takes at most 1 % of the time of a run (a look that took t is followed by none for 100 t), and
training goes on bit for bit as if it were not there. While a run goes on it looks part by part at
a frozen copy, and only where a part is known to be short; at a pause it looks at any model that is
not too large. What it says is in `verdicts.py`.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from ...protocol.knob import Knob, Value
from ...protocol.state import Advice
from ...training.copies import copied
from ...training.eval_mode import looking
from ...training.losses import built_in, by_target
from ...training.reconfigure import rebuilds, unused
from ...training.sampler import Tensors
from .copies import frozen
from .evidence import Evidence, one_pass
from .look import PASSES, Look, fits, glance, look, parts
from .losses import Band, Losses
from .signal import Signal, signal, trivial_loss
from .trial import Anew, anew, can_be_tried
from .verdicts import alarmed, verdict

if TYPE_CHECKING:
    from ..run import Run

REST = 100  # a look that took t is followed by none for 100 t
LEAST_REST = 1.0  # seconds
QUIET_SECONDS = 0.25  # without an order, before a run stepped by hand is looked at
SECONDS = 0.25  # about what a look takes at a pause, and a trial of other learning rates
SHORT_SECONDS = 0.03  # the same while a run goes on
SEARCH_SECONDS = 0.01  # of a part of it, and of a trial from the start
PART_SECONDS = 0.02  # by which a part of it may hold the next step up
ALARM_SECONDS = 5.0
ROWS = 512
RAN_AWAY = 2.0  # times the loss at the start
VALIDATIONS = 2000  # kept at most
_QUIET = {"stop", "patience", "valid_every", "threads"}  # knobs that change no loss


class Coach:
    """`advice` is what there is to say at present; None where nothing is known."""

    def __init__(self, run: "Run") -> None:
        self._c = run
        self.advice: Advice | None = None
        self._forget()

    def _forget(self) -> None:
        self._losses = Losses()
        self._band = Band()
        self._since = 0
        self._before: float | None = None
        self._valid: list[tuple[int, float]] = []
        self._train_then: dict[int, float] = {}
        self._first: Look | None = None
        self._look: Look | None = None
        self._sound: Look | None = None
        self._origin: nn.Module | None = None  # the model at `_since`, where known
        self._anew: tuple[int, Anew | None] = (-1, None)  # of the look at that step
        self._parts: Generator[None, None, Look | None] | None = None  # of the look under way
        self._spent = 0.0  # seconds on it so far
        self._looks_at = self._judges_at = time.monotonic() + LEAST_REST  # when the next may be
        self._due: float | None = None  # when a run that stands still is looked at
        self._blind = False  # this training cannot be looked at
        self._alarm_until = 0.0
        self._outside = False  # the newest losses lie above their band
        self._signal: list[Signal | None] = []
        self._trivial: float | None = None
        self._inputs = 1.0
        self.advice = None
        self._unsurveyed = True  # data and model, before their first step
        self.unprepared = True  # there is something to `prepare` before the next step

    # --- what it is told ------------------------------------------------------------------------

    def begin(self) -> None:
        """Step 0 of a run, or of a run begun again."""
        self._forget()

    def turned(self, new: Mapping[str, Value]) -> None:
        """Knobs were turned: losses from here on are another matter."""
        if not new.keys() - _QUIET:
            return
        knobs = self._c.knobs
        if any(rebuilds(knobs[name]) for name in new):
            self._forget()
            self._since = self._c.t.step
            return
        if self._losses.count:
            self._before = self._evidence().recent
        self._losses, self._since, self._parts = Losses(), self._c.t.step, None
        self._look = self._sound = None
        self._origin, self._anew, self.unprepared = None, (-1, None), True
        if "loss" in new:
            self._band, self._before = Band(), None
            self._valid, self._train_then = [], {}
        self._alarm_until, self.advice = 0.0, None

    def hear(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Numbers on their way to the curves."""
        if name == "loss":
            self._losses.add(steps, values)
            self._band.add(values)
        elif name == "valid_loss":
            newest = self._losses.newest(one_pass(self._batch, self._c.t.feed.size or 0))
            for step, value in zip(steps, values, strict=True):
                self._valid.append((step, value))
                self._train_then[step] = float(newest.mean()) if len(newest) else nan
            if len(self._valid) > VALIDATIONS:
                self._thin()

    def _thin(self) -> None:
        """Forget every other one of the older validations, but not the lowest."""
        half = VALIDATIONS // 2
        lowest = min(self._valid, key=lambda one: one[1] if isfinite(one[1]) else inf)
        old = [one for i, one in enumerate(self._valid[:half]) if i % 2 == 0 or one == lowest]
        self._valid = [*old, *self._valid[half:]]
        self._train_then = {step: self._train_then[step] for step, _ in self._valid}

    # --- when it judges ---------------------------------------------------------------------------

    def report(self) -> None:
        """With each report while a run goes on."""
        now = time.monotonic()
        if self._parts is not None:
            self._go_on()
        elif now >= self._judges_at and self._c.t.step:
            if now >= self._looks_at and self._is_brief():
                self._begin_look()
            else:
                self._judge(SEARCH_SECONDS if self._is_brief() else 0.0)
                self._judges_at = time.monotonic() + LEAST_REST
        self._watch_band(now)

    def paused(self, by_hand: bool) -> None:
        """The run stands still. Whoever steps by hand is not kept waiting by a closer look."""
        if self._c.ready:
            self._alarm_until, self._parts = 0.0, None
            self._due = time.monotonic() + (QUIET_SECONDS if by_hand else 0.0)
            self._watch_band(time.monotonic())

    def next_in(self) -> float | None:
        """Seconds until a look at a run that stands still is due; None where none is."""
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def at_rest(self) -> bool:
        """There is time for a closer look, if one is due; whether there is news."""
        if self._due is None or time.monotonic() < self._due or self._c.asked:
            return False
        if self._c.t.step and (self._look is None or self._look.step != self._c.t.step):
            self._take_look(SECONDS)
            if self._c.asked:  # first what was asked meanwhile
                return False
        self._due, before = None, self.advice
        self._judge(SECONDS)
        self._watch_band(time.monotonic())
        return self.advice != before

    def _watch_band(self, now: float) -> None:
        """Raise the alarm the moment the loss has left its band, and keep it up for a while."""
        band = self._band.left()
        if band is not None and not self._outside:
            self._alarm_until = now + ALARM_SECONDS
        self._outside = band is not None
        ringing = now < self._alarm_until
        if ringing and self.advice is None and band is not None:
            self.advice = alarmed(self._evidence(), band)
        if self.advice is not None and self.advice.alarm != ringing:
            self.advice = replace(self.advice, alarm=ringing)

    def _judge(self, seconds: float) -> None:
        try:
            self.advice = verdict(self._evidence(seconds))
        except BaseException as error:  # never worth a run
            print(f"coach: {type(error).__name__}: {error}")
            self.advice = None

    def replaced(self) -> None:
        """The weights were replaced: they no longer come of those at `_since`."""
        self._origin, self._anew, self._parts = None, (-1, None), None

    # --- what it sees ---------------------------------------------------------------------------

    def _is_brief(self) -> bool:
        """Whether a part of a look is known not to hold the next step up for long."""
        known = self._look or self._first
        return known is not None and PASSES * known.cost <= PART_SECONDS

    def _begin_look(self) -> None:
        """While a run goes on: the first part freezes what is looked at."""
        if self._blind:
            return
        began = time.monotonic()
        try:
            self._parts = parts(frozen(self._c.t), SHORT_SECONDS, SEARCH_SECONDS)
        except BaseException as error:
            self._cannot_look(error)
        self._spent = time.monotonic() - began

    def _go_on(self) -> None:
        """The next part of the look under way."""
        assert self._parts is not None
        began = time.monotonic()
        try:
            next(self._parts)
        except StopIteration as end:
            self._seen(end.value, self._spent + time.monotonic() - began)
        except BaseException as error:
            self._cannot_look(error)
        self._spent += time.monotonic() - began

    def _take_look(self, seconds: float) -> None:
        """All of one at once, while the run stands still."""
        if self._blind:
            return
        began = time.monotonic()
        try:
            found = look(self._c.t, seconds)
        except BaseException as error:
            self._cannot_look(error)
        else:
            self._seen(found, time.monotonic() - began)

    def _cannot_look(self, error: BaseException) -> None:
        """User code may not bear to be copied."""
        print(f"coach: no closer look: {type(error).__name__}: {error}")
        self._blind, self._parts = True, None

    def _seen(self, found: Look | None, seconds: float) -> None:
        """A look that took so long came to its end."""
        self._look, self._parts, self._blind = found, None, found is None
        if found is not None and found.loss <= RAN_AWAY * self._evidence().start:
            self._sound = found
        self._looks_at = time.monotonic() + max(LEAST_REST, REST * seconds)

    def prepare(self) -> None:
        """A step is about to be taken, the first since data, model or knobs changed."""
        self.unprepared = False
        if self._unsurveyed:
            self._survey()
        self._note_origin()

    def _survey(self) -> None:
        """Look at data and model before their first step."""
        t, self._unsurveyed = self._c.t, False
        if t.shapeless:  # looking would draw its first weights
            return
        try:
            self._first = glance(t)
            self._blind = self._first is None
            pair = None if t.experiment.keeps else self._examples(ROWS)
            if pair is not None:
                x, y = pair
                with looking(t.model), t.autocast:
                    criterion = t.criterion or built_in(by_target(y))
                    self._trivial = trivial_loss(criterion, y, self._as_predicted(x))
                if isinstance(x, Tensor) and x.is_floating_point():
                    self._inputs = x.float().square().mean().sqrt().item()
        except BaseException as error:  # what is wrong will show when it is trained
            print(f"coach: {type(error).__name__}: {error}")
            self._blind = True

    def _as_predicted(self, x: Any) -> Any:
        """A tensor shaped like what the model predicts for `x`: found from two of the examples,
        where a model is too large to be looked at with all of them."""
        model = self._c.t.model
        if not self._blind or not isinstance(x, Tensor) or len(x) <= 2:
            return model(x)
        two = model(x[:2])
        alike = isinstance(two, Tensor) and two.ndim and len(two) == 2
        return two[:1].expand(len(x), *two.shape[1:]) if alike else model(x)

    def _examples(self, most: int) -> tuple[Any, Any] | None:
        """Inputs and targets, where the training data are pairs of tensors in memory."""
        t = self._c.t
        feed = t.parts.train
        if t.has_step or t.self_loss or not isinstance(feed, Tensors):
            return None
        rows = feed.rows(most)
        return (rows[0], rows[1]) if isinstance(rows, tuple) and len(rows) == 2 else None

    def _note_origin(self) -> None:
        """Keep a copy of the model, where something will be tried from it."""
        t, self._anew, self._origin = self._c.t, (-1, None), None
        if self._blind or not fits(t) or not can_be_tried(t):
            return
        try:
            self._origin = copied(t.model)
        except Exception as error:  # it holds on to something of its last forward pass
            print(f"coach: no copy: {type(error).__name__}: {error}")

    def _try_anew(self, seconds: float) -> Anew | None:
        """Asked for once at each look; the next one rests for it, too. None without time."""
        if not seconds:
            return None
        step = self._look.step if self._look is not None else -1
        if self._anew[0] != step:
            began = time.monotonic()
            origin = self._origin
            found = None if origin is None else anew(self._c.t, origin, self._since, seconds)
            self._anew = step, found
            self._looks_at += REST * (time.monotonic() - began)
        return self._anew[1]

    def _find_signal(self) -> Signal | None:
        """Asked for once for each data set."""
        if not self._signal:
            pair = self._examples(1000)
            with torch.no_grad():
                self._signal.append(signal(*pair) if pair is not None else None)
        return self._signal[0]

    @property
    def _batch(self) -> int:
        """Examples in one."""
        t = self._c.t
        return min(t.batch_size, t.feed.size or t.batch_size)

    def _evidence(self, seconds: float = SHORT_SECONDS) -> Evidence:
        c, t = self._c, self._c.t
        return Evidence(
            step=t.step,
            epoch=t.feed.place.epoch,
            losses=self._losses,
            since=self._since,
            before=self._before,
            valid=[(step, loss) for step, loss in self._valid if isfinite(loss)],
            train_then=self._train_then,
            first=self._first,
            look=self._look,
            sound=self._sound,
            trivial=self._trivial,
            inputs=self._inputs,
            batch=self._batch,
            examples=t.feed.size or 0,
            values=t.values,
            knobs=_acting(c.knobs, t),
            signal=self._find_signal,
            anew=partial(self._try_anew, seconds),
        )


def _acting(knobs: Mapping[str, Knob], t: Any) -> dict[str, Knob]:
    return {name: knob for name, knob in knobs.items() if not unused(t, name)}
