"""The loss at any weights against closed forms and plain torch; directions by their formulas."""

import math
from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.landscape import landscape
from foghill.engine.callbacks.landscape.landscape import Ground, filter_normalised, principal
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.training import Training
from hills import BOWL, CONV, bowl, flat
from plain import REGRESSION, RESTLESS, differing, drawn, everything, training
from torch import nn
from torch.nn import functional as F  # noqa: N812
from training.test_training import STEP


def ground(t: Training) -> Ground:
    modes = [module.training for module in t.model.modules()]
    with looking(t.model):
        return Ground(t, modes)


def test_heights_slope_and_curvature_of_a_quadratic(tmp_path: Path):
    found = ground(training(tmp_path, BOWL))
    for x, y in ((-1.0, 1.0), (2.5, -2.0), (0.0, 0.25), (8.0, 8.0)):
        at = torch.tensor([x, y])
        assert found(at) == bowl(x, y)
        height, gradient = found.slope(at)
        assert height == bowl(x, y)
        assert gradient.tolist() == [6 * (x - 1) + (y + 2), (y + 2) + (x - 1)]
        both = found.curvature(at, torch.eye(2))
        assert both.tolist() == [[6.0, 1.0], [1.0, 1.0]]
        diagonal = torch.tensor([0.6, 0.8])
        assert found.bend(at, diagonal) == pytest.approx(6 * 0.36 + 0.64 + 2 * 0.48, rel=1e-6)


def test_a_straight_loss_bends_nowhere_and_a_constant_one_has_no_slope(tmp_path: Path):
    formula = BOWL[BOWL.index("return 3") + 7 : BOWL.index("\ndef model")]
    straight = BOWL.replace(formula, "2 * self.x - self.y")
    found = ground(training(tmp_path, straight))
    assert found.slope(torch.tensor([1.0, 1.0]))[1].tolist() == [2.0, -1.0]
    assert found.bend(torch.tensor([1.0, 1.0]), torch.tensor([1.0, 0.0])) == 0.0
    constant = straight.replace("2 * self.x - self.y", "torch.tensor(3.0)")
    found = ground(training(tmp_path, constant))
    assert found.slope(torch.tensor([1.0, 1.0]))[0] == 3.0
    assert found.slope(torch.tensor([1.0, 1.0]))[1].tolist() == [0.0, 0.0]


def test_it_is_the_loss_of_all_training_data_where_there_is_little(tmp_path: Path):
    t = training(tmp_path, REGRESSION, batch_size=8)
    found = ground(t)
    x, y = t.parts.train.rows(50)
    expected = F.mse_loss(t.model(x), y[:, None])
    height, gradient = found.slope(flat(t))
    assert (found.rows, found.of, found.sampled) == (50, 50, False)
    assert height == expected.item()
    own = torch.autograd.grad(expected, t.parameters)
    assert torch.equal(gradient, torch.cat([g.reshape(-1) for g in own]))


def test_an_own_step_is_summed(tmp_path: Path):
    t = training(tmp_path, STEP, pull=0.5)
    batch = t.parts.train.rows(30)
    near = (t.model(batch["left"]) - batch["right"]).square().mean()
    expected = near + 0.5 * t.model.weight.square().sum()
    assert ground(t)(flat(t)) == pytest.approx(expected.item(), rel=1e-6)


def test_batch_norm_goes_by_its_batch_and_dropout_is_off(tmp_path: Path):
    t = training(tmp_path, CONV)
    x, y = t.parts.train.rows(40)
    conv, norm, _, _, _, linear = t.model
    normed = F.batch_norm(conv(x), None, None, norm.weight, norm.bias, training=True)
    expected = F.cross_entropy(linear(normed.relu().flatten(1)), y).item()
    found = ground(t)
    assert found(flat(t)) == pytest.approx(expected, rel=1e-6)
    t.model[1].eval()  # a file that freezes it gets what it trains with
    frozen = F.batch_norm(conv(x), norm.running_mean, norm.running_var, norm.weight, norm.bias)
    expected = F.cross_entropy(linear(frozen.relu().flatten(1)), y).item()
    assert ground(t)(flat(t)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("source", [REGRESSION, RESTLESS, CONV, BOWL, STEP])
def test_looking_anywhere_leaves_the_living_model_alone(tmp_path: Path, source: str):
    t = training(tmp_path, source)
    before, around = everything(t), drawn()
    with looking(t.model):
        found = Ground(t, [True] * len(list(t.model.modules())))
        found.follow()
        found(flat(t) + 1)
        found.slope(flat(t) - 1)
        found.bend(flat(t), torch.ones_like(flat(t)))
    assert not differing(everything(t), before)
    assert drawn() == around
    assert all(p.grad is None for p in t.parameters)


def test_what_a_loss_draws_is_the_same_everywhere(tmp_path: Path):
    noisy = "\ndef loss(p, y):\n    return (p[:, 0] - y + torch.rand(())).square().mean()\n"
    t = training(tmp_path, REGRESSION + noisy)
    with looking(t.model):
        found = Ground(t, [True] * 5)
        assert found(flat(t)) == found(flat(t))
        assert found(flat(t)) == Ground(t, [True] * 5)(flat(t))


def test_buffers_and_frozen_weights_are_followed(tmp_path: Path):
    source = CONV.replace("return nn.Seq", "net = nn.Seq").rstrip()
    source += "\n    net[5].bias.requires_grad_(False)\n    return net\n"
    t = training(tmp_path, source)
    t.model[1].eval()
    found = ground(t)
    before = found(flat(t))
    with torch.no_grad():
        t.model[5].bias += torch.tensor([1.0, -1.0])
        t.model[1].running_mean += 1
        assert found(flat(t)) == before
        found.follow()
    assert found(flat(t)) == ground(t)(flat(t)) != before


def test_a_large_data_set_is_sampled_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    t = training(tmp_path, REGRESSION, rows=5000)
    monkeypatch.setattr(landscape, "CHEAP", math.inf)
    found = ground(t)
    assert (found.rows, found.of, found.sampled) == (2000, 5000, True)
    monkeypatch.setattr(landscape, "CHEAP", 0.0)
    monkeypatch.setattr(landscape, "AFFORDABLE", 0.0)
    found = ground(t)
    assert (found.rows, found.of) == (landscape.FEWEST_ROWS, 5000)
    x, y = t.parts.train.rows(5000)
    rows = torch.linspace(0, 1999, 16).long()
    sampled = torch.linspace(0, 4999, 2000, dtype=torch.float64).long()[rows]
    expected = F.mse_loss(t.model(x[sampled]), y[sampled][:, None]).item()
    assert found(flat(t)) == pytest.approx(expected, rel=1e-6)


def test_weights_that_user_code_refuses_have_no_height(tmp_path: Path):
    picky = "\ndef loss(p, y):\n    assert p.max() < 100\n    return p.mean()\n"
    t = training(tmp_path, REGRESSION + picky)
    found = ground(t)
    assert math.isfinite(found(flat(t)))
    assert math.isnan(found(flat(t) * 1e6 + 1e6))


def test_filters_of_a_random_direction_are_as_long_as_the_models():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Flatten(), nn.Linear(20, 4))
    parameters = list(model.parameters())
    before = torch.get_rng_state()
    d = filter_normalised(parameters, 1)
    assert torch.equal(torch.get_rng_state(), before)
    parts = d.split([p.numel() for p in parameters])
    for part, theta in zip(parts, parameters, strict=True):
        if theta.ndim == 1:
            assert not part.any()
            continue
        for filter_, own in zip(part.view_as(theta), theta, strict=True):
            assert filter_.norm().item() == pytest.approx(own.norm().item(), rel=1e-5)
    assert torch.equal(d, filter_normalised(parameters, 1))
    assert not torch.equal(d, filter_normalised(parameters, 2))
    cosine = torch.cosine_similarity(d, filter_normalised(parameters, 2), 0).item()
    assert abs(cosine) < 0.5


def test_without_filters_each_tensor_counts_as_one():
    parameters = [torch.tensor([3.0, 4.0]), torch.tensor(2.0)]
    d = filter_normalised(parameters, 1)
    assert d[:2].norm().item() == pytest.approx(5.0)
    assert d[2].abs().item() == pytest.approx(2.0)


@pytest.mark.parametrize("shape", [(12, 40), (40, 7), (3, 1000)])
def test_principal_directions_are_those_of_the_svd(shape: tuple[int, int]):
    path = torch.randn(shape, generator=torch.Generator().manual_seed(1)).cumsum(0)
    directions, shares = principal(path)
    _, s, vh = torch.linalg.svd((path - path[-1]).double(), full_matrices=False)
    for found, expected in zip(directions.double(), vh, strict=False):
        assert (found @ expected).abs().item() == pytest.approx(1.0, abs=1e-5)
    assert shares == pytest.approx((s[:2] ** 2 / (s**2).sum()).tolist(), rel=1e-5)


def test_a_straight_path_gets_a_second_direction_across_it():
    path = torch.outer(torch.arange(5.0), torch.tensor([3.0, 0.0, 4.0]))
    directions, shares = principal(path)
    assert directions[0].abs().tolist() == pytest.approx([0.6, 0.0, 0.8])
    assert (directions[0] @ directions[1]).item() == pytest.approx(0.0, abs=1e-6)
    assert directions[1].norm().item() == pytest.approx(1.0)
    assert shares == pytest.approx([1.0, 0.0], abs=1e-9)
    with pytest.raises(ValueError, match="goes nowhere"):
        principal(torch.ones(4, 6))
