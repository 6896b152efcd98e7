"""Captured and resumed training goes on as if it had never stopped."""

from pathlib import Path

import pytest
import torch
from foghill.engine.training.checkpoint import capture, resume
from foghill.engine.training.reconfigure import turn
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    dismiss,
    drawn,
    everything,
    seeded,
    take,
    training,
)

from training.test_items import NOISY

SCHEDULED = (
    RESTLESS
    + """
def optimizer(parameters, lr: float = 0.1, gamma: float = 0.9):
    descent = torch.optim.SGD(parameters, lr=lr, momentum=0.9)
    return descent, torch.optim.lr_scheduler.StepLR(descent, 3, gamma)
"""
)
CASES = {
    "dropout, batch norm and Adam": (RESTLESS, {}),
    "momentum": (RESTLESS, {"optimizer": "sgd", "momentum": 0.9}),
    "a scheduler": (SCHEDULED, {}),
    "cosine": (RESTLESS, {"schedule": "cosine", "stop": "step>=60"}),
    "gradients that pile up": (REGRESSION, {"zero_grad": "off", "lr": 1e-4, "batch_size": 7}),
    "a Dataset": (NOISY, {}),
    "a Dataset with a worker": (NOISY, {"num_workers": 1}),
}


@pytest.mark.parametrize("case", CASES)
def test_resuming_is_exact_in_the_same_and_in_a_fresh_training(tmp_path: Path, case: str):
    source, typed = CASES[case]
    t = training(tmp_path, source, **typed)
    take(t, 8)  # in the middle of an epoch
    state = capture(t)
    losses, after = take(t, 20), everything(t)
    for again in (t, training(tmp_path, source, **typed)):
        resume(again, state)
        assert take(again, 20) == losses
        assert not differing(everything(again), after)
    dismiss(t)
    dismiss(again)


def test_the_length_before_clipping_goes_back_with_the_gradients(tmp_path: Path):
    t = training(tmp_path, REGRESSION, clip=0.1)
    take(t, 3)
    state, before = capture(t), t.norm.item()
    take(t, 3)
    resume(t, state)
    assert t.norm.item() == before


def test_a_state_is_a_copy_and_serves_twice(tmp_path: Path):
    t = training(tmp_path, SCHEDULED)
    take(t, 5)
    state, before = capture(t), everything(t)
    for _ in range(2):
        take(t, 9)
        resume(t, state)
        assert not differing(everything(t), before)


def test_knobs_turned_since_go_back(tmp_path: Path):
    t = training(tmp_path, SCHEDULED.replace("lr: float = 0.1, ", "").replace("lr=lr", "lr=0.1"))
    take(t, 5)
    turn(t, {"lr": 0.3})
    state = capture(t)
    losses = take(t, 10)
    turn(t, {"lr": 0.01, "batch_size": 3, "clip": 0.1})
    take(t, 4)
    resume(t, state)
    assert take(t, 10) == losses
    assert (t.values["lr"], t.values["clip"]) == (0.3, 0.0)


def test_under_a_cosine_the_lr_turned_since_goes_back(tmp_path: Path):
    t = training(tmp_path, RESTLESS, schedule="cosine", stop="step>=60")
    take(t, 5)
    state = capture(t)
    losses = take(t, 10)
    turn(t, {"lr": 0.5})
    resume(t, state)
    assert take(t, 10) == losses


def test_buffers_that_no_state_dict_has_go_back_too(tmp_path: Path):
    source = (
        REGRESSION
        + """
class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 1)
        self.register_buffer("mean", torch.zeros(1), persistent=False)
    def forward(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x.mean().detach()
        return self.line(x) + self.mean

def model():
    return Counting()
"""
    )
    t = training(tmp_path, source, batch_size=8)
    take(t, 3)
    state = capture(t)
    losses = take(t, 10)
    resume(t, state)
    assert take(t, 10) == losses


def test_taking_a_state_down_changes_nothing(tmp_path: Path):
    one, two = training(tmp_path, RESTLESS), training(tmp_path, RESTLESS)
    seeded(3)
    losses: list[float] = []
    for _ in range(10):
        losses += take(one, 1)
        before = drawn()
        capture(one)
        assert not differing(before, drawn())
    seeded(3)
    assert take(two, 10) == losses


def test_the_seeds_come_back(tmp_path: Path):
    t = training(tmp_path, seed=4, data_seed=5)
    state = capture(t)
    other = training(tmp_path)
    resume(other, state)
    assert (other.seed, other.data_seed, other.values["seed"]) == (4, 5, 4)
    assert torch.equal(other.parameters[0], t.parameters[0])
