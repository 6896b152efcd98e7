"""What the optimizer keeps and its next step, against the real next step and the papers."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pictured import column, numbers, picture, there
from plain import REGRESSION, differing, everything, take, training

from views.test_gradients import LINE

KINDS: dict[str, dict[str, Any]] = {
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": "sgd", "momentum": 0.9},
    "nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": "on"},
    "decay": {"optimizer": "sgd", "weight_decay": 0.1},
    "adam": {"optimizer": "adam"},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.1},
    "rmsprop": {"optimizer": "rmsprop"},
    "rmsprop with momentum": {"optimizer": "rmsprop", "momentum": 0.5},
    "cosine": {"optimizer": "adam", "schedule": "cosine", "stop": "step>=9"},
    "clipped": {"optimizer": "sgd", "clip": 0.01},
    "piling up": {"optimizer": "sgd", "zero_grad": "off"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [0, 1, 4])
def test_the_next_step_is_the_one_that_is_taken(tmp_path: Path, kind: str, steps: int):
    t = training(tmp_path, LINE, batch_size=10, lr=0.05, **KINDS[kind])
    take(t, steps)
    table = picture(t, "optimizer")
    before = [p.item() for p in t.parameters]
    assert numbers(table, "value") == pytest.approx(before, rel=1e-3)
    take(t, 1)
    taken = [p.item() - b for p, b in zip(t.parameters, before, strict=True)]
    assert numbers(table, "step") == pytest.approx(taken, rel=1e-3, abs=2e-7)


def adam(gradients: list[float], lr: float) -> dict[str, float]:
    """Algorithm 1 of Kingma & Ba (2015), the last step's numbers; m and v as kept before it."""
    m = v = 0.0
    kept = (0.0, 0.0)
    for g in gradients:
        kept = m, v
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    t = len(gradients)
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    rate = lr / (v_hat**0.5 + 1e-8)
    return {"m": kept[0], "v": kept[1], "m corr": m_hat, "v corr": v_hat, "rate": rate,
            "step": -rate * m_hat}  # fmt: skip


def test_adams_columns_are_the_papers(tmp_path: Path):
    t = training(tmp_path, LINE, batch_size=10, optimizer="adam", lr=0.05)
    used: list[float] = []
    for _ in range(4):
        used.append(numbers(picture(t, "optimizer"), "gradient")[0])
        take(t, 1)
    table = picture(t, "optimizer")
    used.append(numbers(table, "gradient")[0])
    for name, value in adam(used, 0.05).items():
        assert numbers(table, name)[0] == pytest.approx(value, rel=5e-3), name


def test_momentum_keeps_a_buffer_and_sgd_nothing(tmp_path: Path):
    plain_sgd = picture(training(tmp_path, LINE), "optimizer")
    assert plain_sgd.columns == ("", "gradient", "rate", "step", "value")
    assert "nothing is kept" in plain_sgd.notes[0]
    t = training(tmp_path, LINE, batch_size=10, momentum=0.9)
    take(t, 3)
    table = picture(t, "optimizer")
    kept = [t.optimizer.state[p]["momentum_buffer"].item() for p in t.parameters]
    assert numbers(table, "buffer") == pytest.approx(kept, rel=1e-3)
    assert numbers(table, "step") == pytest.approx(
        [-0.1 * (0.9 * b + g) for b, g in zip(kept, numbers(table, "gradient"), strict=True)],
        rel=1e-2,
    )


def test_larger_models_have_a_row_for_each_tensor(tmp_path: Path):
    t = training(tmp_path, REGRESSION, hidden=40, optimizer="adam")
    take(t, 2)
    table = picture(t, "optimizer")
    assert column(table, "") == [name for name, _ in t.model.named_parameters()]
    assert numbers(table, "|value|") == pytest.approx(
        [p.norm().item() for p in t.parameters], rel=1e-3
    )
    assert numbers(table, "|m|") == pytest.approx(
        [t.optimizer.state[p]["exp_avg"].norm().item() for p in t.parameters], rel=1e-3
    )


DEAD = """
import torch
from torch import nn
settings = {"optimizer": "adam", "lr": 0.003, "batch_size": 16, "valid": 0.0}
def data():
    x = torch.randn(16, 5)
    return x, x.sum(1, keepdim=True)
def model():
    net = nn.Sequential(nn.Linear(5, 20), nn.ReLU(), nn.Linear(20, 1))
    with torch.no_grad(): net[0].bias[:12] = -100.0
    return net
"""


def test_the_rate_of_a_tensor_is_the_median_of_what_is_not_dead(tmp_path: Path):
    t = training(tmp_path, DEAD)
    take(t, 3)
    table = picture(t, "optimizer")
    take(t, 1)  # all of the data, as the picture
    expected = []
    for p in t.parameters:
        v = t.optimizer.state[p]["exp_avg_sq"] / (1 - 0.999**4)
        expected.append((0.003 / (v[v > 0].sqrt() + 1e-8)).median().item())
    assert numbers(table, "median rate") == pytest.approx(expected, rel=1e-3)
    assert max(expected) < 10 < 0.003 / 1e-8


NORMED = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 8, "valid": 0.0}
def data():
    x = torch.randn(32, 6)
    return x, (x[:, 0] > 0).long()
def model():
    return nn.Sequential(
        nn.Linear(6, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Dropout(0.3), nn.Linear(20, 2)
    )
"""


def test_the_gradient_is_that_of_train_mode_and_says_so(tmp_path: Path):
    t = training(tmp_path, NORMED)
    take(t, 5)
    table = picture(t, "optimizer")
    assert table.notes[-1].endswith("32 training examples, in train mode (BatchNorm1d, Dropout).")
    loss = torch.nn.functional.cross_entropy(t.model(t.feed.fields[0]), t.feed.fields[1])
    found = torch.autograd.grad(loss, t.parameters)  # draws as the picture did
    expected = [g.norm().item() for g in found]
    assert numbers(table, "|gradient|") == pytest.approx(expected, rel=1e-3, abs=1e-6)
    assert numbers(table, "|gradient|")[1] < 1e-6  # batch norm takes that bias away


def test_a_gradient_that_clipping_shortens_says_how_long_it_was(tmp_path: Path):
    t = training(tmp_path, LINE, batch_size=10, clip=0.01)
    note = picture(t, "optimizer").notes[-1]
    take(t, 1)
    assert note.endswith(f"training examples; |g| {t.norm.item():.4g} clipped to 0.01.")


def test_a_momentum_turned_up_late_is_ready_as_the_run_would_make_it(tmp_path: Path):
    from foghill.engine.training.reconfigure import turn

    t = training(tmp_path, LINE, batch_size=10, optimizer="rmsprop", lr=0.01)
    take(t, 2)
    turn(t, {"momentum": 0.5})
    table = picture(t, "optimizer")
    before = [p.item() for p in t.parameters]
    take(t, 1)
    taken = [p.item() - b for p, b in zip(t.parameters, before, strict=True)]
    assert numbers(table, "step") == pytest.approx(taken, rel=1e-3)


def test_an_optimizer_of_ones_own_is_simply_stepped(tmp_path: Path):
    source = LINE + (
        "\nclass Sign(torch.optim.Optimizer):\n"
        "    def __init__(self, parameters): super().__init__(parameters, {'lr': 0.5})\n"
        "    @torch.no_grad()\n"
        "    def step(self):\n"
        "        for p in self.param_groups[0]['params']: p -= 0.5 * p.grad.sign()\n"
        "def optimizer(parameters): return Sign(parameters)\n"
    )
    t = training(tmp_path, source)
    table = picture(t, "optimizer")
    assert [abs(step) for step in numbers(table, "step")] == [0.5, 0.5]
    assert table.title == "Sign's next step, number 1"


def test_it_is_there_for_models_small_enough_to_copy_and_changes_nothing(tmp_path: Path):
    t = training(tmp_path, REGRESSION, optimizer="adam")
    assert "optimizer" in there(t)
    take(t, 3)
    before = everything(t)
    picture(t, "optimizer")
    assert not differing(everything(t), before)
    assert torch.is_grad_enabled()
