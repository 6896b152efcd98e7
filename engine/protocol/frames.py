"""Frames: four bytes of length, big-endian, then msgpack. And who may say what.

A client opens with `Hello`; the engine answers `Welcome` (the complete present state) or
`Refused`, after which it hangs up. All limits on what a peer may send stand here.
"""

import socket
import struct
from typing import Literal, TypeVar

import msgspec

from .commands import Applied, Command, Rejected
from .state import State
from .views import Request, View

VERSION = 2
FROM_CLIENT = 64 * 1024  # bytes a client's frame may have
FROM_ENGINE = 16 * 1024 * 1024
MAX_REQUESTS = 32

Frame = TypeVar("Frame")
_HEADER = struct.Struct(">I")
HEADER_BYTES = _HEADER.size


class ProtocolError(ValueError):
    """The peer broke the contract; the sentence may be sent to it."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """A client's first frame. `name` is who the journal will say it was."""

    version: int
    role: Literal["driver", "watcher"] = "driver"
    name: str = ""


class Order(msgspec.Struct, frozen=True, tag="order"):
    """A command with the client's own number, which its answer carries."""

    id: int
    command: Command


class Look(msgspec.Struct, frozen=True, tag="look"):
    """The views this client wants from now on, replacing what it wanted before."""

    requests: tuple[Request, ...]


class Seen(msgspec.Struct, frozen=True, tag="seen"):
    """The latest value of a view was taken in; the next may be sent."""

    request: Request


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Exact values of one series from step `first` to `last`, both included."""

    id: int
    series: str
    first: int
    last: int


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """The engine's first frame. `role` is the one granted."""

    version: int
    role: Literal["driver", "watcher"]
    state: State


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The engine drops this client."""

    reason: Literal["version", "frame", "size", "order", "busy"]
    sentence: str


class Shown(msgspec.Struct, frozen=True, tag="shown"):
    """The latest value of a view."""

    request: Request
    view: View


class History(msgspec.Struct, frozen=True, tag="history"):
    """The exact values asked for: those there are, at most 10,000 at a time (then `more`)."""

    id: int
    steps: list[int]
    values: list[float]
    more: bool = False


class Bye(msgspec.Struct, frozen=True, tag="bye"):
    """The run has ended and the engine is about to."""

    reason: str
    state: State


ClientFrame = Hello | Order | Look | Seen | Ask
EngineFrame = Welcome | Refused | Applied | Rejected | Shown | History | Bye

_encoder = msgspec.msgpack.Encoder()
_client_decoder: "msgspec.msgpack.Decoder[ClientFrame]" = msgspec.msgpack.Decoder(ClientFrame)
_engine_decoder: "msgspec.msgpack.Decoder[EngineFrame]" = msgspec.msgpack.Decoder(EngineFrame)


def encode(frame: ClientFrame | EngineFrame) -> bytes:
    """A whole frame, header included."""
    body = _encoder.encode(frame)
    return _HEADER.pack(len(body)) + body


def body_length(header: bytes, limit: int) -> int:
    """Length of the body that follows; raises `ProtocolError` above `limit`."""
    (length,) = _HEADER.unpack(header)
    if length > limit:
        raise ProtocolError(f"a frame of {length} bytes is over the limit of {limit}")
    return length


def decode_client(body: bytes) -> ClientFrame:
    """What a client sent; raises `ProtocolError` for anything that is not of the contract."""
    return _decode(_client_decoder, body)


def decode_engine(body: bytes) -> EngineFrame:
    """What the engine sent; raises `ProtocolError` likewise."""
    return _decode(_engine_decoder, body)


def _decode(decoder: "msgspec.msgpack.Decoder[Frame]", body: bytes) -> Frame:
    try:
        return decoder.decode(body)
    except RecursionError:
        raise ProtocolError("the frame is nested too deeply") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise ProtocolError(f"not a frame of version {VERSION}: {error}") from None


def receive(sock: socket.socket, limit: int = FROM_ENGINE) -> bytes:
    """One body from a blocking socket; raises `EOFError` where the peer hung up."""
    return _read(sock, body_length(_read(sock, HEADER_BYTES), limit))


def _read(sock: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = sock.recv(count - len(parts))
        if not part:
            raise EOFError("the engine hung up")
        parts += part
    return bytes(parts)
