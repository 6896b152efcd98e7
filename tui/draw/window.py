"""Which steps a chart shows: the whole run, its moving end, or a fixed part."""

import math
from dataclasses import dataclass

from .axes import growing_end

_MIN_SPAN = 4


@dataclass(frozen=True)
class Run:
    """How far a run has come, and its end where that is known (else 0)."""

    last: int = 0
    end: int = 0

    @property
    def axis(self) -> int:
        return growing_end(self.last, self.end)


@dataclass(frozen=True)
class Window:
    """`span` steps from `start` on. No span: the whole run. No start: its end is followed."""

    span: int | None = None
    start: int | None = None

    def bounds(self, run: Run) -> tuple[int, int]:
        """First and last step in sight. What follows the end moves by a quarter at a time."""
        if self.span is None:
            return 0, run.axis
        if self.start is not None:
            return self.start, self.start + self.span
        hop = max(self.span // 4, 1)
        right = max(math.ceil(run.last / hop) * hop, self.span)
        return right - self.span, right

    def zoomed_in(self, run: Run, cursor: int | None = None) -> "Window":
        """Half as many steps: around the cursor, else in the middle or at the followed end."""
        left, right = self.bounds(run)
        return self._with_span(max((right - left) // 2, _MIN_SPAN), run, cursor)

    def zoomed_out(self, run: Run, cursor: int | None = None) -> "Window":
        """Twice as many steps, at most the whole run."""
        left, right = self.bounds(run)
        return self._with_span((right - left) * 2, run, cursor)

    def panned(self, n: int, run: Run) -> "Window":
        """Moved by `n` quarters; the end is followed again when it is reached."""
        if self.span is None:
            return self
        start = max(self.bounds(run)[0] + n * max(self.span // 4, 1), 0)
        follows = n > 0 and start + self.span >= run.last
        return Window(self.span, None if follows else start)

    def at_first(self) -> "Window":
        return Window(self.span, None if self.span is None else 0)

    def at_last(self) -> "Window":
        return Window(self.span, None)

    def _with_span(self, span: int, run: Run, cursor: int | None) -> "Window":
        if span >= run.axis:
            return Window()
        left, right = self.bounds(run)
        if cursor is not None and left <= cursor <= right:
            return Window(span, max(cursor - span // 2, 0))
        if self.start is not None:
            return Window(span, max((left + right - span) // 2, 0))
        return Window(span, None)
