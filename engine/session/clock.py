"""Time of a run: how long it trained, and when its pace allows the next step. No torch."""

import time

CATCH_UP = 0.1  # seconds that a step which came late may be made up for


class Clock:
    """`pace` is the limit in steps a second; 0 is as fast as it goes."""

    def __init__(self) -> None:
        self.pace = 0.0
        self._seconds = 0.0
        self._since: float | None = None
        self._due_at = 0.0

    @property
    def seconds(self) -> float:
        """Spent training so far."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._seconds + running

    def start(self) -> None:
        self._since = time.monotonic() if self._since is None else self._since
        self._due_at = time.monotonic()

    def stop(self) -> None:
        self._seconds, self._since = self.seconds, None

    def reset(self) -> None:
        """Stopped, at 0."""
        self._seconds, self._since = 0.0, None

    def set_pace(self, pace: float) -> None:
        self.pace, self._due_at = pace, time.monotonic()

    def wait(self) -> float:
        """Seconds until the next step may begin; 0 books it."""
        now = time.monotonic()
        if now < self._due_at:
            return self._due_at - now
        self._due_at = max(self._due_at + 1 / self.pace, now - CATCH_UP)
        return 0.0
