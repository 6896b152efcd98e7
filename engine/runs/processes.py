"""Which process owns a run, and whether it is still that one: pid, start time and boot, measured.

Called by `catalog` (from the screen and the engine alike). No torch.
"""

import functools
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec


class EngineNote(msgspec.Struct, frozen=True):
    """Stored as `engine.json`: the process that serves a run, and where it listens."""

    pid: int
    start_time: str
    boot_id: str
    host: str
    socket: str = ""


@functools.cache
def boot_id() -> str:
    """This boot of this machine; "" where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        pass
    return _output("sysctl", "-n", "kern.bootsessionuuid")


def host() -> str:
    return platform.node()


def start_time(pid: int) -> str:
    """When `pid` started, in whatever unit the system counts; "" for no process or a zombie."""
    if sys.platform != "linux":
        line = _output("ps", "-o", "state=,lstart=", "-p", str(pid))
        return "" if line.startswith("Z") else line.partition(" ")[2].strip()
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    fields = stat.rpartition(b")")[2].split()  # the name before it may hold anything
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()


def note_of(pid: int, socket: str = "") -> EngineNote:
    return EngineNote(pid, start_time(pid), boot_id(), host(), socket)


def is_alive(note: EngineNote) -> bool:
    """True where the very process of the note runs on this machine now."""
    if note.host != host() or note.boot_id != boot_id() or note.pid <= 0:
        return False
    return note.start_time != "" and start_time(note.pid) == note.start_time


def gone_within(note: EngineNote, seconds: float) -> bool:
    """Wait for the process of the note to end."""
    deadline = time.monotonic() + seconds
    while is_alive(note):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def stop_process(note: EngineNote, ask: Callable[[], None], patience: float) -> str:
    """Ask, then SIGTERM, then SIGKILL, each given `patience` seconds. Says which rung worked."""
    if not is_alive(note):
        return "gone already"
    try:
        ask()
    except (OSError, ValueError):
        pass  # deaf on its socket: the next rung
    else:
        if gone_within(note, patience):
            return "asked"
    for rung in (signal.SIGTERM, signal.SIGKILL):
        if is_alive(note):
            os.kill(note.pid, rung)
        if gone_within(note, patience):
            return rung.name
    return "nothing worked"


def _output(*command: str) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
