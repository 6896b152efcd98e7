"""The loop against ten plain lines of PyTorch: equal losses and weights, bit for bit."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.training.loop import train
from plain import REGRESSION, RESTLESS, differing, everything, phases, plain_loop, take, training
from torch.optim import SGD, Adam, AdamW, RMSprop

CASES: dict[str, tuple[Any, dict[str, object], dict[str, Any]]] = {
    "sgd": (lambda p: SGD(p), {}, {}),
    "sgd with lr": (lambda p: SGD(p, lr=0.3), {"lr": 0.3}, {}),
    "momentum": (
        lambda p: SGD(p, lr=0.1, momentum=0.9),
        {"lr": 0.1, "momentum": 0.9},
        {},
    ),
    "nesterov": (
        lambda p: SGD(p, lr=0.05, momentum=0.8, nesterov=True),
        {"lr": 0.05, "momentum": 0.8, "nesterov": "on"},
        {},
    ),
    "nesterov without momentum": (lambda p: SGD(p, lr=0.05), {"lr": 0.05, "nesterov": "on"}, {}),
    "weight decay": (
        lambda p: SGD(p, lr=0.1, weight_decay=0.01),
        {"lr": 0.1, "weight_decay": 0.01},
        {},
    ),
    "adam": (lambda p: Adam(p), {"optimizer": "adam"}, {}),
    "adam with lr and decay": (
        lambda p: Adam(p, lr=0.02, weight_decay=0.1),
        {"optimizer": "adam", "lr": 0.02, "weight_decay": 0.1},
        {},
    ),
    "adamw": (lambda p: AdamW(p), {"optimizer": "adamw"}, {}),
    "rmsprop": (lambda p: RMSprop(p), {"optimizer": "rmsprop"}, {}),
    "rmsprop with momentum": (
        lambda p: RMSprop(p, lr=0.001, momentum=0.9),
        {"optimizer": "rmsprop", "lr": 0.001, "momentum": 0.9},
        {},
    ),
    "clip": (lambda p: SGD(p, lr=0.5), {"lr": 0.5, "clip": 0.05}, {"clip": 0.05}),
    "gradients pile up": (
        lambda p: SGD(p, lr=1e-4),
        {"lr": 1e-4, "zero_grad": "off"},
        {"zero_grad": False},
    ),
    "in the data's order": (
        lambda p: SGD(p, lr=0.1),
        {"lr": 0.1, "shuffle": "off"},
        {"shuffle": False},
    ),
    "cosine": (
        lambda p: SGD(p, lr=0.2),
        {"lr": 0.2, "schedule": "cosine", "stop": "step>=200"},
        {"cosine": 200},
    ),
    "another seed": (
        lambda p: SGD(p, lr=0.1),
        {"lr": 0.1, "seed": 4294967295},
        {"seed": 2**32 - 1},
    ),
    "mean absolute error": (
        lambda p: SGD(p, lr=0.1),
        {"lr": 0.1, "loss": "mae"},
        {"loss": torch.nn.functional.l1_loss},
    ),
    "huber": (
        lambda p: SGD(p, lr=0.1),
        {"lr": 0.1, "loss": "huber"},
        {"loss": torch.nn.functional.huber_loss},
    ),
}


@pytest.mark.parametrize("batch", [7, 50, 1000], ids=["mini-batch", "full batch", "more than all"])
@pytest.mark.parametrize("case", CASES)
def test_200_losses_and_the_weights_equal_a_plain_loops(tmp_path: Path, case: str, batch: int):
    optimizer, typed, more = CASES[case]
    t = training(tmp_path, REGRESSION, batch_size=batch, **typed)
    losses = take(t, 200)
    expected, model = plain_loop(REGRESSION, optimizer, 200, batch, **more)
    assert losses == expected
    assert all(map(torch.equal, t.model.parameters(), model.parameters()))


def test_classes_equal_a_plain_loop(tmp_path: Path):
    source = REGRESSION.replace(".sin()", "> 0).long()").replace("return x, (", "return x, ((")
    source = source.replace("nn.Linear(hidden, 1)", "nn.Linear(hidden, 2)")
    t = training(tmp_path, source, optimizer="adam", batch_size=16)
    losses = take(t, 200)
    cross_entropy = torch.nn.functional.cross_entropy
    assert losses == plain_loop(source, Adam, 200, 16, loss=cross_entropy)[0]


def test_dropout_draws_what_a_plain_loop_draws(tmp_path: Path):
    source = REGRESSION.replace("dropout: float = 0.0", "dropout: float = 0.3")
    t = training(tmp_path, source, batch_size=16, lr=0.1)
    assert take(t, 200) == plain_loop(source, lambda p: SGD(p, lr=0.1), 200, 16)[0]


def test_it_yields_the_phases_in_order_and_closing_it_stops_in_between(tmp_path: Path):
    t = training(tmp_path)
    loop = train(t)
    expected = ["batch", "predict", "loss", "zero", "backward", "update"]
    assert [next(loop) for _ in range(12)] == expected * 2
    assert (t.step, next(loop), next(loop)) == (2, "batch", "predict")
    loop.close()
    assert (t.step, list(loop)) == (2, [])


def test_stepping_by_hand_changes_nothing(tmp_path: Path):
    free = training(tmp_path, RESTLESS)
    losses, after = take(free, 30), everything(free)
    by_hand = training(tmp_path, RESTLESS)
    by_hand.careful = True
    assert take(by_hand, 30) == losses
    assert not differing(everything(by_hand), after)


def test_the_loss_is_read_before_the_update_is_made(tmp_path: Path):
    t = training(tmp_path, lr=0.1, batch_size=50)
    weights = [p.detach().clone() for p in t.parameters]
    phases(t, 5)
    assert all(map(torch.equal, weights, t.parameters))
    assert t.value > 0
