"""The comparison of a session: replicas trained beside the run, step for step as far as it goes.

The conductor asks it to go on whenever the run has done something that a replica has not done
yet. `State.compared` carries the labels; every replica's losses are series of their own
(`loss · lr 0.03`). `views/comparison.py` and `views/rates.py` paint it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ...protocol.commands import MOST_REPLICAS
from ...protocol.knob import Knob, Value, format_value
from ...protocol.state import PHASES
from ...training.reconfigure import read_at
from ...training.replica import Replica
from ...training.stopping import LOST_PATIENCE
from ...training.training import Training
from .entrants import Event, Runner, Standing

if TYPE_CHECKING:
    from ..run import Run

THIS = "this run"
_SHORT = {"batch_size": "batch", "weight_decay": "decay"}  # a chart has about 12 cells for a label
_SAME_FOR_ALL = {
    "stop": "a replica goes as far as the run does",
    "valid_every": "a replica is measured when the run is",
    "threads": "a process has one number of threads",
    "device": "a replica is trained where the run is",
    "num_workers": "it changes no number",
}


class RefusedError(ValueError):
    """What cannot be compared; `accepted` says what can."""

    def __init__(self, reason: str, accepted: str = "") -> None:
        super().__init__(reason)
        self.accepted = accepted


class Comparison:
    """The run and its replicas. Without any, `runners` is empty and nothing costs anything."""

    def __init__(self, run: "Run") -> None:
        self._c = run
        self.runners: list[Runner] = []
        self.run: Standing | None = None
        self._asked: Sequence[Mapping[str, Value]] = ()  # some of which may be this run for now
        self._changes: tuple[dict[str, Value], ...] = ()
        self._turn = 0  # whose it is to go on

    # --- its life -------------------------------------------------------------------------

    def begin(self, replicas: Sequence[Mapping[str, Value]]) -> str:
        """Compare the run with `replicas` from here on; returns a remark.

        Raises `RefusedError`, and what user code raised, with everything as it was.
        """
        c = self._c
        changes, left_out = self._checked(replicas)
        self._changes, self.runners = changes, self._forked(changes)
        self._asked = tuple(replicas)
        self.run = Standing(THIS, c.t)
        self._stand()
        where = "the start" if c.t.pristine else f"step {c.t.step:,}"
        many = f"{len(changes)} replica" + ("s" if len(changes) > 1 else "")
        return "; ".join([f"{many} from {where}", *left_out])

    def _stand(self) -> None:
        """Until they take a step, all stand where the run does."""
        standings = [standing for standing, _, _ in self.entrants()]
        step, losses = self._c.t.step, list[float]()
        with suppress(OSError):  # a full disk; they are known after the next step
            first = max(step - standings[0].window, 0) + 1
            losses = self._c.losses(first, step)
        for standing in standings if losses else ():
            standing.loss = sum(losses) / len(losses)

    def end(self) -> None:
        """The run goes on alone."""
        self._asked, self._changes, self.runners, self.run = (), (), [], None

    def restarted(self) -> None:
        """The run stands at its start again, or was built anew there: so does every replica."""
        if not self.runners:
            return
        try:
            self.begin(self._asked)
        except BaseException as error:  # user code may raise anything
            self.end()
            self._c.notes.append(f"the comparison has ended: {error}")

    def _forked(self, changes: Sequence[Mapping[str, Value]]) -> list[Runner]:
        c = self._c
        runners: list[Runner] = []
        for change in distinct_first(changes):
            label = self._label(change, [runner.standing.label for runner in runners])
            try:
                runners.append(Runner(Replica.fork(c.t, change, label), c.beside))
            except ValueError as error:
                raise RefusedError(f"{label}: {error}") from error
        return runners

    def _label(self, change: Mapping[str, Value], taken: Sequence[str]) -> str:
        """What is different, in words; a label that this chart had before gets a number."""
        words = " ".join(in_words(self._c.knobs[name], v) for name, v in change.items())
        label, number, series = words, 1, self._c.series
        while label in taken or loss_of(label) in series:
            number += 1
            label = f"{words} #{number}"
        return label

    # --- what the run does ------------------------------------------------------------------

    @property
    def behind(self) -> bool:
        """Whether a replica has still to do what the run has done."""
        step = self._c.t.step
        return any(runner.behind(step) for runner in self.runners)

    def go_on(self) -> bool:
        """A while's worth of work for the next replica that is behind; whether there is one."""
        for _ in self.runners:
            runner = self.runners[self._turn % len(self.runners)]
            self._turn += 1
            if runner.behind(self._c.t.step):
                runner.go_on(self._c.t.step)
                if self._c.status != "running" and not self.behind:
                    self._c.publish()  # nothing else would show the last numbers
                return True
        return False

    def catch_up(self) -> None:
        """All of it at once: a run without a screen ends."""
        while self.go_on():
            pass

    def says(self) -> str:
        """`lr 0.03 is at step 17`, where a replica takes long."""
        if not self.runners:
            return ""
        step = self._c.t.step
        late = next((r for r in self.runners if r.behind(step)), None)
        return f"{late.standing.label} is at step {late.replica.step:,}" if late else ""

    def turned(self, new: Mapping[str, Value]) -> None:
        """Knobs were turned on the run: in every replica, too, that has not its own."""
        if self._c.t.pristine:
            self.restarted()
            return
        step, begun = self._c.t.step, PHASES.index(self._c.phase) if self._c.phase else -1
        late = {n for n in new if PHASES.index(read_at(self._c.knobs[n])) <= begun}
        for runner in self.runners:
            runner.expect(Event(step, {n: v for n, v in new.items() if n not in late}))
            runner.expect(Event(step + 1, {n: v for n, v in new.items() if n in late}))

    def begun_again(self) -> None:
        """The step that had begun was put back: what was turned in it acts from its start."""
        for runner in self.runners:
            runner.hurry(self._c.t.step)

    def measure(self) -> None:
        """The run measures its held-out data now."""
        for runner in self.runners:
            runner.expect(Event(self._c.t.step))

    def noted(self, step: int, losses: Sequence[float]) -> None:
        """Losses of the run, those of the steps up to `step`."""
        if self.run is not None:
            self.run.noted(step, losses)

    def validated(self, found: Mapping[str, float]) -> None:
        if self.run is not None:
            self.run.validated(self._c.t.step, found)

    # --- who is in it -----------------------------------------------------------------------

    @property
    def labels(self) -> tuple[str, ...]:
        """For `State.compared`: this run first; empty without a comparison."""
        return (THIS, *(r.standing.label for r in self.runners)) if self.runners else ()

    @property
    def names(self) -> tuple[str, ...]:
        """Knobs in which entrants differ."""
        return tuple(dict.fromkeys(name for change in self._changes for name in change))

    def entrants(self) -> list[tuple[Standing, Training, str]]:
        """Every entrant, this run first, and why it goes on no more ("" while it does)."""
        if self.run is None:
            return []
        c = self._c
        ours = c.why if c.problem is not None or c.why.startswith(LOST_PATIENCE) else ""
        theirs = [(r.standing, r.replica.t, r.replica.stopped) for r in self.runners]
        return [(self.run, c.t, ours), *theirs]

    def replicas(self) -> list[tuple[str, Training]]:
        """The label and training of each replica."""
        return [(r.standing.label, r.replica.t) for r in self.runners]

    # --- what can be compared -----------------------------------------------------------------

    def _checked(
        self, replicas: Sequence[Mapping[str, Value]]
    ) -> tuple[tuple[dict[str, Value], ...], list[str]]:
        """Changes as values of the knobs, without a replica that is this run; and remarks."""
        if len(replicas) > MOST_REPLICAS:
            raise RefusedError(f"{len(replicas)} replicas are too many", f"at most {MOST_REPLICAS}")
        kept: list[dict[str, Value]] = []
        left_out: list[str] = []
        for replica in replicas:
            change = {name: self._value(name, value) for name, value in replica.items()}
            words = ", ".join(in_words(self._c.knobs[name], v) for name, v in change.items())
            if all(self._c.t.values[name] == value for name, value in change.items()):
                left_out.append(f"{words or 'no change'} is this run itself")
            elif change in kept:
                left_out.append(f"{words} is there once")
            else:
                kept.append(change)
        if not kept:
            reason = left_out[0] if left_out else "there is nothing to compare"
            raise RefusedError(reason, "knobs with other values, such as lr=0.01,0.1")
        return tuple(kept), left_out

    def _value(self, name: str, value: Value) -> Value:
        knobs = self._c.knobs
        if name not in knobs:
            raise RefusedError(f"there is no knob {name!r}", "one of " + ", ".join(knobs))
        if name in _SAME_FOR_ALL:
            raise RefusedError(f"{name} is the same for all replicas: {_SAME_FOR_ALL[name]}")
        try:
            return knobs[name].check(value)
        except ValueError as error:
            raise RefusedError(str(error), knobs[name].accepts()) from None


def described(replicas: Sequence[Mapping[str, Value]]) -> str:
    """`lr=0.03, optimizer=adam lr=0.001`; without any, what that means."""
    words = (" ".join(f"{n}={format_value(v)}" for n, v in change.items()) for change in replicas)
    return ", ".join(words) or "no more"


def distinct_first(changes: Sequence[Mapping[str, Value]]) -> list[dict[str, Value]]:
    """Each change with what all of them share at its end: a label begins with what differs."""
    first = changes[0]
    same = {n for n in first if len(changes) > 1 and all(c.get(n) == first[n] for c in changes)}
    return [dict(sorted(change.items(), key=lambda pair: pair[0] in same)) for change in changes]


def loss_of(label: str) -> str:
    """The series of a replica's losses."""
    return f"loss · {label}"


def in_words(knob: Knob, value: Value) -> str:
    """`lr 0.03`; a choice stands for itself, `adam`, and a switch says `shuffle`, `no shuffle`."""
    name = _SHORT.get(knob.name, knob.name)
    if knob.kind == "bool":
        return name if value else f"no {name}"
    return format_value(value) if knob.kind == "choice" else f"{name} {format_value(value)}"
