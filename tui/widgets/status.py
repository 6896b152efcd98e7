"""The status line: which run, how it stands, how fast, how long. Always there."""

from ...engine.protocol.state import State
from ..state import ScreenState
from .panel import RowPanel
from .rows import Row, SlicedRows, spread, width_of


class StatusLine(RowPanel, SlicedRows):
    """One row; what matters least goes first where there is no room."""

    SLICES = 20

    def lines(self, screen: ScreenState, width: int, height: int) -> list[Row]:
        return [status_row(screen, width)]

    def show(self) -> None:
        screen = self.state
        if screen is not None and self.is_mounted and self.size.width:
            self.paint(self.lines(screen, self.size.width, self.size.height))


# In the order in which they stand; the number is the order in which they go.
def _parts(screen: ScreenState) -> list[tuple[int, str, str]]:
    run = screen.run
    status, ink = _status(screen)
    parts: list[tuple[int, str, str]] = [(1, run.run, "strong"), (0, status, ink)]
    parts.append((0, _step(run), ""))
    parts.append((3, f"epoch {run.epoch:,}", ""))
    if run.device:
        parts.append((5, run.device, ""))
    parts.append((2, pace(run), ""))
    if run.memory is not None:
        parts.append((6, memory(run), ""))
    if screen.role == "watcher":
        parts.append((4, "watching", "accent"))
    elif run.drivers + run.watchers > 1:
        parts.append((7, f"{run.drivers + run.watchers} screens", "dim"))
    if run.doing and run.status == "running":
        parts.append((8, run.doing, "dim"))  # last, or everything would jump aside
    return parts


def status_row(screen: ScreenState, width: int) -> Row:
    """The parts that fit, with the clock at the far end."""
    clock = clock_of(screen.run)
    parts = _parts(screen)
    while True:
        left = _joined(parts)
        right: Row = ((clock + " ", "dim"),) if clock else ()
        if width_of(left) + width_of(right) < width:
            return spread(left, right, width)
        if not any(rank for rank, _, _ in parts):
            return spread(left, right, width)
        parts.remove(max(parts, key=lambda part: part[0]))


def _joined(parts: list[tuple[int, str, str]]) -> Row:
    row: Row = ((" ", ""),)
    for place, (_, text, ink) in enumerate(parts):
        row = (*row, (" · ", "dim"), (text, ink)) if place else (*row, (text, ink))
    return row


def _status(screen: ScreenState) -> tuple[str, str]:
    run = screen.run
    if screen.connection == "lost":
        return "engine lost", "bad"
    if screen.connection == "ended":
        return "ended", "warn"
    words = run.status
    if run.doing and run.status != "running":
        words += f": {run.doing}"
    inks = {"running": "good", "failed": "bad", "warming up": "accent"}
    ink = "bad" if run.problem is not None else inks.get(run.status, "accent")
    return words, ink


def _step(run: State) -> str:
    end = f"/{run.end_step:,}" if run.end_step else ""
    phase = f" after {run.phase}" if run.phase and run.status != "running" else ""
    return f"step {run.step:,}{end}{phase}"


def pace(run: State) -> str:
    """Steps a second, measured while it runs, and the limit."""
    limit = f"≤{run.pace:,.0f}/s" if run.pace else "no limit"
    if run.status != "running" or not run.steps_per_second:
        return limit
    measured = run.steps_per_second
    words = f"{measured:,.0f}/s" if measured >= 100 else f"{measured:.1f}/s"
    return f"{words} ({limit})" if run.pace else words


def memory(run: State) -> str:
    if run.memory is None:
        return ""
    used, peak, total = (
        size / 2**30 for size in (run.memory.used, run.memory.peak, run.memory.total)
    )
    return f"mem {used:.1f} peak {peak:.1f} of {total:.0f} GiB"


def clock_of(run: State) -> str:
    """Time spent training, and the time left where the end is known."""
    spent = duration(run.seconds)
    if run.seconds_left is None:
        return spent
    return f"{spent} −{duration(run.seconds_left)}"


def duration(seconds: float) -> str:
    """`0:07`, `12:34`, `3:04:05`."""
    whole = int(max(0.0, min(seconds, 3.6e8)))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
