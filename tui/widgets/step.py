"""The step panel: the phases of one step with true shapes and numbers, and the next line.

On the whole screen it is the step inspector: one phase in full (`inspector`).
"""

from typing import ClassVar

from ...engine.protocol.state import PHASES, State
from ...engine.protocol.views import Failed, PhaseRow, Phases
from ..state import Panel, ScreenState
from .inspector import phase_rows, tabs
from .panel import RowPanel
from .rows import Row, SlicedRows, fitted, more_lines, width_of, wrapped

_NAME = 9
_CODE = 29  # cells of the longest line of PyTorch


class StepPanel(RowPanel, SlicedRows):
    """One row for each phase; `▸` stands before the next one while the run is paused."""

    HELP = (
        "Step. The phases of the latest step with the shapes, types and numbers they really had. "
        "The mark is at the phase that comes next; the last line is the line of PyTorch that "
        "will do it. Full stop takes one phase, s the whole step."
    )
    panel: ClassVar[Panel] = "step"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: Phases | Failed | None = None
        self._chosen: int | None = None  # phase inspected; None: the latest taken
        self._top = 0

    def observe(self, view: Phases | Failed) -> None:
        """A newer step, or phase, from the engine."""
        if taken(view) != taken(self._view):
            self._chosen, self._top = None, 0
        self._view = view
        self.show()

    def choose(self, places: int) -> None:
        """Inspect another phase; the next one taken is inspected again by itself."""
        self._chosen = max(0, min(self.inspected + places, len(PHASES) - 1))
        self._top = 0
        self.show()

    def scroll_rows(self, rows: int) -> None:
        """Move down by `rows`, or up."""
        self._top = max(0, self._top + rows)
        self.show()

    @property
    def inspected(self) -> int:
        """Place of the phase that the inspector shows."""
        return max(taken(self._view)[1] - 1, 0) if self._chosen is None else self._chosen

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        if isinstance(self._view, Failed):
            return [((line, "warn"),) for line in wrapped(self._view.sentence, width)]
        if not screen.inspecting:
            self.say_below("")
            return step_rows(self._view, screen.told, width, height)
        return self._inspector(width, height)

    def _inspector(self, width: int, height: int) -> list[Row]:
        view = self._view if isinstance(self._view, Phases) else None
        rows = view.rows if view is not None and view.rows else _unknown()
        place = self.inspected
        whole = view is not None and place < view.done
        below = phase_rows(rows[place], whole, width - 1, ascii=getattr(self.app, "ascii", False))
        room = max(height - 2, 1)
        self._top = max(0, min(self._top, len(below) - room))
        hidden = len(below) - self._top - room
        self.say_below(self.signs(more_lines(hidden)))
        shown = [((" ", ""), *row) for row in below[self._top : self._top + room]]
        return [tabs(view, rows, place, width), (), *shown]

    def title(self, screen: ScreenState) -> str:
        return "step inspector" if screen.inspecting else self.panel


def taken(view: Phases | Failed | None) -> tuple[int, int]:
    """Step and number of its phases taken."""
    return (view.step, view.done) if isinstance(view, Phases) else (0, 0)


def next_phase(view: Phases | None) -> int:
    """Place of the phase that comes next."""
    if view is None or not view.rows:
        return 0
    return view.done % len(view.rows)


def step_rows(view: Phases | None, run: State, width: int, height: int) -> list[Row]:
    """The panel's rows: phases, what was measured last, the line of code that comes next."""
    phases = view.rows if view is not None and view.rows else _unknown()
    coming = next_phase(view)
    running = run.status == "running"
    rows: list[Row] = []
    whole = view is None or view.done >= len(phases)
    for place, phase in enumerate(phases):
        marked = place == coming and not running
        stale = not whole and view is not None and place >= view.done
        rows.append(fitted(_phase_row(phase, marked, stale, width), width))
    if height < len(rows):
        first = max(0, min(coming - height // 2, len(rows) - height))
        return rows[first : first + height]
    if height > len(rows) + 1:
        rows.append(((_below(view, run, width), "dim"),))
    if height > len(rows) and phases[coming].code and not running:
        rows.append(fitted(((phases[coming].code, "accent"),), width))
    return rows


def _below(view: Phases | None, run: State, width: int) -> str:
    """The latest metrics, and which step the phases are of: first where the run stands past it."""
    taken = view is not None and any(row.tensors or row.number for row in view.rows)
    which = f"step {view.step:,}" if view is not None and view.step and taken else ""
    if view is not None and which and view.step < run.step and run.status != "running":
        return f"{which}  {measured(run, max(0, width - len(which) - 2))}".strip()
    found = measured(run, width)
    both = f"{found}  {which}".strip()
    return both if len(both) <= width else found


def measured(run: State, width: int) -> str:
    """The latest metrics that fit, on held-out data where there are any."""
    held_out = {name: value for name, value in run.metrics.items() if name.startswith("valid")}
    shown = held_out or run.metrics
    words = ""
    for name, value in shown.items():
        longer = f"{words}  {name} {value:.4g}".strip()
        if len(longer) > width:
            break
        words = longer
    return words


def _phase_row(phase: PhaseRow, marked: bool, stale: bool, width: int) -> Row:
    ink = "dim" if stale else ""
    name = (phase.phase.ljust(_NAME), "strong" if marked else ink)
    head: Row = (("▸" if marked else " ", "strong"), name)
    room = width - width_of(head)
    gap = room - len(phase.tensors) - len(phase.number)
    if width >= 76:
        beside = max(0, room - _CODE)
        number = phase.number.ljust(min(24, max(0, beside - 26)))
        tensors = phase.tensors.ljust(min(30, max(0, beside - len(number) - 2)))
        return (*head, (f"{tensors} {number} ", ink), (phase.code, "dim"))
    if width >= 30 and phase.number and gap >= 1:
        return (*head, (phase.tensors + " " * gap + phase.number, ink))
    return (*head, (phase.number or phase.tensors, ink))


def _unknown() -> tuple[PhaseRow, ...]:
    return tuple(PhaseRow(phase) for phase in PHASES)
