"""Unix sockets as the engine needs them: closed to other users, and not held by its children."""

import contextlib
import os
import signal
import socket
import struct
import sys
import weakref
from pathlib import Path
from typing import Protocol

BACKLOG = 64


class HasSockets(Protocol):
    def close_sockets(self) -> None: ...


def listen(path: Path) -> socket.socket:
    """A listening socket only its owner can open, whatever the umask."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        with contextlib.suppress(OSError):  # macOS cannot; the directory is closed to others
            os.fchmod(listener.fileno(), 0o600)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def close_in_children(owner: HasSockets) -> None:
    """Loader workers that are forked keep none of our sockets and none of our signals."""
    living = weakref.ref(owner)

    def in_child() -> None:
        ours = living()
        if ours is None:
            return
        ours.close_sockets()
        # else a signal to the child would be written to the parent's event loop
        with contextlib.suppress(ValueError):
            signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to answer

    os.register_at_fork(after_in_child=in_child)


def peer_uid(sock: socket.socket) -> int:
    """The user at the other end of a unix socket, as the kernel says."""
    if sys.platform == "linux":
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return struct.unpack("3i", credentials)[1]
    # macOS, BSD: struct xucred from LOCAL_PEERCRED at level SOL_LOCAL
    return struct.unpack("2I", sock.getsockopt(0, 1, 76)[:8])[1]
