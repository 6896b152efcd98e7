"""Requests are values that can be shared, views are data that arrives equal."""

import typing

import msgspec
import pytest
from foghill.engine.protocol import pictures, views
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import Request, View

REQUESTS: list[Request] = [
    views.StateRequest(),
    views.CurveRequest(("loss", "accuracy"), 10, 200, 80),
    views.PhasesRequest(),
    views.PictureRequest("gallery", 60, 20, 24),
    views.PredictRequest((0.5, -1.0), 3),
    views.OutputRequest(50),
]
PAIR = ([1.0, 2.0], [3.0, 4.0])
TRIPLE = ([1.0], [2.0], [0.0])
VIEWS: list[View] = [
    State(run="parabola", directory="/runs/parabola", experiment="parabola"),
    views.Curve(
        0, 9, 2, (views.Line("loss", [0, 2], [1, 1], [2, 2], [3, 3], [4]),), (views.Mark(3, "lr"),)
    ),
    views.Phases(7, 2, (views.PhaseRow("batch", "20 f32", "", "x, y = next(batches)"),)),
    pictures.Fit("t", "y", PAIR, PAIR, (("y", [1.0], [2.0]),)),
    pictures.Field(
        "a", "b", (0.0, 1.0), (0.0, 2.0), [[1.0]], [[0.5]], ("in", "out"), TRIPLE, TRIPLE
    ),
    pictures.Gallery(
        ("0", "1"), (pictures.Example(3, 2, 1, b"\x00\xff", 1, 0, [0.5, 0.5]),), 9, "train"
    ),
    pictures.Confusion(("0", "1"), [[3, 1], [0, 4]], "held out"),
    pictures.Scatter("price", [1.0], [2.0], [], []),
    pictures.Bars("weights", ("age", "bias"), [0.1, -0.2]),
    pictures.Drawing((("line", [1.0]),), (("map", [[1.0]]),)),
    pictures.Table("steps", ("step", "loss"), (("1", "0.5"),), ("one step",), (0,)),
    pictures.Landscape(
        ("w",), [0.0, 1.0], [], [[1.4, 0.65]], pictures.Trail("run", [0.0], [], [1.4])
    ),
    pictures.Network((pictures.Layer("0", "Linear 2→4", "10×4", 12, 0.5),), 12),
    pictures.Comparison((pictures.Entrant("this run", 3, 0.5, 0.4, 2),)),
    pictures.Rates(knob="lr", log=True, present=0.1),
    pictures.Prediction(("x",), [1.0], (1,), "2.5", values=[2.5]),
    views.Output(("hello",), "/runs/parabola/engine.log"),
    views.Failed("view() raised ValueError"),
]


def kinds(union: object) -> set[type]:
    """The members of a union of classes, also of unions in it."""
    members = typing.get_args(union)
    return {k for member in members for k in (kinds(member) or {member})}


def test_there_is_an_example_of_everything() -> None:
    assert {type(request) for request in REQUESTS} == kinds(Request)
    assert {type(view) for view in VIEWS} == kinds(View)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_an_equal_request_is_the_same_request(request_: Request) -> None:
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(request_), type=Request)
    assert again == request_
    assert {request_: "shared"}[again] == "shared"


def test_different_requests_are_told_apart() -> None:
    assert len({*REQUESTS, views.CurveRequest(), views.PictureRequest("fit")}) == 8


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: type(view).__name__)
def test_a_view_arrives_equal(view: View) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(view), type=View) == view


def test_a_request_takes_no_other_field() -> None:
    sent = msgspec.msgpack.encode({"type": "phases", "path": "/etc"})
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(sent, type=Request)
