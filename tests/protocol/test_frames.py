"""Frames: what is sent arrives, and what is not of the contract is refused."""

import math
import random
import socket
import struct

import msgspec
import pytest
from foghill.engine.protocol import commands, frames, views
from foghill.engine.protocol.frames import ClientFrame, EngineFrame, ProtocolError
from foghill.engine.protocol.state import State
from hypothesis import given, settings
from hypothesis import strategies as st

STATE = State(run="parabola", directory="/runs/parabola", experiment="parabola")
REQUEST = views.CurveRequest(("loss",), 5, 10, 80)

FROM_CLIENT: list[ClientFrame] = [
    frames.Hello(frames.VERSION, "watcher", "ann"),
    frames.Order(1, commands.Set({"lr": 0.1, "batch_size": 32, "shuffle": True, "loss": "mse"})),
    frames.Order(2, commands.Run("valid_loss<0.1")),
    frames.Look((views.StateRequest(), REQUEST, views.PictureRequest("fit"))),
    frames.Seen(REQUEST),
    frames.Ask(3, "loss", 1, 2**63),
]
FROM_ENGINE: list[EngineFrame] = [
    frames.Welcome(frames.VERSION, "driver", STATE),
    frames.Refused("version", "this engine speaks version 1"),
    commands.Applied(1, 200, "zero", (commands.Change("lr", 0.1, 0.2, 0.2),)),
    commands.Rejected(2, "no such knob", "one of lr"),
    frames.Shown(views.StateRequest(), STATE),
    frames.Shown(REQUEST, views.Curve(5, 10, 1, (views.Line("loss", [5], [1], [1], [1], [6]),))),
    frames.Shown(views.PictureRequest("fit"), views.Failed("view() raised ValueError")),
    frames.History(3, [1, 2], [0.1, math.inf], more=True),
    frames.Bye("stopped", STATE),
]


def body(frame: ClientFrame | EngineFrame) -> bytes:
    return frames.encode(frame)[frames.HEADER_BYTES :]


@pytest.mark.parametrize("frame", FROM_CLIENT, ids=lambda frame: type(frame).__name__)
def test_a_clients_frame_arrives(frame: ClientFrame) -> None:
    assert frames.decode_client(body(frame)) == frame


@pytest.mark.parametrize("frame", FROM_ENGINE, ids=lambda frame: type(frame).__name__)
def test_an_engines_frame_arrives(frame: EngineFrame) -> None:
    assert frames.decode_engine(body(frame)) == frame


@settings(print_blob=True)
@given(st.lists(st.floats(allow_nan=True)))
def test_losses_arrive_bit_for_bit(values: list[float]) -> None:
    frame = frames.decode_engine(body(frames.History(1, [], values)))
    assert isinstance(frame, frames.History)
    assert struct.pack(f"{len(values)}d", *frame.values) == struct.pack(f"{len(values)}d", *values)


def test_the_kind_of_a_number_arrives() -> None:
    sent = {"lr": 1.0, "batch_size": 1, "shuffle": True}
    frame = frames.decode_client(body(frames.Order(1, commands.Set(sent))))
    assert isinstance(frame, frames.Order)
    assert isinstance(frame.command, commands.Set)
    assert [type(value) for value in frame.command.values.values()] == [float, int, bool]


def test_an_engine_takes_no_engines_frame_and_a_client_no_clients() -> None:
    for frame in FROM_ENGINE:
        with pytest.raises(ProtocolError):
            frames.decode_client(body(frame))
    for frame in FROM_CLIENT:
        with pytest.raises(ProtocolError):
            frames.decode_engine(body(frame))


REFUSED = {
    "nothing": b"",
    "not msgpack": b"\xc1",
    "cut short": body(FROM_CLIENT[1])[:-3],
    "more than one": body(FROM_CLIENT[0]) + b"\x00",
    "a number": msgspec.msgpack.encode(7),
    "a list": msgspec.msgpack.encode([1, 2]),
    "no type": msgspec.msgpack.encode({"version": 1}),
    "unknown type": msgspec.msgpack.encode({"type": "eval", "code": "1"}),
    "unknown command": msgspec.msgpack.encode(
        {"type": "order", "id": 1, "command": {"do": "eval"}}
    ),
    "a field too many": msgspec.msgpack.encode(
        {"type": "order", "id": 1, "command": {"do": "pause", "now": True}}
    ),
    "a field missing": msgspec.msgpack.encode({"type": "order", "id": 1}),
    "wrong kind": msgspec.msgpack.encode({"type": "hello", "version": "1"}),
    "no utf-8": b"\x81\xa4type\xa2\xff\xfe",
    "deep nesting": b"\x91" * 60_000,
    "deep nesting inside": b"\x82\xa4type\xa5order\xa7command" + b"\x81\xa1a" * 20_000,
    "a huge length": b"\xdd\xff\xff\xff\xff",
}


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_of_the_contract_is_refused(bad: bytes) -> None:
    for decode in (frames.decode_client, frames.decode_engine):
        with pytest.raises(ProtocolError) as refusal:
            decode(bad)
        assert len(str(refusal.value)) < 500


@pytest.mark.parametrize("seed", range(3))
def test_damaged_frames_are_read_or_refused_and_nothing_else(seed: int) -> None:
    """A thousandth of the million that `make promises` throws at an engine, three seeds."""
    draw = random.Random(seed)
    kinds = [body(frame) for frame in FROM_CLIENT]
    read = 0
    for _ in range(1000):
        damaged = bytearray(draw.choice(kinds))
        for _ in range(draw.randint(0, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            frames.decode_client(bytes(damaged))
            read += 1
        except ProtocolError:
            pass
    assert 0 < read < 1000


def test_a_frame_over_the_limit_is_refused_by_its_header() -> None:
    header = struct.pack(">I", frames.FROM_CLIENT + 1)
    with pytest.raises(ProtocolError, match="over the limit"):
        frames.body_length(header, frames.FROM_CLIENT)
    assert frames.body_length(struct.pack(">I", 17), frames.FROM_CLIENT) == 17


def test_receive_reads_one_body_however_it_is_cut() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sent = frames.encode(FROM_CLIENT[0]) + frames.encode(FROM_CLIENT[4])
        for byte in sent:
            theirs.send(bytes([byte]))
        assert frames.decode_client(frames.receive(ours)) == FROM_CLIENT[0]
        assert frames.decode_client(frames.receive(ours)) == FROM_CLIENT[4]
        theirs.send(sent[:7])
        theirs.close()
        with pytest.raises(EOFError, match="hung up"):
            frames.receive(ours)
