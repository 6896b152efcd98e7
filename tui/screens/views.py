"""Which views the live screen wants, and which widget each one goes to."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ...engine.protocol.state import State
from ...engine.protocol.views import (
    Curve,
    CurveRequest,
    Failed,
    Output,
    OutputRequest,
    Phases,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    Request,
    StateRequest,
    View,
)
from ..state import OUTPUT, TEXT, ScreenState
from ..widgets.framed import ChartPanel, PaintedPanel
from ..widgets.numbers import count
from ..widgets.output import OutputPanel
from ..widgets.step import StepPanel

if TYPE_CHECKING:
    from .live import LiveScreen

BELOW = ("picture", "text", "output")  # widgets that share the place of the picture


def below(state: ScreenState) -> str:
    """Which of the widgets that share the lower place is shown."""
    return state.showing if state.showing in (TEXT, OUTPUT) else "picture"


def wanted(screen: "LiveScreen") -> tuple[Request, ...]:
    """One request for each thing that is to be seen; nothing for what is hidden."""
    state = screen.state
    requests: list[Request] = [StateRequest()]
    if "step" in state.visible:
        requests.append(PhasesRequest(detail=state.inspecting))
    chart, picture = screen.query_one(ChartPanel), screen.query_one(PaintedPanel)
    if "chart" in state.visible and chart.size.width:
        requests.append(chart.request())
    if "picture" in state.visible:
        if state.showing == OUTPUT:
            requests.append(OutputRequest())
        elif state.showing != TEXT and picture.size.width:
            requests.append(picture.request(state.showing))
    if screen.using is not None:
        requests.append(screen.using.request)
    return tuple(requests)


def deliver(screen: "LiveScreen", request: Request, view: View) -> None:
    """The newest value of a view, to the widget that shows it."""
    if isinstance(view, State):
        screen.take(view)
    elif isinstance(request, CurveRequest):
        screen.curve = view if isinstance(view, Curve) else None
        screen.query_one(ChartPanel).show(screen.curve, screen.state.run)
    elif isinstance(request, PictureRequest):
        if request.name == screen.state.showing and not isinstance(view, Curve | Phases | Output):
            screen.query_one(PaintedPanel).show(view)
            editable = {**screen.state.editable, request.name: count(view) > 0}
            if editable != screen.state.editable:
                screen.state = replace(screen.state, editable=editable)
    elif isinstance(request, PredictRequest):
        if screen.using is not None:
            screen.using.show(request, view)
    elif isinstance(request, OutputRequest) and isinstance(view, Output | Failed):
        screen.query_one(OutputPanel).observe(view)
    elif isinstance(view, Phases | Failed):
        screen.query_one(StepPanel).observe(view)


def concerns_chart(before: State, after: State, requests: tuple[Request, ...]) -> bool:
    """The chart must know of this state at once, not only with the next curve."""
    if after.status != "running" or after.step < before.step:
        return True
    if any(isinstance(r, CurveRequest) and 0 < r.last < after.step for r in requests):
        return True  # the run has left the window that was asked for
    names = ("series", "end_step", "validation", "status")
    return any(getattr(before, name) != getattr(after, name) for name in names)


def arrange(screen: "LiveScreen") -> None:
    """Show the panels that the state says are visible."""
    state = screen.state
    visible = state.visible
    for panel in ("knobs", "step", "chart"):
        screen.query_one(f"#{panel}").display = panel in visible
    for name in BELOW:
        screen.query_one(f"#{name}").display = "picture" in visible and name == below(state)
    screen.query_one("#left").display = bool(visible & {"knobs", "step"})
    screen.query_one("#right").display = bool(visible & {"chart", "picture"})
    screen.query_one("#body").display = bool(visible)
    screen.query_one("#footer").display = not state.tiny
    screen.set_class(len(visible) == 1, "-alone")
    screen.set_class(state.roomy, "-roomy")
    screen.set_class(state.narrow, "-narrow")
    screen.query_one(ChartPanel).frame(state)
    screen.query_one(PaintedPanel).frame(state)
