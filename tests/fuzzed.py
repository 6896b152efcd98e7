"""Real sessions and servers under what `fuzzing` makes up, and what must hold of them then."""

import math
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engines import attached, served
from fakes import raw_socket
from foghill.engine.protocol import frames
from foghill.engine.protocol.commands import (
    Applied,
    Pause,
    Rejected,
    Restart,
    Run,
    Set,
    Speed,
    Step,
)
from foghill.engine.protocol.frames import VERSION, Hello, Welcome, encode
from foghill.engine.protocol.views import PhasesRequest, PictureRequest
from foghill.engine.runs import catalog
from fuzzing import BODIES, bodies, resident_of, wire
from sessions import Live

COMPARED = 5  # steps after a restart


class EndlessRun(Live):
    """One session that is put back to its start again and again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, settings={"threads": "1"})
        state = self.ready()
        self.start = {knob.name: knob.value for knob in state.knobs}
        self.undisturbed = self.fresh_losses()

    def fresh_losses(self) -> list[float]:
        """The first losses of a restart with every knob as it was at first."""
        self.do(Pause())
        self.do(Speed(0.0))
        self.do(Set(self.start))
        self.do(Restart())
        self.do(Step("step", COMPARED))
        self.until(lambda s: s.step == COMPARED and s.status == "paused" and not s.doing)
        return self.losses()

    def train_on(self, steps: int = 0) -> None:
        self.do(Restart())
        self.do(Run(f"step>={steps}" if steps else ""))
        if steps:
            self.until(lambda s: s.step == steps and s.status == "paused", 3600.0)

    def stop_training(self) -> list[float]:
        self.do(Pause())
        return self.losses()


def play(run: EndlessRun, commands: list[Any], *, restart: bool = True) -> None:
    """Every command is answered once, and a restart makes the run as if it had never been."""
    replies = [run.post(command) for command in commands]
    for reply in replies:
        assert isinstance(reply.wait(), Applied | Rejected)
    state = run.session.state
    encode(Welcome(VERSION, "driver", state))
    if restart:
        assert run.fresh_losses() == run.undisturbed, commands
    assert all(len(reply.answers) == 1 for reply in replies)
    run.replies.clear()
    run.shown.clear()


def look_and_be_refused(run: EndlessRun, sequence: list[Any]) -> None:
    """Requests for views, and commands that are all refused."""
    for one in sequence:
        if isinstance(one, PhasesRequest | PictureRequest):
            run.session.want(one, -1)
        else:
            answer = run.tell(one)
            assert isinstance(answer, Rejected), (one, answer)
            assert answer.reason
    run.replies.clear()
    run.shown.clear()


def fuzz_server(
    path: Path, number: int, frames_to_send: int, sent_so_far: Callable[[int], None] = print
) -> dict[str, float]:
    """Send so many fuzzed frames to an engine that trains; returns what came of it.

    They come from peers that said no Hello, or are watchers: nothing they say may matter.
    """
    counted: dict[str, float] = {"refused": 0, "taken": 0}
    draw, made = random.Random(number), bodies(number)
    with served(str(path), settings={"threads": "1"}) as (spec, driver):
        address = catalog.socket_path(Path(spec.directory))
        pid = catalog.find(spec.name).pid
        driver.send(Speed(200.0))
        driver.send(Run())
        sent, before = 0, 0
        while sent < frames_to_send:
            if not before and sent >= frames_to_send // 5:
                before = resident_of(pid)
            some = [*draw.choices(BODIES, k=draw.randrange(5)), next(made)]
            sent += len(some)
            sent_so_far(sent)
            counted["refused" if _refused(address, some, draw) else "taken"] += 1
        driver.send(Pause())
        counted["grown"] = max(0, resident_of(pid) - before)
        with attached(Path(spec.directory), "watcher") as client:
            assert client.state.problem is None
        step = driver.wait(lambda state: state.status == "paused").step
        driver.wait(lambda state: state.watchers == 0)
        disturbed = driver.ask("loss", 1, step)[1]
    with served(str(path), settings={"threads": "1"}) as (_, driver):
        driver.send(Run(f"step>={step}"))
        driver.wait(lambda state: state.step == step, 600)
        assert driver.ask("loss", 1, step)[1] == disturbed
    assert all(map(math.isfinite, disturbed))
    assert counted["grown"] < 32 * 2**20, counted
    counted.update(frames=sent, steps=step)
    return counted


def _refused(address: Path, some: list[bytes], draw: random.Random) -> bool:
    """Say these to the server, the last with a header that may lie; whether it refused.

    It never leaves one waiting for ever.
    """
    with raw_socket(address) as sock:
        with suppress(BrokenPipeError, ConnectionResetError):
            if draw.random() < 0.8:
                sock.sendall(encode(Hello(VERSION, "watcher", "fuzz")))
            *sound, last = some
            said = [len(body).to_bytes(frames.HEADER_BYTES, "big") + body for body in sound]
            sock.sendall(b"".join([*said, wire(last, draw)]))
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        received = b""
        with suppress(ConnectionResetError):
            while part := sock.recv(2**20):
                received += part
    return any(isinstance(frame, frames.Refused) for frame in _frames(received))


def _frames(received: bytes) -> list[frames.EngineFrame]:
    found: list[frames.EngineFrame] = []
    while len(received) >= frames.HEADER_BYTES:
        header = received[: frames.HEADER_BYTES]
        end = frames.HEADER_BYTES + frames.body_length(header, frames.FROM_ENGINE)
        if len(received) < end:
            break
        found.append(frames.decode_engine(received[frames.HEADER_BYTES : end]))
        received = received[end:]
    return found
