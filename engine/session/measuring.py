"""Measures the held-out data, batch by batch, so that orders are seen in between.

The conductor asks for the next batch; while measuring goes on, no step is taken.
"""

from collections.abc import Generator
from typing import TYPE_CHECKING

from ..training import validation

if TYPE_CHECKING:
    from .conductor import Conductor


class Measuring:
    """One validation, or none: `going` says which."""

    def __init__(self, conductor: "Conductor") -> None:
        self._c = conductor
        self._batches: Generator[tuple[int, int], None, dict[str, float]] | None = None
        self._rows = (0, 0)

    @property
    def going(self) -> bool:
        return self._batches is not None

    def says(self) -> str:
        """How far it is: `validating 200/359`."""
        done, total = self._rows
        if not self.going:
            return ""
        return f"validating {done}/{total}" if total else "validating"

    def begin(self) -> None:
        """Measure the present weights; where that goes on already, it just does."""
        if self._batches is None:
            self._batches, self._rows = validation.validate(self._c.t), (0, 0)
            self._c.comparison.measure()

    def close(self) -> None:
        if self._batches is not None:
            self._batches.close()
            self._batches = None

    def next_batch(self) -> bool:
        """Measure one more batch; False where that was the last and the numbers are recorded."""
        assert self._batches is not None
        try:
            self._rows = next(self._batches)
            return True
        except StopIteration as finished:
            found: dict[str, float] = finished.value
        self._batches = None
        c = self._c
        c.record.flush(c)
        c.record.numbers(c.t.step, found)
        c.comparison.validated(found)
        if "valid_loss" in found:
            c.ends.patience.seen(found["valid_loss"], c.t.step)
            c.best.seen(c.t, found["valid_loss"])
        return False
