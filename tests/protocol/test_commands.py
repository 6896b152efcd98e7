"""Commands travel as what they are, and only as that."""

import typing

import msgspec
import pytest
from foghill.engine.protocol import commands
from foghill.engine.protocol.commands import Answer, Command

KINDS: tuple[type[msgspec.Struct], ...] = typing.get_args(Command)
EXAMPLES: list[Command] = [
    commands.Run("epoch>=3"),
    commands.Pause(),
    commands.Step("phase", 3),
    commands.Set({"lr": 0.1, "shuffle": False, "optimizer": "adam", "batch_size": 32}),
    commands.SetBack("lr"),
    commands.Speed(30.0),
    commands.Restart("weights"),
    commands.Validate(),
    commands.Compare(({"lr": 0.3}, {"lr": 1.0, "optimizer": "adam"})),
    commands.FindRate(1e-6, 1.0, 50),
    commands.Edit("layers.0.weight", 3, -0.5),
    commands.Save("/weights/digits.safetensors"),
    commands.Load("/weights/digits.pt"),
    commands.Stop(delete=True),
]


def test_there_is_an_example_of_every_command() -> None:
    assert {type(command) for command in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda command: type(command).__name__)
def test_a_command_comes_back_equal_and_cannot_be_changed(command: Command) -> None:
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(command), type=Command)
    assert again == command
    for field in command.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(again, field, None)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_command_says_what_it_does_and_takes_no_other_field(kind: type[msgspec.Struct]) -> None:
    assert kind.__doc__
    tag = kind.__struct_config__.tag
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode({"do": tag, "eval": "1"}), type=Command)


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "step", "unit": "week"},
        {"do": "step", "count": 1.5},
        {"do": "restart", "new": "everything"},
        {"do": "set"},
        {"do": "set", "values": {"lr": [0.1]}},
        {"do": "set", "values": {"lr": None}},
        {"do": "speed", "steps_per_second": "fast"},
        {"do": "stop", "delete": 1},
    ],
    ids=str,
)
def test_wrong_arguments_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(wrong), type=Command)


def test_an_answer_is_one_of_two_kinds() -> None:
    applied = commands.Applied(4, 200, "zero", (commands.Change("lr", 0.1, 0.2, 0.2),), "noted")
    rejected = commands.Rejected(5, "lr takes a number, not 'fast'", "a number, at least 0")
    for answer in (applied, rejected):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(answer), type=Answer) == answer
