"""The blocking client against an engine that is played."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_engine import FakeEngine, state
from foghill.engine.protocol.client import Client
from foghill.engine.protocol.commands import Applied, Pause, Rejected, Run, Set
from foghill.engine.protocol.frames import (
    VERSION,
    Bye,
    EngineFrame,
    Hello,
    Look,
    ProtocolError,
    Refused,
    Seen,
    Shown,
    Welcome,
    encode,
)
from foghill.engine.protocol.views import Failed, PhasesRequest, StateRequest

PATIENCE = 60.0
PHASES = PhasesRequest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture
def engine(path: Path) -> Iterator[FakeEngine]:
    with FakeEngine(path) as played:
        yield played


def played_bytes(path: Path, play: Callable[[socket.socket], None]) -> threading.Thread:
    """An engine that greets and then plays `play` with its end of the socket."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as peer:
            peer.sendall(encode(Welcome(VERSION, "driver", state())))
            play(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_the_greeting_carries_the_present_state(path: Path, engine: FakeEngine) -> None:
    engine.state = state(step=7)
    with Client(path, "watcher", name="ann") as client:
        assert client.welcome.role == "watcher"
        assert client.state.step == 7
        assert engine.next(Hello) == Hello(VERSION, "watcher", "ann")


def test_a_command_gets_its_own_answer(path: Path, engine: FakeEngine) -> None:
    engine.answer = lambda number, command: (
        Applied(number, 3) if isinstance(command, Run) else Rejected(number, "not now")
    )
    with Client(path) as client:
        assert client.send(Run("epoch>=3")) == Applied(1, 3)
        assert client.send(Set({"lr": 0.1})) == Rejected(2, "not now")
    assert engine.commands == [Run("epoch>=3"), Set({"lr": 0.1})]


def test_what_comes_before_an_answer_waits_in_the_inbox(path: Path, engine: FakeEngine) -> None:
    def answer(number: int, _: object) -> Applied:
        for step in (1, 2, 3):
            engine.publish(state(step=step))
            engine.show(Shown(PHASES, Failed(f"phases {step}")))
        engine.show(Applied(99, 3))
        return Applied(number, 3)

    engine.answer = answer
    with Client(path) as client:
        assert client.send(Pause()) == Applied(1, 3)
        assert client.state.step == 3
        assert client.has_frame
        received = [client.receive() for _ in client.inbox.copy()]
    assert received == [  # of each view the latest
        Shown(StateRequest(), state(step=3)),
        Shown(PHASES, Failed("phases 3")),
        Applied(99, 3),
    ]


def test_every_view_is_acknowledged_once(path: Path, engine: FakeEngine) -> None:
    with Client(path) as client:
        client.look(PHASES)
        assert engine.next(Look) == Look((PHASES,))
        engine.show(Shown(PHASES, Failed("no phases yet")))
        assert client.receive() == Shown(PHASES, Failed("no phases yet"))
        assert engine.next(Seen) == Seen(PHASES)
        client.send(Pause())
    assert engine.received.qsize() == 1  # the order, and no second `Seen`


@pytest.mark.parametrize("page", [1, 7, 100])
def test_ask_turns_the_pages(path: Path, engine: FakeEngine, page: int) -> None:
    engine.page = page
    engine.history["loss"] = [1 / step for step in range(1, 51)]
    with Client(path) as client:
        steps, values = client.ask("loss", 11, 40)
        assert steps == list(range(11, 41))
        assert values == [1 / step for step in steps]
        assert client.ask("loss", 60, 70) == ([], [])


def test_ask_for_an_unknown_series_is_an_error(path: Path) -> None:
    played_bytes(path, lambda peer: peer.sendall(encode(Rejected(1, "no series 'los'"))))
    with Client(path) as client, pytest.raises(ValueError, match="no series 'los'"):
        client.ask("los", 1, 2)


def test_wait_looks_at_the_state_besides_the_other_views(path: Path, engine: FakeEngine) -> None:
    with Client(path) as client:
        client.look(PHASES)
        engine.next(Look)
        engine.state = state(step=5)
        assert client.wait(lambda state: state.step >= 5).step == 5
        assert engine.next(Look) == Look((PHASES, StateRequest()))


def test_wait_does_not_judge_the_state_of_long_ago(path: Path, engine: FakeEngine) -> None:
    with Client(path) as client:
        engine.state = state(status="running")
        threading.Timer(0.01, lambda: engine.publish(state(step=8))).start()
        assert client.wait(lambda state: state.status == "paused").step == 8


def test_wait_ends_with_its_time(path: Path, engine: FakeEngine) -> None:
    with Client(path) as client:
        with pytest.raises(TimeoutError):
            client.wait(lambda state: state.step > 0, timeout=0.02)
        assert client.send(Pause()) == Applied(1, 0)


def test_bye_brings_the_last_state(path: Path, engine: FakeEngine) -> None:
    with Client(path) as client:
        engine.state = state(status="finished", step=200)
        engine.say_bye("stop")
        assert client.wait(lambda state: state.status == "finished").step == 200
        assert client.inbox == [Bye("stop", engine.state)]


@pytest.mark.parametrize("action", ["send", "receive", "wait", "ask"])
def test_an_engine_that_is_gone_is_a_connection_error(
    path: Path, engine: FakeEngine, action: str
) -> None:
    with Client(path) as client:
        engine.die()
        doing: dict[str, Callable[[], object]] = {
            "send": lambda: client.send(Pause()),
            "receive": client.receive,
            "wait": lambda: client.wait(lambda _: False),
            "ask": lambda: client.ask("loss", 1, 2),
        }
        with pytest.raises(ConnectionError):
            doing[action]()


def test_no_engine_is_a_connection_error(path: Path) -> None:
    with pytest.raises(ConnectionError, match="no engine answers"):
        Client(path)
    with pytest.raises(ConnectionError, match="no engine answers"):
        Client(path.parent / ("x" * 120))
    path.touch()
    with pytest.raises(ConnectionError, match="no engine answers"):
        Client(path)


def test_a_refusal_says_why(path: Path) -> None:
    sentence = "this engine speaks version 2: update foghill"
    with (
        FakeEngine(path, refused=Refused("version", sentence)),
        pytest.raises(ProtocolError, match=sentence),
    ):
        Client(path)


def test_a_refusal_in_the_middle_says_why(path: Path) -> None:
    def refuse(peer: socket.socket) -> None:
        peer.recv(100)
        peer.sendall(encode(Refused("size", "too large")))

    played_bytes(path, refuse)
    with Client(path) as client, pytest.raises(ProtocolError, match="too large"):
        client.send(Pause())


def test_an_engine_that_does_not_greet_is_given_up(path: Path) -> None:
    with FakeEngine(path, silent=True), pytest.raises(TimeoutError):
        Client(path, timeout=0.02)


def test_another_greeting_is_refused(path: Path) -> None:
    greeting: EngineFrame = Applied(1, 1)
    with FakeEngine(path) as engine:
        engine._replies = lambda peer, frame: [greeting]  # type: ignore[method-assign]
        with pytest.raises(ProtocolError, match="Applied"):
            Client(path)


def test_half_a_frame_is_not_lost_when_time_is_over(path: Path) -> None:
    answer = encode(Shown(PHASES, Failed("x" * 1000)))
    go = threading.Event()

    def slowly(peer: socket.socket) -> None:
        peer.sendall(answer[:500])
        assert go.wait(PATIENCE)
        peer.sendall(answer[500:])
        peer.recv(100)

    played_bytes(path, slowly)
    with Client(path) as client:
        with pytest.raises(TimeoutError):
            client.receive(timeout=0.02)
        assert not client.has_frame
        go.set()
        assert client.receive() == Shown(PHASES, Failed("x" * 1000))


def test_an_oversized_frame_is_refused_before_it_is_read(path: Path) -> None:
    played_bytes(path, lambda peer: peer.sendall(b"\xff\xff\xff\xff"))
    with Client(path) as client, pytest.raises(ProtocolError, match="over the limit"):
        client.receive()


def test_a_client_closes_its_socket(path: Path, engine: FakeEngine) -> None:
    with Client(path) as client:
        assert client.fileno() >= 0
    assert client.fileno() == -1
