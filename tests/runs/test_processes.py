"""Whether the very process of a note still runs."""

import os
import signal
import subprocess
import sys

import msgspec
import pytest
from foghill.engine.runs import processes


def test_this_process_is_alive() -> None:
    note = processes.note_of(os.getpid())
    assert note.start_time
    assert note.boot_id
    assert processes.is_alive(note)
    for change in ({"start_time": "0"}, {"boot_id": ""}, {"host": "x"}, {"pid": 0}):
        assert not processes.is_alive(msgspec.structs.replace(note, **change))


def test_a_note_of_nothing_is_never_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    note = processes.note_of(child.pid)
    assert note.start_time == ""
    assert not processes.is_alive(note)


def asleep() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def test_who_is_asked_and_goes_is_not_signalled() -> None:
    child = asleep()
    note = processes.note_of(child.pid)
    assert processes.stop_process(note, child.kill, 5.0) == "asked"
    child.wait()


@pytest.mark.parametrize("deaf", [ConnectionError, TimeoutError, ValueError])
def test_who_cannot_be_asked_is_signalled(deaf: type[Exception]) -> None:
    child = asleep()

    def ask() -> None:
        raise deaf

    assert processes.stop_process(processes.note_of(child.pid), ask, 5.0) == "SIGTERM"
    assert child.wait() == -signal.SIGTERM


def test_who_is_gone_is_not_asked() -> None:
    child = asleep()
    note = processes.note_of(child.pid)
    child.kill()
    child.wait()
    assert processes.stop_process(note, pytest.fail, 1.0) == "gone already"
