"""What an update did, against the same step in plain PyTorch."""

from pathlib import Path

import pytest
import torch
from foghill.engine.inspection.tensors import num
from inspected import inspected, texts
from sessions import write
from test_passages import CLASSES


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


def test_dropout_is_named_where_the_loss_is_measured_without_it(tmp_path: Path) -> None:
    text = CLASSES.replace("nn.Tanh()", "nn.Tanh(), nn.Dropout(0.5)")
    sentence = texts(inspected(write(tmp_path, text), 2), "update", "says")[-1]
    assert "(without dropout and the like)" in sentence


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
