"""The loss over all training data and its gradient, without a trace in the training."""

from pathlib import Path

import pytest
import torch
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.objective import whole_gradient, whole_loss
from plain import RESTLESS, training

OWN_STEP = """
import torch
from torch import nn
settings = {"valid": 0.0}
def data():
    x = torch.linspace(-2, 2, 60).reshape(30, 2)
    return x, x.prod(1)
def model(): return nn.Linear(2, 1)
def step(model, batch):
    x, y = batch
    return {"error": (model(x).reshape(-1) - y).abs().mean(), "pull": model.weight.square().sum()}
"""
SPARE = """
import torch
from torch import nn
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.spare = nn.Linear(2, 1), nn.Linear(2, 1)
        self.used.bias.requires_grad_(False)
    def forward(self, x): return self.used(x)
def data():
    x = torch.linspace(-2, 2, 60).reshape(30, 2)
    return x, x.prod(1)
def model(): return Model()
"""


def test_it_is_the_loss_of_plain_torch_and_so_is_its_gradient(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    with looking(t.model):
        loss, count = whole_loss(t)
        found = whole_gradient(t)
    x, y = t.parts.train.rows(10**9)
    t.model.eval()
    expected = torch.nn.functional.cross_entropy(t.model(x), y)
    expected.backward()
    assert count == len(y)
    assert loss.item() == expected.item()
    assert not loss.requires_grad
    for name, parameter in t.model.named_parameters():
        assert torch.equal(found[name], parameter.grad), name


def test_it_leaves_gradients_buffers_and_generators_alone(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    state = {name: value.clone() for name, value in t.model.state_dict().items()}
    drawn = torch.get_rng_state()
    with looking(t.model):
        whole_gradient(t)
    assert all(p.grad is None for p in t.parameters)
    assert all(torch.equal(state[name], value) for name, value in t.model.state_dict().items())
    assert torch.equal(drawn, torch.get_rng_state())
    assert all(part.training for part in t.model.modules())


def test_an_own_step_is_used_and_its_parts_are_summed(tmp_path: Path):
    t = training(tmp_path, OWN_STEP)
    with looking(t.model):
        loss, _ = whole_loss(t)
    x, y = t.parts.train.rows(10**9)
    with torch.no_grad():
        expected = (t.model(x).reshape(-1) - y).abs().mean() + t.model.weight.square().sum()
    assert loss.item() == pytest.approx(expected.item())


def test_what_is_not_reached_has_no_slope_and_what_is_frozen_is_left_out(tmp_path: Path):
    t = training(tmp_path, SPARE)
    with looking(t.model):
        found = whole_gradient(t)
    assert sorted(found) == ["spare.bias", "spare.weight", "used.weight"]
    assert not found["spare.weight"].any()
    assert found["used.weight"].any()
