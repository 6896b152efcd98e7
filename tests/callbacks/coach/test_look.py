"""A closer look against plain torch; and that training never notices one."""

import statistics
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.coach.copies import frozen
from foghill.engine.callbacks.coach.look import LARGEST, UPDATED, glance, look, parts
from plain import RESTLESS, differing, drawn, everything, phases, take, training
from torch import nn

DEAD = """
import torch
from torch import nn
def data(): return torch.randn(60, 2), torch.randn(60, 1)
def model(dead: int = 3):
    net = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad(): net[0].bias[:dead] = -1000
    return net
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("options", [{}, {"optimizer": "sgd", "momentum": 0.9, "clip": 0.1}])
def test_training_goes_on_bit_for_bit(tmp_path: Path, options: dict[str, object]):
    unseen = training(tmp_path, RESTLESS, batch_size=8, **options)
    losses, state = take(unseen, 20), everything(unseen)
    seen = training(tmp_path, RESTLESS, batch_size=8, **options)
    found: list[float] = []
    for _ in range(3):
        found += take(seen, 5)
        before = drawn()
        assert look(seen, 0.02) is not None
        assert glance(seen) is not None
        assert differing(before, drawn()) == []
    assert found + take(seen, 5) == losses
    assert differing(everything(seen), state) == []


def test_a_step_begun_goes_on_bit_for_bit(tmp_path: Path):
    """The graph of the present step is not disturbed by what is moved on copies."""
    t = training(tmp_path, RESTLESS, batch_size=8)
    phases(t, 3)
    graph = t.loss
    assert look(t, 0.02) is not None
    graph.backward()  # would raise had a tensor it needs been written to


def test_its_numbers_are_those_of_plain_torch(tmp_path: Path):
    t = training(tmp_path, batch_size=10, optimizer="adam", lr=0.01)
    take(t, 20)
    found = look(t, 5.0)
    assert found is not None
    x, y = t.parts.train.fields  # type: ignore[union-attr]
    loss = nn.functional.mse_loss(t.model(x), y[:, None])
    gradient = torch.autograd.grad(loss, list(t.model.parameters()))
    assert (found.step, found.rows, found.everything) == (20, 50, True)
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    assert found.slope == pytest.approx(torch.cat([g.flatten() for g in gradient]).norm().item())
    assert found.rate == 0.01
    assert [layer.name for layer in found.layers] == ["0", "3"]
    assert found.layers[0].weight == pytest.approx(t.model[0].weight.square().mean().sqrt().item())
    assert found.lowest < found.loss
    assert len(found.batch_losses) == 5
    assert found.scatter == pytest.approx(statistics.stdev(found.batch_losses) / found.loss)


def test_the_update_is_the_one_the_optimizer_makes(tmp_path: Path):
    """All data in one batch: the look's update is that of the next step, momentum and all."""
    t = training(tmp_path, batch_size=50, momentum=0.9, lr=0.1, clip=0.05)
    take(t, 5)
    found = look(t, 5.0)
    assert found is not None
    x, y = t.parts.train.fields  # type: ignore[union-attr]
    before = [p.detach().clone() for p in t.parameters]
    take(t, 1)
    after = nn.functional.mse_loss(t.model(x), y[:, None]).item()
    assert found.own[0] == pytest.approx((found.loss, after), rel=1e-5)
    change = t.parameters[0].detach() - before[0]
    assert found.layers[0].update == pytest.approx(change.square().mean().sqrt().item(), rel=1e-4)


def test_noise_is_the_variance_of_the_batches_gradients(tmp_path: Path):
    t = training(tmp_path, batch_size=10)
    found = look(t, 5.0)
    assert found is not None
    order = torch.randperm(50, generator=torch.Generator().manual_seed(0))
    x, y = t.parts.train.fields  # type: ignore[union-attr]
    seen: list[torch.Tensor] = []
    for rows in order.split(10):
        loss = nn.functional.mse_loss(t.model(x[rows]), y[rows, None])
        parts = torch.autograd.grad(loss, list(t.model.parameters()))
        seen.append(torch.cat([part.flatten() for part in parts]))
    expected = torch.stack(seen).var(0).sum().item()
    assert found.noise == pytest.approx(expected, rel=1e-4)
    assert found.signal == pytest.approx(found.slope**2 / expected, rel=1e-4)
    assert len(found.own) == UPDATED


@pytest.mark.parametrize("dead", [0, 3, 4])
def test_dead_units_are_counted(tmp_path: Path, dead: int):
    found = glance(training(tmp_path, DEAD, dead=dead))
    assert found is not None
    ((name, share),) = found.dead
    assert name == "ReLU 1"
    assert share == pytest.approx(dead / 4)


def test_a_glance_knows_how_long_a_step_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("foghill.engine.callbacks.coach.look.GLANCE", 60.0)
    t = training(tmp_path)
    first, seen = glance(t), look(t, 60.0)
    assert first is not None
    assert seen is not None
    assert first.limit == pytest.approx(seen.limit, rel=1e-6)
    monkeypatch.setattr("foghill.engine.callbacks.coach.look.GLANCE", 0.0)
    brief = glance(t)
    assert brief is not None
    assert brief.limit is None


def test_a_model_too_large_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("foghill.engine.callbacks.coach.look.LARGEST", 40)
    assert LARGEST > 1e6
    t = training(tmp_path)
    assert look(t) is None
    assert glance(t) is None


def test_a_step_of_the_users_own_is_never_called(tmp_path: Path):
    """It may count its calls, as this one does."""
    own = """
import torch
from torch import nn
calls = []
def data(): return torch.randn(40, 2), torch.randn(40, 1)
def model(): return nn.Linear(2, 1)
def step(model, batch):
    calls.append(1)
    return ((model(batch[0]) - batch[1]) ** 2).mean()
"""
    t = training(tmp_path, own, batch_size=8)
    take(t, 3)
    calls = t.experiment.functions["step"].__globals__["calls"]
    assert look(t) is None
    assert glance(t) is None
    assert len(calls) == 3


def test_what_a_model_prints_is_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    loud = """
import torch
from torch import nn
class Loud(nn.Linear):
    def forward(self, x):
        print("here I am")
        return super().forward(x)
def data(): return torch.randn(40, 2), torch.randn(40, 1)
def model(): return Loud(2, 1)
"""
    t = training(tmp_path, loud)
    capsys.readouterr()
    assert look(t, 0.02) is not None
    assert glance(t) is not None
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("options", [{}, {"optimizer": "sgd", "momentum": 0.9, "zero_grad": "off"}])
def test_a_look_in_parts_while_training_goes_on_sees_what_one_at_once_does(
    tmp_path: Path, options: dict[str, object]
):
    unseen = training(tmp_path, RESTLESS, batch_size=8, **options)
    losses, state = take(unseen, 40), everything(unseen)
    seen = training(tmp_path, RESTLESS, batch_size=8, **options)
    found = take(seen, 20)
    whole = look(seen, 60.0)
    slow = parts(frozen(seen), 60.0)
    while True:
        before = drawn()
        try:
            next(slow)
        except StopIteration as end:
            looked = end.value
            break
        assert differing(before, drawn()) == []
        found += take(seen, 1)
    assert len(found) > 25  # steps were taken between its parts
    assert found + take(seen, 40 - len(found)) == losses
    assert differing(everything(seen), state) == []
    assert whole is not None
    timed = {"lowest": 0.0, "cost": 0.0}  # what depends on how fast this machine is
    assert replace(looked, **timed) == replace(whole, **timed)
