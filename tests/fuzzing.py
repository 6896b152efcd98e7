"""What nobody should send: frames from a seed, and command sequences for Hypothesis.

Used by `test_fuzz.py` for a little of it, and by `bench/promises.py` for very much.
"""

import random
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from foghill.engine.experiment.run_knobs import RUN_KNOBS
from foghill.engine.protocol import frames
from foghill.engine.protocol.commands import (
    Command,
    Pause,
    Restart,
    Run,
    Set,
    SetBack,
    Speed,
    Step,
    Stop,
    Validate,
)
from foghill.engine.protocol.frames import Ask, Hello, Look, Order, Seen
from foghill.engine.protocol.views import (
    CurveRequest,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    Request,
    StateRequest,
)
from hypothesis import strategies as st

# A file whose every knob may be turned to anything within its bounds.
EXPERIMENT = """
from typing import Annotated, Literal
import torch
from torch import nn
settings = {"lr": 0.01, "batch_size": 8}

def data(points: Annotated[int, (4, 64)] = 40, noise: Annotated[float, (0.0, 1.0)] = 0.1):
    x = torch.rand(points, 1)
    return x, x.sin() + noise * torch.randn(points, 1)

def model(width: Annotated[int, (1, 8)] = 4, act: Literal["tanh", "relu"] = "tanh"):
    between = {"tanh": nn.Tanh, "relu": nn.ReLU}[act]()
    return nn.Sequential(nn.Linear(1, width), between, nn.Dropout(0.1), nn.Linear(width, 1))
"""
REQUESTS: tuple[Request, ...] = (
    StateRequest(),
    CurveRequest(("loss", "valid_loss"), 3, 99, 80),
    PhasesRequest(),
    PictureRequest("fit", 30, 10, 2),
    OutputRequest(20),
)
COMMANDS: tuple[Command, ...] = (
    Run("valid_loss<0.1"),
    Pause(),
    Step("epoch", 3),
    Set({"lr": 0.5, "optimizer": "adam", "nesterov": True, "batch_size": 7}),
    SetBack("lr"),
    Speed(30.0),
    Restart("weights"),
    Validate(),
    Stop(),
)
FRAMES: tuple[frames.ClientFrame, ...] = (
    *(Order(number, command) for number, command in enumerate(COMMANDS)),
    Hello(frames.VERSION, "watcher", "somebody"),
    Look(REQUESTS),
    *(Seen(request) for request in REQUESTS),
    Ask(7, "loss", 1, 100),
)
BODIES = tuple(frames.encode(frame)[frames.HEADER_BYTES :] for frame in FRAMES)
# what msgpack can say and a contract seldom expects
ODD = (
    b"\xc0",
    b"\xc1",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xcb\xff\xf0\x00\x00\x00\x00\x00\x00",
    b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\xdb\xff\xff\xff\xff",
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc7\x05\x01hello",
    b"\xa2\xff\xfe",
    b"\xd9\x00",
    b"\x81\xa4type",
)


def bodies(seed: int) -> Iterator[bytes]:
    """Bodies of frames without end: broken, cut, spliced, odd, nested, and some sound ones."""
    draw = random.Random(seed)
    while True:
        body = bytearray(draw.choice(BODIES))
        match draw.randrange(9):
            case 0:
                body = bytearray(draw.randbytes(draw.randrange(64)))
            case 1:
                del body[draw.randrange(len(body) + 1) :]
            case 2:
                other = draw.choice(BODIES)
                body = body[: draw.randrange(len(body))] + other[draw.randrange(len(other)) :]
            case 3:
                at = draw.randrange(len(body))
                body[at : at + draw.randrange(4)] = draw.choice(ODD)
            case 4:
                depth = draw.choice((3, 50, 500, 5000))
                body = bytearray(draw.choice((b"\x91", b"\x81\xa1a")) * depth + b"\xc0")
            case 5:
                body += draw.choice(ODD)
            case 6:
                pass
            case _:
                for _ in range(draw.randrange(1, 5)):
                    body[draw.randrange(len(body))] = draw.randrange(256)
        yield bytes(body)


def checked(body: bytes) -> bool:
    """Decode it both ways: a frame or a `ProtocolError`. Whether a client may say it."""
    with suppress(frames.ProtocolError):
        frames.decode_engine(body)
    try:
        return isinstance(frames.decode_client(body), frames.ClientFrame)
    except frames.ProtocolError:
        return False


def wire(body: bytes, draw: random.Random) -> bytes:
    """The body with its header; now and then the header lies."""
    length = len(body)
    if draw.random() < 0.1:
        length = draw.choice((0, max(0, length - 1), length + 1, 2**16 + 1, 2**31, 2**32 - 1))
    return length.to_bytes(frames.HEADER_BYTES, "big") + body


def resident() -> int:
    """Bytes of memory that this process holds now (Linux), or held at most."""
    return resident_of("self")


def resident_of(process: int | str) -> int:
    """The same of any process."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()


# --- commands

_NUMBERS = st.one_of(
    st.integers(-2, 70),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(0, 1),
    st.sampled_from([0.0, -0.0, 1e-300, 1e308, float("nan"), 2**53 + 1]),
)
_KNOBS = {knob.name for knob in RUN_KNOBS} - {"num_workers"} | {"points", "noise", "width", "act"}
_CHOICES = [choice for knob in RUN_KNOBS for choice in knob.choices]
_STOPS = ["step>=5", "epoch>=2", "loss<1e-9", "valid_loss<0", "time>=9h", "step>=1e300"]
_WORDS = [*_CHOICES, *_STOPS, "cpu", "cuda", "mps", "tanh", "relu", "on", "off"]
_NAMES = st.sampled_from([*sorted(_KNOBS), "nothing", ""])
_VALUES = st.one_of(_NUMBERS, st.booleans(), st.sampled_from(_WORDS), st.text(max_size=8))
_FITTING = st.one_of(
    st.tuples(st.just("optimizer"), st.sampled_from(["sgd", "adam", "adamw", "rmsprop"])),
    st.tuples(st.just("lr"), st.floats(0, 0.5)),
    st.tuples(st.just("momentum"), st.floats(0, 1)),
    st.tuples(st.just("nesterov"), st.booleans()),
    st.tuples(st.just("batch_size"), st.integers(1, 70)),
    st.tuples(st.just("points"), st.integers(4, 64)),
    st.tuples(st.just("width"), st.integers(1, 8)),
    st.tuples(st.just("valid"), st.floats(0, 0.9)),
    st.tuples(st.just("valid_every"), st.integers(0, 5)),
    st.tuples(st.just("patience"), st.integers(0, 3)),
    st.tuples(st.just("act"), st.sampled_from(["tanh", "relu"])),
    st.tuples(st.just("stop"), st.sampled_from(_STOPS)),
    st.tuples(st.just("loss"), st.sampled_from(["mse", "mae", "huber", "auto"])),
    st.tuples(st.just("zero_grad"), st.booleans()),
    st.tuples(st.just("seed"), st.integers(0, 9)),
)
_TURNS = st.one_of(
    st.dictionaries(_NAMES, _VALUES, max_size=3).map(lambda values: _few_threads(values)),
    st.lists(_FITTING, min_size=1, max_size=3).map(dict),
)


def _few_threads(values: dict[str, object]) -> dict[str, object]:
    """No sequence may start hundreds of threads; that only costs time."""
    threads = values.get("threads")
    if isinstance(threads, int | float) and 4 < threads <= 256:
        values["threads"] = 2
    return values


anything = st.one_of(
    st.builds(Run, st.sampled_from(["", "", *_STOPS, "soon", "step>=0"])),
    st.just(Pause()),
    st.builds(Step, st.sampled_from(["phase", "step", "epoch"]), st.integers(-1, 9)),
    st.builds(Step, st.sampled_from(["phase", "step", "epoch"]), st.integers(0, 2**62)),
    st.builds(Set, _TURNS),
    st.builds(Set, _TURNS),
    st.builds(SetBack, _NAMES),
    st.builds(Speed, _NUMBERS),
    st.builds(Restart, st.sampled_from(["nothing", "weights", "data"])),
    st.just(Validate()),
)
sequences = st.lists(anything, min_size=1, max_size=8)

# what is refused by every run of `EXPERIMENT`, whatever it does, and what only looks
refused = st.one_of(
    st.builds(Set, st.dictionaries(st.sampled_from(["", "nothing", "Lr"]), _VALUES, min_size=1)),
    st.builds(Set, st.fixed_dictionaries({"lr": st.floats(max_value=-1e-9)})),
    st.just(Set({"width": 3, "points": 1})),
    st.just(Set({"noise": 0.5, "device": "cuda:99"})),
    st.just(Set({"optimizer": "adam", "precision": "fp16"})),
    st.just(Set({"batch_size": 3, "schedule": "cosine"})),
    st.builds(SetBack, st.sampled_from(["lr", "nothing", "points"])),
    st.builds(Step, st.just("step"), st.integers(-9, 0)),
    st.builds(Speed, st.floats(max_value=-1e-9)),
    st.builds(Run, st.sampled_from(["soon", "step>=0", "loss"])),
)
looks = st.one_of(
    st.just(PhasesRequest()),
    st.builds(
        PictureRequest,
        st.sampled_from(["fit", "predicted", "weights", "nothing"]),
        st.integers(1, 60),
        st.integers(1, 20),
        st.integers(0, 5),
    ),
)
harmless = st.lists(st.one_of(refused, looks), min_size=1, max_size=8)
