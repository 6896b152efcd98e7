"""What goes wrong while a run lives: a loss that is not finite, full memory, user code that raises.

The conductor pauses with a sentence that says what to do; the run can go on afterwards.
"""

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..experiment.experiment import UserError
from ..protocol.state import Problem
from ..training.diagnosis import full_memory, not_finite, our_own, problem_of

if TYPE_CHECKING:
    from .conductor import Conductor


A_STEP = "a training step"


def explain(conductor: "Conductor", error: BaseException, doing: str) -> Problem:
    """One sentence for whatever was raised."""
    c = conductor
    batch = c.t.batch if c.ready and doing == A_STEP else None
    begun = max(1, c.step) if c.touched else c.step
    return problem_of(error, Path(c.session.spec.path), doing, batch, begun)


def bad_loss(conductor: "Conductor", step: int, value: float) -> None:
    """Before the update of `step`: its loss is history, the update is not made."""
    conductor.record.flush(conductor)
    conductor.record.bad_loss(step, value)
    _not_finite(conductor, step, value)


def bad_on_device(conductor: "Conductor", step: int, value: float) -> None:
    """Found in a report: on an accelerator some updates were made since."""
    if conductor.problem is None:
        _not_finite(conductor, step, value)


def _not_finite(conductor: "Conductor", step: int, value: float) -> None:
    conductor.problem = not_finite(conductor.t, step, value)
    conductor.pause(f"loss is {value:g} at step {step}")
    conductor.end_headless(conductor.problem.sentence)


def went_wrong(conductor: "Conductor", error: BaseException) -> None:
    """User code or torch raised. A step that had begun is abandoned, everything else stays."""
    c = conductor
    measuring = c.measuring.going
    problem = explain(c, error, "validation" if measuring else A_STEP)
    tell_log(error)
    c.measuring.close()
    if c.ready and not measuring:
        c.painter.observer.gave_up(c.t)
        c.stepper.begin()
        c.t.abandon_step()
    if not full_memory(error):
        c.fail(problem)
        return
    if c.ready:
        c.t.optimizer.zero_grad()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    c.problem = problem
    c.pause("out of memory")
    c.end_headless(problem.sentence)


def tell_log(error: BaseException) -> None:
    """The whole trace, for whoever looks at the output; the screen shows one sentence."""
    cause = error.__cause__ if isinstance(error, UserError) else error
    if cause is not None and not our_own(cause):
        traceback.print_exception(cause)
