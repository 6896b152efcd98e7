"""bend: without activations a stack is one matrix and one cut; with any of them it is more."""

from importlib import import_module

import torch
from torch import Tensor, nn

from lessons.plain import experiment, trained
from lessons.seeds import promise

BENDS = ("relu", "gelu", "sigmoid", "tanh")


@promise()
def test_a_stack_without_bends_never_parts_the_corners(seed: int):
    for layers in (2, 4):
        run = trained("bend", seed, layers=layers)
        assert run.loss > 0.6
        assert run.train < 0.85


@promise()
def test_every_bend_parts_them(seed: int):
    for activation in BENDS:
        run = trained("bend", seed, activation=activation)
        assert run.loss < 0.1
        assert run.valid > 0.95


@promise()
def test_one_unit_bends_too_little(seed: int):
    for activation in ("relu", "tanh"):
        assert trained("bend", seed, activation=activation, width=1).loss > 0.3


@promise()
def test_the_printed_product_is_the_effective_map(seed: int):
    """Against the affine map found by looking at the network as a black box."""
    run = trained("bend", seed, 50, layers=4, width=3)
    lesson = experiment("bend")
    with torch.no_grad():
        drawn = lesson.call("view_product", run.model, *run.parts[0])
        bias = run.model(torch.zeros(1, 2))[0]
        columns = [run.model(torch.eye(2)[i : i + 1])[0] - bias for i in range(2)]
    text = drawn["one layer"]
    assert "W4·W3·W2·W1" in text
    numbers = [
        float(word.strip("[]")) for word in text.replace("[", " ").split() if is_number(word)
    ]
    rows = torch.stack(columns, 1)
    expected = [*rows[0].tolist(), *bias.tolist(), *rows[1].tolist()]
    assert torch.allclose(torch.tensor(numbers[:6]), torch.tensor(expected), atol=6e-4)
    assert "the stack is one layer" in text
    assert [tuple(drawn[f"W{k}"].shape) for k in range(1, 5)] == [(3, 2), (3, 3), (3, 3), (2, 3)]


def is_number(word: str) -> bool:
    try:
        float(word.strip("[]"))
    except ValueError:
        return False
    return True


@promise()
def test_with_a_bend_stack_and_product_part(seed: int):
    run = trained("bend", seed, 100, activation="relu")
    with torch.no_grad():
        text = experiment("bend").call("view_product", run.model, *run.parts[0])["one layer"]
    assert "something no single layer is" in text


def test_all_five_are_compared_from_one_start():
    lesson = import_module("foghill.engine.lessons.bend")
    assert [replica["activation"] for replica in lesson.compare] == list(BENDS)

    def start(activation: str) -> list[Tensor]:
        torch.manual_seed(3)
        return list(experiment("bend", activation=activation).call("model").parameters())

    for activation in BENDS:
        pairs = zip(start("none"), start(activation), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
    assert isinstance(experiment("bend").call("model")[1], nn.Identity)
