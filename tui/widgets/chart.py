"""The loss chart: which series, which steps, which scale; drawn by `draw.curve`.

The screen gives it a `Curve` and the `State` (`show`) and asks it what curve it wants next
(`request`). Everything a key can do to it is a method.
"""

from bisect import bisect_right

from msgspec.structs import replace
from textual.message import Message

from ...engine.protocol.state import State
from ...engine.protocol.views import Curve, CurveRequest
from ..draw.compared import compared_chart, relabelled
from ..draw.curve import Look, Range, is_valid, loss_chart
from ..draw.curve_words import Exact, bin_of, holds, line_in_words, readout
from ..draw.grid import Grid
from ..draw.window import Run, Window
from . import series
from .cells import CellsWidget, RequestChanged

SMOOTHING = (0.0, 0.6, 0.9, 0.98)
_EXACT_AT_MOST = 10_000


class ExactWanted(Message):
    """The cursor stands on a bin of many steps; answer with `LossChart.exact`."""

    def __init__(self, series: str, first: int, last: int) -> None:
        super().__init__()
        self.series = series
        self.first = first
        self.last = last


class LossChart(CellsWidget, can_focus=True):
    """Losses and metrics over steps, with a cursor that reads out exact numbers."""

    DEFAULT_CSS = "LossChart { width: 1fr; height: 1fr; }"

    def __init__(
        self, *, ascii: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(ascii=ascii, id=id, classes=classes)
        self._all: Curve | None = None  # as received, perhaps of other series
        self._state: State | None = None
        self._view = Window()
        self._scales: dict[str, bool] = {}  # series whose scale a person chose: log or not
        self._smoothing = 0
        self.held_out = True  # held-out lines are drawn
        self._series = 0
        self._cursor: int | None = None
        self._exact: dict[str, Exact] = {}  # by series: the first value in the cursor's bin
        self._wanted: tuple[str, int, int] | None = None  # the one exact question on its way
        self._range: Range | None = None
        self._asked: CurveRequest | None = None

    # What the screen tells it.

    def show(self, curve: Curve | None, state: State) -> None:
        """Take in the latest curve and state."""
        if self._state and self._state.run != state.run:
            self._view, self._range, self._cursor = Window(), None, None
        if curve is None:
            self._wanted = None
        if self._state and state.step < self._state.step:  # begun again: no value is what it was
            self._exact = {}
        self._all, self._state = curve, state
        self._forget_exact()
        self._changed()

    def request(self, columns: int = 0) -> CurveRequest:
        """The curve this chart wants at `columns` cells of width (0: its own)."""
        left, right = self._view.bounds(self._run())
        canvas = series.place(self._legend, columns or self.size.width, self.size.height)
        bins = max(series.bins_a_cell(self._legend) * canvas.width, 2)
        self._asked = CurveRequest(self._names(), left, right, bins)
        return self._asked

    def exact(self, steps: list[int], values: list[float], series: str = "") -> None:
        """The answer to the last `ExactWanted`; `series` guards against a late one."""
        wanted = self._wanted
        if wanted is None or (series and series != wanted[0]):
            return
        self._wanted = None
        curve = self._shown()
        if curve and self._cursor is not None and bin_of(curve, self._cursor)[0] == wanted[1]:
            self._exact[wanted[0]] = (steps[0], values[0]) if steps else (-1, float("nan"))
        self._ask_exact()
        self._changed()

    # What keys do.

    def zoom_in(self) -> None:
        """Half as many steps, around the cursor or at the end that is followed."""
        self._look_at(self._view.zoomed_in(self._run(), self._cursor))

    def zoom_out(self) -> None:
        """Twice as many steps, at most the whole run."""
        self._look_at(self._view.zoomed_out(self._run(), self._cursor))

    def pan(self, n: int) -> None:
        """Move by `n` quarters of what is in sight."""
        self._look_at(self._view.panned(n, self._run()))

    def first(self) -> None:
        """The beginning of the run in sight, and the cursor there if there is one."""
        steps = self._steps()
        if self._cursor is not None and steps:
            self._place_cursor(steps[0])
        self._look_at(self._view.at_first())

    def last(self) -> None:
        """The end of the run in sight, followed from now on; the cursor goes."""
        self._cursor, self._exact = None, {}
        self._look_at(self._view.at_last())

    def show_held_out(self, shown: bool) -> None:
        """With the held-out line, or without: then nothing seems wrong with what is overfitted."""
        if shown != self.held_out:
            self.held_out, self._range = shown, None
            self._changed()

    def toggle_log(self) -> None:
        """Linear or log y, remembered for each series."""
        self._scales[self.series] = not self.log_scale
        self._range = None
        self._changed()

    def cycle_smoothing(self) -> None:
        """The next weight of the moving average, after the largest none."""
        self._smoothing = (self._smoothing + 1) % len(SMOOTHING)
        self._changed()

    def cycle_series(self, n: int = 1) -> None:
        """Chart the next series, with its held-out twin if it has one."""
        self._series = (self._series + n) % len(series.choices(self._state))
        self._range, self._exact = None, {}
        self._changed()

    def move_cursor(self, n: int) -> None:
        """Move by `n` cells, at least to the neighbouring bin; the first use shows the cursor."""
        steps = self._steps()
        if not steps:
            return
        if self._cursor is None:
            self._place_cursor(steps[-1])
            return
        here = max(bisect_right(steps, self._cursor) - 1, 0)
        left, right = self._view.bounds(self._run())
        cell = (right - left) / max(series.place(self._legend, *self.size, True).width, 1)
        target = bisect_right(steps, steps[here] + n * cell + 1e-9) - 1
        moved = max(target, here + n) if n > 0 else min(target, here + n)
        self._place_cursor(steps[min(max(moved, 0), len(steps) - 1)])

    # What it shows.

    @property
    def series(self) -> str:
        """The series charted; its twin measured on held-out data comes along."""
        choices = series.choices(self._state)
        return choices[self._series % len(choices)]

    @property
    def log_scale(self) -> bool:
        """Losses start on a log scale, metrics on a linear one."""
        return self._scales.get(self.series, "loss" in self.series)

    @property
    def cursor(self) -> int | None:
        """The step the cursor stands on; None while a run begun again has not come so far."""
        beyond = self._cursor is not None and self._state and self._cursor > self._state.step
        return None if beyond else self._cursor

    def drawn(self, width: int, height: int) -> Grid:
        left, right = self._in_sight()
        look = Look(
            left=left,
            right=right,
            log=self.log_scale,
            smoothing=SMOOTHING[self._smoothing],
            cursor=self.cursor,
            readout=self.readout(),
            before=self._range,
            legend=self._legend,
        )
        draw = compared_chart if look.legend else loss_chart
        grid, self._range = draw(self._shown(), look, width, height, self.pens)
        return grid

    def title(self) -> str:
        """Name, scale, smoothing and the legend: what the border says."""
        names, signs = self._names(), self.pens.signs
        parts = [self.series, "log" if self.log_scale else "linear"]
        if SMOOTHING[self._smoothing]:
            parts.append(f"smooth {SMOOTHING[self._smoothing]:g}")
        if self._view.span is not None:
            parts.append("following" if self._view.start is None else "part")
        if self._legend:
            said = f" {signs.dot} ".join(parts)
            return series.titled(said, self._legend, *self.size, self.pens)
        if not is_valid(names[0]):
            parts.append(f"train {signs.solid}")
        if is_valid(names[-1]):
            parts.append(f"valid {signs.ring_small}")
        elif self._state and self.series == "loss":
            parts.append(self._state.validation or "no validation")
        return f" {signs.dot} ".join(parts)

    def readout(self) -> str:
        """What stands under the cursor; a value is exact wherever no range is given."""
        curve, exact = self._shown(), self._exact
        if curve is None or self.cursor is None:
            return ""
        if self._legend:
            labels = dict(self._legend)
            curve = relabelled(curve, self._legend)
            exact = {labels[name]: value for name, value in exact.items() if name in labels}
        return readout(curve, self.cursor, exact, f" {self.pens.signs.dot} ")

    def in_words(self) -> str:
        """The curve as sentences."""
        curve = self._shown()
        if curve is None or not any(line.steps or line.broken for line in curve.lines):
            return f"{self.series}: nothing measured yet."
        left, right = self._view.bounds(self._run())
        scale = "log" if self.log_scale else "linear"
        said = [f"{self.series} over steps {left} to {right}, {scale}."]
        said += [line_in_words(line) for line in curve.lines]
        said += [f"Step {mark.step}: {mark.text}." for mark in curve.marks[-5:]]
        if self.cursor is not None:
            said.append(f"Cursor: {self.readout()}.")
        return " ".join(said)

    def resized(self) -> None:
        self._changed()

    # Inside.

    def _changed(self) -> None:
        """Show it, and ask for another curve if the one asked for no longer does."""
        if not self.is_mounted:
            return
        self.set_title(self.title())
        self.redraw()
        before = self._asked
        if self.request() != before:
            self.post_message(RequestChanged())

    def _look_at(self, view: Window) -> None:
        self._view = view
        self._changed()

    def _in_sight(self) -> tuple[int, int]:
        """The steps to draw. A longer axis waits for its curve: one repainting, not two."""
        left, right = self._view.bounds(self._run())
        if self._view.span is None and self._all and self._all.first == 0 < self._all.last:
            right = self._all.last
        return left, right

    def _names(self) -> tuple[str, ...]:
        names = series.together(self._state, self.series)
        alone = not self.held_out and not is_valid(self.series)
        return tuple(name for name in names if not (alone and is_valid(name)))

    @property
    def _legend(self) -> tuple[tuple[str, str], ...]:
        """Series of a comparison and what they are called; empty without one."""
        return series.legend(self._state, self.series)

    def _shown(self) -> Curve | None:
        """The curve without series that are not charted now; the last may be of others."""
        if self._all is None:
            return None
        names = self._names()
        return replace(self._all, lines=tuple(x for x in self._all.lines if x.name in names))

    def _run(self) -> Run:
        return Run(self._state.step, self._state.end_step) if self._state else Run()

    def _steps(self) -> list[int]:
        """The first steps of all bins that hold something."""
        curve = self._shown()
        if curve is None:
            return []
        starts = (step for line in curve.lines for step in [*line.steps, *line.broken])
        return sorted({bin_of(curve, step)[0] for step in starts})

    def _place_cursor(self, step: int) -> None:
        if step != self._cursor:
            self._cursor, self._exact = step, {}
        self._ask_exact()
        self._changed()

    def _forget_exact(self) -> None:
        """Drop values that the curve received has overtaken, and ask for them again."""
        curve = self._shown()
        if curve is None or self._cursor is None:
            return
        for line in curve.lines:
            known = self._exact.get(line.name)
            if known is not None and not holds(line, bin_of(curve, self._cursor)[0], known[1]):
                del self._exact[line.name]
        self._ask_exact()

    def _ask_exact(self) -> None:
        """Ask for the values behind the cursor's bin, one series at a time."""
        curve = self._shown()
        if self._wanted or curve is None or self._cursor is None or curve.width == 1:
            return
        first, last = bin_of(curve, self._cursor)
        for line in curve.lines:
            if line.name in self._exact or not line.steps:
                continue
            most = _EXACT_AT_MOST if is_valid(line.name) else 1  # held out is measured seldom
            self._wanted = (line.name, first, min(last, first + most - 1))
            self.post_message(ExactWanted(*self._wanted))
            return
