"""Sockets closed to other users and not held by children."""

import os
import socket
import stat
from pathlib import Path

import pytest
from fakes import raw_socket
from foghill.engine.server import sockets


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_only_the_owner_can_open_it_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        listener = sockets.listen(tmp_path / "s")
    finally:
        os.umask(before)
    with listener:
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


def test_a_dead_socket_is_replaced(tmp_path: Path) -> None:
    sockets.listen(tmp_path / "s").close()
    with sockets.listen(tmp_path / "s"):
        raw_socket(tmp_path / "s").close()


def test_no_directory_no_socket(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        sockets.listen(tmp_path / "none" / "s")


def test_the_kernel_says_who_is_there() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert sockets.peer_uid(here) == os.getuid()


def test_children_close_what_they_inherit() -> None:
    class Owner:
        def __init__(self) -> None:
            self.closed = 0

        def close_sockets(self) -> None:
            self.closed += 1

    owner = Owner()
    sockets.close_in_children(owner)
    child = os.fork()
    if child == 0:
        os._exit(owner.closed)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert owner.closed == 0
