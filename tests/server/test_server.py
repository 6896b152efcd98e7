"""The engine's socket: roles, refusals, limits, the end. Real sockets, a fake session."""

import asyncio
import os
import random
import signal
import stat
import struct
from pathlib import Path

import pytest
from fakes import eventually, hello, raw_socket, rig, until
from foghill.engine.protocol import frames
from foghill.engine.protocol.commands import Applied, Pause, Rejected, Run, Set, Stop
from foghill.engine.protocol.frames import (
    VERSION,
    Ask,
    Bye,
    Hello,
    History,
    Look,
    Order,
    Refused,
    Welcome,
)
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import CurveRequest, StateRequest
from foghill.engine.server import server as server_module
from foghill.engine.server import sockets
from foghill.engine.server.peer import MAX_UNANSWERED


def raw(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


async def test_greets_with_the_complete_present_state(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        r.session.publish(step=7, loss=0.5)
        _, welcome = await r.attach("watcher")
        assert (welcome.version, welcome.role) == (VERSION, "watcher")
        assert (welcome.state.step, welcome.state.loss, welcome.state.watchers) == (7, 0.5, 1)


async def test_only_the_owner_can_open_the_socket(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        assert stat.S_IMODE(r.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(r.path.parent.stat().st_mode) == 0o700


async def test_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "peer_uid", lambda sock: os.getuid() + 1)
    async with rig(tmp_path) as r:
        wire = await r.connect()
        refused = await wire.hear()
        assert isinstance(refused, Refused)
        assert "another user" in refused.sentence


async def test_a_drivers_orders_are_posted_in_order_with_its_name(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach(name="ada\n\x1b[31m")
        wire.say(Order(1, Run()), Order(2, Set({"lr": 0.1})))
        assert await wire.hear() == Applied(1, 0)
        assert await wire.hear() == Applied(2, 0)
        assert r.session.posted == [
            (Order(1, Run()), "ada[31m"),
            (Order(2, Set({"lr": 0.1})), "ada[31m"),
        ]


async def test_a_watchers_orders_are_refused_by_the_engine(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach("watcher")
        wire.say(Order(5, Stop()))
        answer = await wire.hear()
        assert isinstance(answer, Rejected)
        assert (answer.id, answer.accepted) == (5, "attach as a driver to command")
        assert r.session.posted == []
        await wire.state(lambda state: state.watchers == 1)  # and the connection is kept


VIOLATIONS = {
    "another version": (frames.encode(Hello(VERSION + 1)), "version"),
    "garbage": (raw(b"\xc1\xff\x00garbage"), "frame"),
    "oversized": (struct.pack(">I", 2**31), "size"),
    "deep nesting": (raw(b"\x91" * 60_000), "frame"),
    "an order before Hello": (frames.encode(Order(1, Run())), "order"),
    "Hello twice": (frames.encode(hello()) * 2, "order"),
    "an unknown role": (raw(frames.encode(hello())[4:].replace(b"driver", b"thief!")), "frame"),
    "an unknown command": (
        frames.encode(hello())
        + raw(frames.encode(Order(1, Pause()))[4:].replace(b"pause", b"panic")),
        "frame",
    ),
    "too many views": (
        frames.encode(hello())
        + frames.encode(Look(tuple(CurveRequest(first=n) for n in range(33)))),
        "order",
    ),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
async def test_a_violation_gets_a_typed_refusal_and_the_engine_goes_on(
    tmp_path: Path, violation: str
) -> None:
    bytes_, reason = VIOLATIONS[violation]
    async with rig(tmp_path) as r:
        bystander, _ = await r.attach()
        wire = await r.connect()
        wire.say_raw(bytes_)
        refused = await wire.hear_a(Refused)
        assert isinstance(refused, Refused)
        assert refused.reason == reason
        assert refused.sentence
        assert await wire.hung_up()
        bystander.say(Order(1, Run()))
        assert await bystander.hear() == Applied(1, 0)


@pytest.mark.parametrize("bytes_", [b"\x00\x00", struct.pack(">I", 10) + b"\x80"])
async def test_a_truncated_frame_is_refused(tmp_path: Path, bytes_: bytes) -> None:
    async with rig(tmp_path) as r:
        wire = await r.connect()
        wire.say_raw(bytes_)
        wire.writer.write_eof()
        refused = await wire.hear()
        assert isinstance(refused, Refused)
        assert (refused.reason, refused.sentence) == ("frame", "the frame was cut short")


async def test_silence_instead_of_hello_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "HELLO_SECONDS", 0.05)
    async with rig(tmp_path) as r:
        wire = await r.connect()
        refused = await wire.hear()
        assert isinstance(refused, Refused)
        assert "no Hello" in refused.sentence


async def test_one_client_too_many_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MAX_CLIENTS", 2)
    async with rig(tmp_path) as r:
        first, _ = await r.attach()
        await r.attach()
        third = await r.connect()
        refused = await third.hear()
        assert isinstance(refused, Refused)
        assert refused.reason == "busy"
        first.close()
        await until(lambda: len(r.server._peers) == 1)
        await r.attach()


async def test_random_frames_meet_only_refusals(tmp_path: Path) -> None:
    chance = random.Random(0)
    greeting = frames.encode(hello())
    samples = [
        frames.encode(frame)
        for frame in (Order(1, Set({"lr": 1.0})), Look((StateRequest(),)), Ask(1, "loss", 0, 9))
    ]
    async with rig(tmp_path, loss=[(1, 1.0)]) as r:
        for _ in range(300):
            wire = await r.connect()
            frame = bytearray(chance.choice(samples))
            for _ in range(chance.randint(1, 4)):
                frame[chance.randrange(4, len(frame))] = chance.randrange(256)
            wire.say_raw(greeting + bytes(frame))
            wire.writer.write_eof()
            assert await wire.hung_up()
            wire.close()
        await until(lambda: not r.server._peers)
        await r.attach()


async def test_reads_no_further_than_64_unanswered_orders(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        r.session.deaf = True
        wire, _ = await r.attach()
        wire.say(*(Order(number, Run()) for number in range(100)))
        await until(lambda: len(r.session.posted) == MAX_UNANSWERED)
        other, _ = await r.attach()  # the engine is not stopped by it
        await other.state(lambda state: state.drivers == 2)
        assert len(r.session.posted) == MAX_UNANSWERED
        for number, reply in enumerate(r.session.replies[:36]):
            reply(Applied(number, 0))
        await until(lambda: len(r.session.posted) == 100)


async def test_exact_history_comes_from_the_store(tmp_path: Path) -> None:
    async with rig(tmp_path, loss=[(1, 3.0), (2, float("nan")), (3, 1.0)]) as r:
        wire, _ = await r.attach("watcher")
        wire.say(Ask(9, "loss", 2, 3), Ask(10, "no such", 0, 1))
        answers = sorted([await wire.hear(), await wire.hear()], key=lambda answer: answer.id)
        history, rejected = answers
        assert isinstance(history, History)
        assert (history.steps, history.values[1], history.more) == ([2, 3], 1.0, False)
        assert history.values[0] != history.values[0]
        assert isinstance(rejected, Rejected)


async def test_everyone_hears_the_end(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        driver, _ = await r.attach()
        watcher, _ = await r.attach("watcher")
        driver.say(Order(1, Stop(delete=True)))
        end = await r.server.end
        assert (end.reason, end.hung) == ("stopped", False)
        await until(lambda: r.server.delete)
        closing = asyncio.create_task(r.server.close())
        assert await driver.hear() == Applied(1, 0)
        assert await driver.hear() == Bye("stopped", r.session.state)
        assert await watcher.hear_a(Bye) == Bye("stopped", r.session.state)
        await closing
        assert not r.path.exists()


async def test_a_session_that_hangs_does_not_hold_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STOP_SECONDS", 0.02)
    async with rig(tmp_path) as r:
        r.session.deaf = True
        r.session.publish(status="running")
        r.server.stop("SIGTERM")
        end = await r.server.end
        assert (end.reason, end.hung) == ("SIGTERM", True)
        assert r.session.stopped == ["SIGTERM"]


async def test_an_untouched_lesson_ends_with_its_last_client(tmp_path: Path) -> None:
    lesson = State(run="r", directory="", experiment="line", kind="lesson")
    async with rig(tmp_path, lesson) as r:
        first, _ = await r.attach()
        second, _ = await r.attach()
        first.close()
        await second.state(lambda state: state.drivers == 1)
        assert not r.server.end.done()
        second.close()
        await r.server.end
        assert r.server.delete


@pytest.mark.parametrize("change", [{"touched": True}, {"kind": "file"}, {"step": 1}])
async def test_other_runs_outlive_their_clients(tmp_path: Path, change: dict[str, object]) -> None:
    lesson = State(run="r", directory="", experiment="line", kind="lesson")
    async with rig(tmp_path, lesson) as r:
        r.session.publish(**change)
        wire, _ = await r.attach()
        wire.close()
        await until(lambda: not r.server._peers)
        await r.attach()
        assert not r.server.delete
        assert not r.session.stopped


async def test_a_run_nobody_ever_reached_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LONELY_SECONDS", 0.0)
    monkeypatch.setattr(server_module, "TICK_SECONDS", 0.01)
    untouched = State(run="r", directory="", experiment="x.py")
    async with rig(tmp_path, untouched) as r:
        await r.server.end
        assert r.server.delete


async def test_a_silent_session_is_told_to_clients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "TICK_SECONDS", 0.01)
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        r.session.publish(status="running", doing="", phase="predict")
        r.session.idle = False
        r.session.heartbeat -= 12
        state = await wire.state(lambda state: state.doing != "")
        assert state.doing == "no answer for 12 s (predict)"
        r.session.idle = True
        await wire.state(lambda state: state.doing == "")


async def test_a_forked_child_holds_no_socket(tmp_path: Path) -> None:
    async with rig(tmp_path) as r:
        wire, _ = await r.attach()
        ends, start = os.pipe()
        child = os.fork()
        if child == 0:  # a loader worker: it lives until it is told to go
            os.close(start)
            os.read(ends, 1)
            os._exit(0)
        os.close(ends)
        try:
            r.server.ended("over", r.session.state)
            await r.server.end
            await r.server.close()
            assert isinstance(await wire.hear_a(Bye), Bye)
            assert await wire.hung_up()
            with pytest.raises(OSError):
                raw_socket(r.path)
        finally:
            os.close(start)
            os.waitpid(child, 0)


async def test_a_signal_to_a_forked_child_is_not_the_engines(tmp_path: Path) -> None:
    heard: list[int] = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, heard.append, signal.SIGTERM)
    try:
        async with rig(tmp_path):
            ready, say = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(say, b".")
                signal.pause()
                os._exit(1)
            os.read(ready, 1)
            os.kill(child, signal.SIGTERM)
            _, status = await asyncio.to_thread(os.waitpid, child, 0)
            assert os.WTERMSIG(status) == signal.SIGTERM
            await asyncio.sleep(0)
            assert not heard
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def test_listens_elsewhere_where_the_path_is_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir(mode=0o700)
    async with rig(deep) as r:
        assert len(os.fsencode(r.path)) <= 100
        assert stat.S_IMODE(r.path.parent.stat().st_mode) == 0o700
        _, welcome = await r.attach()
        assert isinstance(welcome, Welcome)


def test_listen_replaces_a_dead_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    sockets.listen(path).close()
    listener = sockets.listen(path)
    raw_socket(path).close()
    listener.close()
    eventually(path.exists)
