"""A program in a real terminal of its own: keys in, a screen of text out."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping

import pyte

LONGEST = 60.0  # seconds any wait may take
FOGHILL = (sys.executable, "-P", "-m", "foghill.tui")


class Terminal:
    """`text` is what stands on the screen, as far as the program's output was read."""

    def __init__(
        self,
        *command: str,
        columns: int = 110,
        rows: int = 34,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        surroundings = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        surroundings.pop("NO_COLOR", None)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=surroundings,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def until(self, holds: Callable[[str], object], seconds: float = LONGEST) -> str:
        """Read until the screen's text is so."""
        deadline = time.monotonic() + seconds
        while not holds(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"the screen never showed it:\n{self.text}"
            self._read(left)
        return self.text

    def shows(self, words: str) -> str:
        return self.until(lambda text: words in text)

    def wait(self, seconds: float = LONGEST) -> int:
        """The program's exit code; what it still says is read."""
        deadline = time.monotonic() + seconds
        while (code := self.process.poll()) is None:
            left = deadline - time.monotonic()
            assert left > 0, f"the program does not end:\n{self.text}"
            self._read(min(left, 0.1))
        while self._read(0):
            pass
        return code

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        try:
            output = os.read(self.master, 65536)
        except OSError:  # the program closed its end
            return False
        self._stream.feed(output)
        return bool(output)

    def hang_up(self) -> None:
        """Close the terminal, as a window does; the kernel sends SIGHUP."""
        os.close(self.master)
        self.master = -1

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)
