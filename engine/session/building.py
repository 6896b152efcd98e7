"""What is built for a run: at its start, at a restart, and after a knob was turned."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..callbacks import trace as trail
from ..experiment.experiment import UserError, load
from ..experiment.randomness import generators, set_generators
from ..protocol import printing
from ..protocol.knob import Value
from ..protocol.state import Problem
from ..training import weights
from ..training.optim import TUNED
from ..training.reconfigure import rebuilds, rebuilds_anew
from ..training.stopping import Crossing, Goal
from ..training.training import Training
from .hiding import hidden

if TYPE_CHECKING:
    from .conductor import Conductor

LESSON_PACE = 30.0  # steps a second


def warm_up(conductor: "Conductor") -> None:
    """Load the experiment and build everything; headless runs start to train."""
    c, spec = conductor, conductor.session.spec
    c.reporter.doing("loading the experiment")
    c.experiment = load(spec)
    lesson = spec.kind == "lesson"
    c.reporter.doing("building data and model")
    by_hand = {*c.experiment.settings, *spec.settings}
    c.t = Training(c.experiment, lesson, spec.until, by_hand)
    _start_at_optimizers_own(c, by_hand)
    _load_weights(c)
    c.clock.pace = LESSON_PACE if lesson and not spec.headless else 0.0
    for condition in (spec.until, str(c.t.values["stop"])):
        c.condition(condition)
    _begin(c)
    if spec.headless:
        _check_end(c)
        _check_shown(c)
        if spec.save:
            weights.check_place(c.t.model, Path(spec.save))
    if c.experiment.compare:
        c.comparison.begin(c.experiment.compare)
        c.painter.begin()
    c.hidden = hidden(c)
    c.ready = True
    c.status, c.why = "paused", "ready"
    if spec.headless:
        c.go(Goal())


def _start_at_optimizers_own(c: "Conductor", by_hand: set[str]) -> None:
    """Knobs that nobody set start at what the optimizer has of its own."""
    for name in TUNED:
        if name in c.knobs and name not in by_hand:
            c.knobs[name] = replace(c.knobs[name], default=c.t.values[name])


def _check_end(c: "Conductor") -> None:
    if not c.session.spec.until and not str(c.t.values["stop"]).strip():
        sentence = (
            "headless training needs an end: give --steps N, --epochs N or "
            "--until CONDITION, or a stop in the file's settings"
        )
        raise UserError(Problem(sentence))


def _check_shown(c: "Conductor") -> None:
    known = (printing.PHASES, *c.painter.pictures)
    for name in c.session.spec.show:
        if name not in known:
            there = ", ".join(known)
            raise UserError(Problem(f"--show {name}: this run has no such picture; it has {there}"))


def _load_weights(c: "Conductor") -> None:
    if c.session.spec.weights:
        c.notes = [weights.load(c.t.model, Path(c.session.spec.weights))]
        c.t.given = True


def _begin(c: "Conductor") -> None:
    """At step 0: a new loop, conditions armed, knobs as they stand."""
    c.stepper.begin()
    c.epoch = c.t.feed.place.epoch
    c.ends.begin(str(c.t.values["stop"]), c.session.spec.until, c.numbers())
    spec = c.session.spec
    c.trail.most = printing.ROWS if spec.show else trail.ROWS
    c.best.begin()
    c.trail.begin(c.t, bool(spec.show) or (spec.kind == "lesson" and not spec.headless))
    c.painter.begin()
    c.record.knobs(c.t.values)
    c.stepper.plan()
    c.coach.begin()


def turned(conductor: "Conductor", new: Mapping[str, Value], before: Mapping[str, Value]) -> None:
    """Knobs were turned: note what they were, look at what was rebuilt, plan anew."""
    c = conductor
    c.previous.update({name: before[name] for name in new})
    if c.problem is not None and c.status != "running":
        c.problem, c.status = None, "paused"
    if "stop" in new:
        c.ends.stop = Crossing.of(str(new["stop"]), c.numbers())
    c.record.knobs(c.t.values)
    if not c.phase:  # what was rebuilt is a new loop's; a step begun goes on
        c.stepper.begin()
    if any(rebuilds(c.knobs[name]) for name in new):
        c.best.begin()
        if any(rebuilds_anew(c.knobs[name]) for name in new):
            c.record.forget_held_out()
        c.trail.refit(c.t)
        c.finder.close(forget=True)
        c.painter.begin()
    c.epoch = c.t.feed.place.epoch
    c.stepper.plan()
    c.comparison.turned(new)
    c.coach.turned(new)


def load_weights(conductor: "Conductor", path: Path) -> str:
    """A file's weights into the model as it stands; a step begun with the old ones begins again.

    Raises `ValueError` where they are not this model's, with everything as it was.
    """
    c = conductor
    found = weights.read_all(c.t.model, path)
    abandon_step(c)
    weights.put(c.t.model, found)
    c.t.given = True
    c.coach.replaced()
    c.record.mark(c.t.step, f"loaded {path.name}")
    if c.problem is not None and c.status != "running":
        c.problem, c.status = None, "paused"
    return f"{weights.tensors(len(found))} from {path.name}"


def weights_written(conductor: "Conductor") -> None:
    """Not by training. Before the first step that is where the run, and all beside it, starts."""
    c = conductor
    if not c.step:
        c.trail.begin(c.t, c.trail.every)
        c.comparison.restarted()


def took_shape(conductor: "Conductor") -> None:
    """The first step gave a lazy model its parameters: now it can be looked at."""
    c = conductor
    c.trail.begin(c.t, c.trail.every)
    c.trail.start = {}  # one step late
    c.painter.begin()


def abandon_step(conductor: "Conductor") -> bool:
    """Put a step that has begun back to its start; whether there was one."""
    conductor.measuring.close()
    if not conductor.phase:
        return False
    conductor.stepper.begin()
    conductor.t.abandon_step()
    return True


def restart(conductor: "Conductor", new: str) -> str:
    """Paused at step 0 with the same start, new weights or new data; as it was if that fails."""
    c, t = conductor, conductor.t
    abandon_step(c)
    values, before = t.values, generators()
    kept, attributes = dict(values), dict(vars(t))
    if new == "weights":
        values.update(data_seed=t.data_seed, seed=(t.seed + 1) % 2**32)
    elif new == "data":
        values["data_seed"] = (t.data_seed + 1) % 2**32
    try:
        t.build()
        if new != "weights":
            _load_weights(c)
    except BaseException:
        vars(t).update(attributes)
        t.experiment.values = kept
        set_generators(before)
        raise
    c.record.new_branch()
    c.clock.reset()
    c.reporter.rate_from_here(0)
    c.status, c.why, c.problem, c.ends.goal = "paused", "restarted", None, Goal()
    _begin(c)
    c.finder.close(forget=new != "nothing")
    c.comparison.restarted()
    return f"seed {t.seed}, data seed {t.data_seed}"
