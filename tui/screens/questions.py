"""What the live screen asks: a value, a number of steps, how to restart, how to leave.

And leaving itself. Called by the rows of the command table that are methods of `LiveScreen`.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast

from ...engine.protocol.commands import Restart, Run, Step, Stop
from ...engine.protocol.knob import Knob, format_value
from ..link import LinkError
from ..state import failed_before_first_step, parting
from ..widgets.knobs import detail
from .ask import AskScreen
from .confirm import Choice, ChoiceScreen

if TYPE_CHECKING:
    from .live import LiveScreen


def value(screen: "LiveScreen") -> None:
    """A value for the selected knob: typed, or chosen where there are only a few."""
    knob = screen.state.knob
    if knob is None:
        return

    def take(text: str | None) -> None:
        if text is not None:
            screen.apply({knob.name: knob.parse(text)})

    now = format_value(screen.state.value(knob))
    if knob.kind in ("choice", "bool"):
        answers = knob.choices if knob.kind == "choice" else ("off", "on")
        choices = tuple(Choice(answer, answer) for answer in answers)
        place = answers.index(now) if now in answers else 0
        screen.app.push_screen(ChoiceScreen(f"{knob.name} is {now}; choose", choices, place), take)
        return
    hints = tuple(detail(screen.state)[1:])
    question = f"{knob.name}: {knob.accepts()}"
    screen.app.push_screen(AskScreen(question, hints, now, lambda text: _wrong(knob, text)), take)


def _wrong(knob: Knob, text: str) -> str:
    try:
        knob.parse(text)
    except ValueError as error:
        return str(error)
    return ""


def steps(screen: "LiveScreen") -> None:
    """How many steps to take; remembered."""

    def take(text: str | None) -> None:
        if text is not None:
            count = int(float(text.replace(",", "")))
            screen.state = replace(screen.state, count=count)
            screen.order(Step("step", count))

    question = "How many steps?"
    screen.app.push_screen(AskScreen(question, (), str(screen.state.count), _not_a_count), take)


def _not_a_count(text: str) -> str:
    with suppress(ValueError):
        count = float(text.replace(",", ""))  # 1e3 is a count, too
        if 1 <= count <= 1e12 and count == int(count):
            return ""
    return f"a whole number of steps, at least 1, not {text!r}"


def until(screen: "LiveScreen") -> None:
    """A condition to train to. The engine judges it."""

    def take(text: str | None) -> None:
        if text:
            screen.order(Run(until=text.strip()))

    hints = ("such as valid_loss<0.1, step>=500, epoch>=3",)
    screen.app.push_screen(AskScreen("Train until?", hints), take)


def restart(screen: "LiveScreen") -> None:
    """Back to step 0, with what kept."""
    choices = (
        Choice("nothing", "the same start", "s", "same weights, same data"),
        Choice("weights", "new weights", "w", "another draw, same data"),
        Choice("data", "new data", "d", "another draw of the data"),
    )

    def take(answer: str | None) -> None:
        if answer is not None:
            screen.order(Restart(cast("Literal['nothing', 'weights', 'data']", answer)))

    screen.app.push_screen(ChoiceScreen("Restart at step 0 with", choices), take)


def ending(screen: "LiveScreen") -> None:
    """Leave, stop, or stop and delete."""
    run = screen.state.run
    stays = "it goes on" if run.status == "running" else f"it stays {run.status}"
    choices = (
        Choice("detach", "detach", "d", f"{stays}; come back with foghill attach {run.run}"),
        Choice("stop", "stop", "s", "end the run, keep what it stored"),
        Choice("delete", "stop and delete", "x", "end the run and remove its directory"),
    )

    def take(answer: str | None) -> None:
        if answer is not None:
            stop = None if answer == "detach" else Stop(delete=answer == "delete")
            leave(screen, stop)

    screen.app.push_screen(ChoiceScreen(f"Leave {run.run} at step {run.step:,}", choices), take)


def leave(screen: "LiveScreen", stop: Stop | None = None) -> None:
    """Close the app; with `stop`, end the run first."""
    screen.run_worker(_leave(screen, stop), group="leave", exclusive=True)


async def _leave(screen: "LiveScreen", stop: Stop | None) -> None:
    state = screen.state
    words, code = parting(state)
    if stop is not None:
        words = f"{state.run.run} was stopped" + (" and deleted" if stop.delete else "")
    elif state.role == "driver" and failed_before_first_step(state):
        stop = Stop(delete=True)
    if state.connection == "starting":
        await screen.launch.abandon()
    elif screen.link is not None:
        if stop is not None and state.attached:
            await _end(screen, stop)
        await screen.link.close()
    screen.foghill.part(words, code)


async def _end(screen: "LiveScreen", stop: Stop) -> None:
    assert screen.link is not None
    try:
        await asyncio.wait_for(screen.link.send(stop), timeout=5)
    except (LinkError, TimeoutError) as error:
        screen.state = replace(screen.state, said=f"the engine did not answer: {error}")
