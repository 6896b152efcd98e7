"""Steepness against the Hessian written down, and what Newton's step reaches."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.coach import curvature
from foghill.engine.callbacks.coach.copies import Copies
from foghill.engine.training.eval_mode import looking
from plain import take, training
from torch import Tensor

BOWL = """
import torch
from torch import nn
class Bowl(nn.Module):
    def __init__(self):
        super().__init__()
        A = torch.tensor([[40.0, 3.0, 0.0], [3.0, 5.0, 1.0], [0.0, 1.0, 0.5]])
        self.register_buffer("A", A)
        self.w = nn.Parameter(torch.tensor([1.0, -2.0, 3.0]))
    def forward(self):
        return 0.5 * self.w @ self.A @ self.w + 7
def model(): return Bowl()
"""
A = torch.tensor([[40.0, 3.0, 0.0], [3.0, 5.0, 1.0], [0.0, 1.0, 0.5]], dtype=torch.float64)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_the_steepest_curvature_is_the_largest_eigenvalue(tmp_path: Path):
    t = training(tmp_path, BOWL, lr=0.01)
    with looking(t.model):
        here = Copies(t, 1.0)
        scale = curvature.preconditioner(here)
        assert scale is not None
        steep = curvature.steepest(here, scale, 20)
    largest = torch.linalg.eigvalsh(A).max().item()
    assert steep == pytest.approx(largest, rel=1e-6)
    assert curvature.limit(t.optimizer, steep) == pytest.approx(2 / largest, rel=1e-6)
    assert curvature.limit(t.optimizer, None) is None


def test_the_limit_is_where_gradient_descent_starts_to_diverge(tmp_path: Path):
    largest = torch.linalg.eigvalsh(A).max().item()
    for momentum in (0.0, 0.9):
        limit = 2 * (1 + momentum) / largest
        below = take(training(tmp_path, BOWL, lr=0.98 * limit, momentum=momentum), 400)[-1]
        above = take(training(tmp_path, BOWL, lr=1.02 * limit, momentum=momentum), 400)[-1]
        t = training(tmp_path, BOWL, lr=limit, momentum=momentum)
        assert curvature.limit(t.optimizer, largest) == pytest.approx(limit)
        assert below < 30
        assert not above < 1000


def test_adam_is_seen_through_its_preconditioner(tmp_path: Path):
    t = training(tmp_path, BOWL, optimizer="adam", lr=0.05)
    take(t, 30)
    state = t.optimizer.state[t.parameters[0]]
    v = state["exp_avg_sq"].double() / (1 - 0.999 ** float(state["step"]))
    P = v.sqrt() + 1e-8
    expected = torch.linalg.eigvalsh(A / P.sqrt()[:, None] / P.sqrt()[None, :]).max().item()
    with looking(t.model):
        here = Copies(t, 1.0)
        scale = curvature.preconditioner(here)
        assert scale is not None
        steep = curvature.steepest(here, scale, 30)
    assert steep == pytest.approx(expected, rel=1e-4)
    assert curvature.limit(t.optimizer, steep) == pytest.approx(38 / expected, rel=1e-4)


def test_along_the_gradient_it_is_the_rayleigh_quotient(tmp_path: Path):
    t = training(tmp_path, BOWL)
    with looking(t.model):
        found = curvature.along(Copies(t, 1.0))
    g: Tensor = A @ torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    assert found == pytest.approx((g @ A @ g / (g @ g)).item(), rel=1e-6)


def test_a_second_order_method_reaches_the_bottom_of_a_bowl(tmp_path: Path):
    t = training(tmp_path, BOWL)
    with looking(t.model):
        here = Copies(t, 1.0)
        assert curvature.lowest(here, here.loss(())) == pytest.approx(7, abs=1e-9)


def test_an_optimizer_of_another_kind_has_no_known_preconditioner(tmp_path: Path):
    own = "\ndef optimizer(parameters): return torch.optim.Adagrad(parameters)\n"
    t = training(tmp_path, BOWL + own)
    with looking(t.model):
        assert curvature.preconditioner(Copies(t, 1.0)) is None
