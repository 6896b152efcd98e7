"""A pseudo terminal of 120×40 with a program on it; everything it writes is kept with its time.

Answers nothing that a program asks of its terminal, so what is counted is the plainest output.
"""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyte

COLUMNS, ROWS = 120, 40
_PRIVATE = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1bP.*?\x1b\\")  # pyte would print some


class Chunk(NamedTuple):
    """What one read returned, and when (`time.perf_counter`)."""

    time: float
    content: bytes


class Terminal:
    """Runs `command` on a terminal of its own from the moment it is made."""

    def __init__(self, command: Sequence[str]) -> None:
        self.chunks: list[Chunk] = []
        self.screen = pyte.Screen(COLUMNS, ROWS)  # as far as it was looked at
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0
        self._fd, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment(),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def wait_for(self, text: str, seconds: float = 60.0) -> None:
        """Until `text` is on the screen."""
        self.wait(lambda screen: any(text in row for row in screen.display), text, seconds)

    def wait(self, seen: Callable[[pyte.Screen], bool], what: str, seconds: float = 60.0) -> Chunk:
        """The first chunk, of those not looked at yet, after which `seen` holds."""
        deadline = time.monotonic() + seconds
        while True:
            while self._fed < len(self.chunks):
                chunk = self.chunks[self._fed]
                self._fed += 1
                self._stream.feed(
                    _PRIVATE.sub("", chunk.content.decode("latin-1")).encode("latin-1")
                )
                if seen(self.screen):
                    return chunk
            if time.monotonic() > deadline or not self._reader.is_alive():
                shown = "\n".join(self.screen.display)
                raise RuntimeError(f"the terminal never showed {what}:\n{shown}")
            time.sleep(0.01)

    @property
    def display(self) -> list[str]:
        """The rows as they stand now."""
        with contextlib.suppress(RuntimeError):
            self.wait(lambda _: False, "", 0.0)
        return list(self.screen.display)

    def kill(self) -> None:
        """End the program at once; nothing else is asked of it."""
        self.process.kill()
        self.process.wait()
        self._reader.join(5)
        os.close(self._fd)

    def leave(self) -> None:
        """Press q and wait until the program has ended."""
        self.press("q")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()

    def _read(self) -> None:
        while True:
            try:
                content = os.read(self._fd, 1 << 16)
            except OSError:  # the program ended
                return
            if not content:
                return
            self.chunks.append(Chunk(time.perf_counter(), content))


def _environment() -> dict[str, str]:
    hidden = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TMUX", "STY"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
