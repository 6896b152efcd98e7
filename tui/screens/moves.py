"""What the arrows and the chart's keys do in the focused panel of the live screen."""

from typing import TYPE_CHECKING

from ..state import selected, turned
from ..when import on_weights
from ..widgets.framed import ChartPanel, PaintedPanel
from ..widgets.knobs import KnobPanel
from ..widgets.step import StepPanel
from ..widgets.text import Scrolled
from . import editing
from .views import below

if TYPE_CHECKING:
    from textual.widget import Widget

    from .live import LiveScreen


def focused_widget(screen: "LiveScreen") -> "Widget":
    """The panel that the arrows act in."""
    focus = screen.state.focus
    return screen.query_one(f"#{below(screen.state) if focus == 'picture' else focus}")


def vertical(screen: "LiveScreen", step: int) -> None:
    """Another knob, another curve, another line."""
    match focused_widget(screen):
        case KnobPanel():
            screen.state = selected(screen.state, step)
        case ChartPanel() as chart:
            chart.cycle_series()
        case PaintedPanel() as picture:
            picture.request(screen.state.showing)  # it may have been chosen just now
            picture.move_rows(step)
        case (Scrolled() | StepPanel()) as text:
            text.scroll_rows(step)
        case _:
            pass


def sideways(screen: "LiveScreen", step: int) -> None:
    """Turn the knob, move the cursor, turn the page."""
    match focused_widget(screen):
        case KnobPanel():
            after, values = turned(screen.state, step)
            screen.send_knobs(values)
            screen.state = after
        case ChartPanel() as chart:
            chart.move_cursor(step)
        case PaintedPanel() as picture:
            picture.request(screen.state.showing)
            picture.page(step)
        case StepPanel() as phases:
            phases.choose(step)
        case Scrolled() as text:
            text.scroll_rows(10 * step)
        case _:
            pass


def sheet(screen: "LiveScreen", step: int) -> None:
    """Another sheet of the picture; of a text another page."""
    match focused_widget(screen):
        case PaintedPanel() as picture:
            picture.request(screen.state.showing)
            picture.turn_page(step)
        case Scrolled() as text:
            text.scroll_rows(max(text.size.height - 3, 1) * step)
        case _:
            pass


def chart(screen: "LiveScreen", name: str) -> None:
    """Zoom, pan, scale, smoothing; on a weight, turning it."""
    if name.startswith("pan") and on_weights(screen.state):
        editing.nudge(screen, -1 if name == "pan_left" else 1)
        return
    chart = screen.query_one(ChartPanel)
    match name:
        case "pan_left":
            chart.pan(-1)
        case "pan_right":
            chart.pan(1)
        case _:
            getattr(chart, name)()
