"""What an update did, against the same step in plain PyTorch."""

import math
import re
from pathlib import Path

import pytest
import torch
from foghill.engine.training.tensors import num
from inspected import detail, inspected, table, texts
from sessions import write
from torch import nn

from callbacks.inspector.test_passages import CLASSES


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_the_fall_and_this_steps_share_of_it() -> None:
    sentence = texts(inspected("parabola", 3), "update", "says")[-1]
    torch.manual_seed(0)
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    torch.manual_seed(0)
    p = torch.randn(3).requires_grad_()
    losses: list[float] = []
    for _ in range(4):
        loss = ((p[0] * t**2 + p[1] * t + p[2] - speed) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        losses.append(loss.item())
        if len(losses) == 3:
            foretold = -1e-5 * (g @ g).item()
        p = (p - 1e-5 * g).detach().requires_grad_()
    share = 100 * (losses[2] - losses[3]) / (losses[0] - losses[3])
    assert f"from {num(losses[2], 6)} to {num(losses[3], 6)}: " in sentence
    assert f"foretold {num(foretold)}." in sentence
    assert f"this step's share of that is {num(share, 3)}%." in sentence


def numbers_in(sentence: str) -> tuple[float, float, float]:
    """Loss before, loss after, and what the slope foretold."""
    words = sentence.replace("−", "-")
    found = re.search(r"from (\S+) to (\S+): .* foretold (\S+)\.", words)
    assert found is not None
    return tuple(map(float, found.groups()))  # type: ignore[return-value]


def plainly(model: nn.Module, clip: float = 0.0) -> tuple[float, float, float, float]:
    """(loss before, loss after, foretold, |g|) of the first step on CLASSES in plain PyTorch."""
    torch.manual_seed(0)
    x = torch.randn(128, 6)
    y = (x[:, 0] > 0).long()
    torch.manual_seed(0)
    for part in model.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()  # type: ignore[operator]
    drawn, before = torch.get_rng_state(), [p.detach().clone() for p in model.parameters()]
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    slopes = [p.grad.clone() for p in model.parameters()]  # type: ignore[union-attr]
    length = nn.utils.clip_grad_norm_(model.parameters(), clip or math.inf).item()
    torch.optim.SGD(model.parameters(), lr=0.5).step()
    moved = [p.detach() - b for p, b in zip(model.parameters(), before, strict=True)]
    foretold = sum((m * g).sum().item() for m, g in zip(moved, slopes, strict=True))
    torch.set_rng_state(drawn)
    return loss.item(), nn.functional.cross_entropy(model(x), y).item(), foretold, length


def test_with_clip_the_slope_is_the_true_one_and_how_hard_it_bit_is_said(tmp_path: Path) -> None:
    phases = inspected(write(tmp_path, CLASSES), 1, clip="0.01")
    model = nn.Sequential(nn.Linear(6, 20), nn.Tanh(), nn.Linear(20, 2))
    before, after, foretold, length = plainly(model, 0.01)
    says = texts(phases, "update", "says")
    assert numbers_in(says[-1]) == pytest.approx((before, after, foretold), rel=1e-3)
    assert after - before == pytest.approx(foretold, rel=1e-2)
    assert says[1].startswith(f"|g| {num(length)} clipped to 0.01: every number of the gradient")
    assert says[2].startswith("With the gradient as it was clipped. One of the 182 numbers")
    heads = next(p for p in detail(phases, "update") if p.kind == "table").rows[0]
    assert heads == ("parameter", "shape", "|w|", "|g|", "clipped", "|Δ|", "|Δ|/|w|")
    rows = table(phases, "update", "parameter")
    assert math.hypot(*(float(row[3]) for row in rows)) == pytest.approx(length, rel=1e-2)
    assert math.hypot(*(float(row[4]) for row in rows)) == pytest.approx(0.01, rel=1e-2)


def test_a_clip_that_did_not_bite_is_said(tmp_path: Path) -> None:
    phases = inspected(write(tmp_path, CLASSES), 1, clip="100")
    assert texts(phases, "update", "says")[1].endswith(
        "is not longer than 100: nothing was clipped."
    )
    rows = next(p for p in detail(phases, "update") if p.kind == "table").rows
    assert "clipped" not in rows[0]


def test_gradients_that_piled_up_are_no_slope_of_the_loss() -> None:
    sentence = texts(inspected("parabola", 2, zero_grad="off", lr="1e-7"), "update", "says")[-1]
    before, after, foretold = numbers_in(sentence)
    assert after - before == pytest.approx(foretold, rel=5e-2)


def test_dropout_and_batch_norm_are_measured_as_the_step_had_them(tmp_path: Path) -> None:
    layers = "nn.BatchNorm1d(20), nn.Dropout(0.5)"
    text = CLASSES.replace("nn.Tanh()", f"nn.Tanh(), {layers}")
    sentence = texts(inspected(write(tmp_path, text), 1), "update", "says")[-1]
    model = nn.Sequential(
        nn.Linear(6, 20), nn.Tanh(), nn.BatchNorm1d(20), nn.Dropout(0.5), nn.Linear(20, 2)
    )
    before, after, foretold, _ = plainly(model)
    assert "in train mode (BatchNorm1d, Dropout), the loss went" in sentence
    assert numbers_in(sentence) == pytest.approx((before, after, foretold), rel=1e-3)


def test_a_loss_that_cannot_be_found_again_is_compared_with_nothing(tmp_path: Path) -> None:
    text = (
        CLASSES
        + """
class Tired(nn.Linear):
    calls = []
    def forward(self, x):
        self.calls.append(1)
        return super().forward(x) / len(self.calls)
def model(): return Tired(6, 2)
"""
    )
    sentence = texts(inspected(write(tmp_path, text), 1), "update", "says")[-1]
    assert sentence.startswith("The slope times the change foretold −")
    assert "cannot be measured" in sentence
    assert "went from" not in sentence


def test_steps_on_different_examples_have_no_share_in_one_fall(tmp_path: Path) -> None:
    text = CLASSES.replace('"batch_size": 128', '"batch_size": 32')
    sentence = texts(inspected(write(tmp_path, text), 3), "update", "says")[-1]
    assert "foretold" in sentence
    assert "share" not in sentence


@pytest.mark.parametrize(
    ("settings", "how"),
    [
        ({}, "against its gradient, by lr times the gradient."),
        ({"momentum": "0.9"}, "out of the gradients, by a rule of its own."),
        ({"optimizer": "adam"}, "out of the gradients, by a rule of its own."),
    ],
)
def test_only_plain_descent_is_said_to_go_against_the_gradient(
    settings: dict[str, str], how: str
) -> None:
    assert texts(inspected("parabola", 1, **settings), "update", "says")[0].endswith(how)


def test_a_step_that_won_nothing_has_no_share_in_the_fall() -> None:
    sentence = texts(inspected("parabola", 3, lr="5e-5"), "update", "says")[-1]
    assert "share" not in sentence
    assert ": +" in sentence
