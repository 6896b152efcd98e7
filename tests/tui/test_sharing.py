"""These settings as a line: pasted, it starts the same run."""

import shlex
from dataclasses import replace

from fakes_tui import RUN, state_of
from foghill.tui.cli import build_parser
from foghill.tui.keys import read, split
from foghill.tui.sharing import line
from foghill.tui.state import ScreenState
from msgspec.structs import replace as with_fields

SPEC = RUN.spec


def turned(**values: object) -> ScreenState:
    state = state_of(pictures=("fit", "hill"))
    knobs = tuple(
        with_fields(knob, value=values.get(knob.name, knob.default)) for knob in state.knobs
    )
    return ScreenState(with_fields(state, knobs=knobs))


def pasted(text: str) -> tuple[str, dict[str, str], list[str]]:
    """Experiment, settings and keys that the command line understands from it."""
    words = shlex.split(text)
    assert words[0] == "foghill"
    chosen = build_parser().parse_args(words[1:])
    settings, moves = split(read(chosen.keys))
    return chosen.experiment, settings, [move.text for move in moves]


def test_nothing_turned_is_the_bare_command():
    screen = turned()
    assert line(screen.run, screen, SPEC) == "foghill run parabola"


def test_what_differs_from_the_defaults_comes_back_exactly():
    screen = turned(lr=0.1 + 0.2, nesterov=True, stop="step>=20 or epoch>=3", seed=7)
    text = line(screen.run, screen, SPEC)
    assert pasted(text) == (
        "parabola",
        {
            "lr": repr(0.1 + 0.2),
            "nesterov": "on",
            "stop": "step>=20 or epoch>=3",
            "seed": "7",
        },
        [],
    )


def test_the_picture_comes_along():
    screen = replace(turned(lr=0.5), picture="hill")
    assert line(screen.run, screen, SPEC) == 'foghill run parabola --keys "lr=0.5 H"'


def test_what_is_hidden_stays_hidden():
    spec = with_fields(SPEC, hide=("momentum", "hill"))
    text = line(turned(lr=0.5).run, turned(lr=0.5), spec, ("hill", "seed"))
    assert text == "foghill run parabola --hide momentum,hill,seed --keys lr=0.5"
    assert build_parser().parse_args(shlex.split(text)[1:]).hide == ["momentum,hill,seed"]


def test_a_table_and_its_weights():
    spec = with_fields(SPEC, experiment="my houses.csv", target="price", weights="/w/a b.pt")
    text = line(turned().run, turned(), spec)
    chosen = build_parser().parse_args(shlex.split(text)[1:])
    assert (chosen.experiment, chosen.target) == ("my houses.csv", "price")
    assert chosen.weights == "/w/a b.pt"
