"""One client: answers before views, one value of a view at a time, frames within limits."""

import asyncio
import socket
import struct

import pytest
from fakes import Wire
from foghill.engine.protocol import frames
from foghill.engine.protocol.commands import Rejected
from foghill.engine.protocol.frames import Refused, Seen
from foghill.engine.protocol.frames import Shown as ShownFrame
from foghill.engine.protocol.views import Failed, OutputRequest, StateRequest
from foghill.engine.server.peer import Peer, Refusal, Shown, connected


@pytest.fixture
async def pair():
    ours, theirs = socket.socketpair()
    peer = await connected(ours, 1)
    wire = Wire(*await asyncio.open_unix_connection(sock=theirs))
    yield peer, wire
    wire.close()
    await peer.close()


def shown(peer: Peer, text: str) -> Shown:
    made = Shown(StateRequest())
    made.frame, made.number = frames.encode(ShownFrame(StateRequest(), Failed(text))), 1
    peer.looks[StateRequest()] = made
    made.ready.add(peer)
    return made


async def test_answers_go_before_views(pair: tuple[Peer, Wire]) -> None:
    peer, wire = pair
    peer.offer(shown(peer, "view"))
    peer.answer(frames.encode(Rejected(1, "first")))
    peer.start_writing()
    assert await wire.hear() == Rejected(1, "first")
    assert await wire.hear() == ShownFrame(StateRequest(), Failed("view"))


async def test_the_value_sent_is_the_latest_when_it_goes(pair: tuple[Peer, Wire]) -> None:
    peer, wire = pair
    value = shown(peer, "old")
    peer.offer(value)
    value.frame, value.number = frames.encode(ShownFrame(StateRequest(), Failed("new"))), 2
    peer.start_writing()
    assert await wire.hear() == ShownFrame(StateRequest(), Failed("new"))
    assert peer.saw(OutputRequest()) is None
    assert peer.saw(StateRequest()) is value
    assert peer.saw(StateRequest()) is None
    assert peer.has_latest(value)


async def test_a_slot_is_free_when_the_answer_is_gone(pair: tuple[Peer, Wire]) -> None:
    peer, wire = pair
    for number in range(64):
        await peer.orders.acquire()
        peer.answer(frames.encode(Rejected(number, "")), peer.orders)
    assert peer.orders.locked()
    peer.start_writing()
    for number in range(64):
        assert await wire.hear() == Rejected(number, "")
    async with asyncio.timeout(60):
        await peer.orders.acquire()


async def test_a_frame_may_come_in_pieces(pair: tuple[Peer, Wire]) -> None:
    peer, wire = pair
    receiving = asyncio.create_task(peer.receive())
    for byte in frames.encode(Seen(StateRequest())):
        wire.say_raw(bytes([byte]))
        await asyncio.sleep(0)
    assert await receiving == Seen(StateRequest())


async def test_hanging_up_between_frames_is_no_violation(pair: tuple[Peer, Wire]) -> None:
    peer, wire = pair
    wire.close()
    assert await peer.receive() is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (struct.pack(">I", frames.FROM_CLIENT + 1), "size"),
        (struct.pack(">I", 1) + b"\xc1", "frame"),
    ],
)
async def test_violations_are_refusals(pair: tuple[Peer, Wire], raw: bytes, reason: str) -> None:
    peer, wire = pair
    wire.say_raw(raw)
    with pytest.raises(Refusal) as caught:
        await peer.receive()
    assert caught.value.frame.reason == reason


async def test_a_refusal_comes_after_the_answers_due(pair: tuple[Peer, Wire]) -> None:
    peer, wire = pair
    peer.answer(frames.encode(Rejected(1, "")))
    await peer.refuse(Refusal("busy", "no room"))
    assert await wire.hear() == Rejected(1, "")
    assert await wire.hear() == Refused("busy", "no room")
    assert await wire.hung_up()
