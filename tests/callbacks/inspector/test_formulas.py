"""Whole formulas of tiny models: each equals what plain PyTorch computes on the same seed."""

import re
from pathlib import Path

import pytest
import torch
from foghill.engine.training.tensors import num
from inspected import holds, inspected, texts, value
from sessions import write
from torch import nn


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def parabola(steps: int) -> tuple[torch.Tensor, float, list[float]]:
    """(predictions, loss, gradients) of step `steps`, as the tutorial computes them."""
    torch.manual_seed(0)
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    torch.manual_seed(0)
    p = torch.randn(3).requires_grad_()
    for _ in range(steps):
        prediction = p[0] * t**2 + p[1] * t + p[2]
        loss = ((prediction - speed) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, p)
        found = prediction.detach(), loss.item(), gradient.tolist()
        p = (p - 1e-5 * gradient).detach().requires_grad_()
    return found


def test_the_parabolas_formulas_have_the_true_numbers() -> None:
    phases = inspected("parabola", 3)
    prediction, loss, gradient = parabola(3)
    first, *at = texts(phases, "predict", "formula")
    assert first == "prediction = a·t² + b·t + c"
    for line, example in zip(at, (0, 10, 19), strict=True):
        assert line.startswith(f"at t = {example}:")
        assert line.endswith(f" = {num(prediction[example].item())}")
        assert holds(line.partition(":")[2])
    meaning, whole = texts(phases, "loss", "formula")
    assert meaning == "loss = mean of (prediction − target)²"
    assert whole.count("²") == 20
    assert whole.endswith(f"/ 20 = {num(loss, 5)}")
    assert holds(whole)
    slopes = texts(phases, "backward", "formula")
    assert len(slopes) == 6
    for name, line, true in zip("abc", slopes[1::2], gradient, strict=True):
        assert slopes["abc".index(name) * 2].startswith(f"∂loss/∂{name} = 2/20 · sum of (error")
        assert line.endswith(f" = {num(true, 5)}")
        assert holds(line)


SMALL = """
import torch
from torch import nn
import torch.nn.functional as F
settings = {{"valid": 0.0, "batch_size": 6, "lr": 0.1{more}}}
def data():
    x = torch.linspace(-1, 1, 6)
    return {x}, 2 * x + 1
{model}
"""
LINEAR = SMALL.replace("{x}", "x[:, None]").replace(
    "{model}", "def model(): return nn.Linear(1, 1)"
)
OWN = SMALL.replace("{x}", "x").replace(
    "{model}",
    """
class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(-0.25))
    def forward(self, x):
        return EXPRESSION
def model(): return Mine()
""",
)


def test_a_single_linear_layer_is_written_out(tmp_path: Path) -> None:
    phases = inspected(write(tmp_path, LINEAR.format(more="")), 1)
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    said = texts(phases, "predict", "formula")
    assert said[0] == "prediction = weight·x + bias"
    assert said[1].endswith(f" = {num(model(torch.tensor([-1.0])).item())}")
    assert all(holds(line.partition(":")[2]) for line in said[1:])


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("self.a * x ** 3 - self.b / (x + 2)", "a·x³ − b/(x + 2)"),
        ("-self.a * (x - self.b) ** 2", "−a·(x − b)²"),
        ("self.a - (self.b - x)", "a − (b − x)"),
        ("self.a - self.b + x", "a − b + x"),
        ("self.a / (self.b * x + 9)", "a/(b·x + 9)"),
        ("2 ** self.a * x + self.b", "2^a·x + b"),
    ],
)
def test_any_plain_arithmetic_is_written_as_in_a_book(
    tmp_path: Path, expression: str, written: str
) -> None:
    text = OWN.format(more="").replace("EXPRESSION", expression)
    first, *at = texts(inspected(write(tmp_path, text), 2), "predict", "formula")
    assert first == f"prediction = {written}"
    assert len(at) == 3
    assert all(holds(line.partition(":")[2]) for line in at)


@pytest.mark.parametrize("expression", ["torch.sin(self.a * x) + self.b", "x @ x * self.a + x"])
def test_what_is_more_than_arithmetic_is_left_to_the_code(tmp_path: Path, expression: str) -> None:
    text = OWN.format(more="").replace("EXPRESSION", expression)
    phases = inspected(write(tmp_path, text), 2)
    assert texts(phases, "predict", "formula") == []
    assert f"return {expression}" in texts(phases, "predict", "code")


def test_a_forward_that_does_more_than_it_says_gets_no_formula(tmp_path: Path) -> None:
    text = OWN.format(more="").replace("EXPRESSION", "self.a * x + self.b")
    text += "\nMine.__call__ = lambda self, x: 2 * self.forward(x)\n"
    assert texts(inspected(write(tmp_path, text), 2), "predict", "formula") == []


@pytest.mark.parametrize(
    ("loss", "meaning"),
    [
        ("(p - y).abs().mean()", "mean of |prediction − target|"),
        ("0.5 * ((p - y) ** 2).mean()", "½ mean of (prediction − target)²"),
        ("((p - y) ** 2).sum()", "sum of (prediction − target)²"),
        ("0.5 * F.mse_loss(p, y, reduction='sum')", "½ sum of (prediction − target)²"),
    ],
)
def test_a_loss_of_ones_own_is_recognised_by_its_number(
    tmp_path: Path, loss: str, meaning: str
) -> None:
    text = OWN.format(more="").replace("EXPRESSION", "self.a * x + self.b")
    text += f"def loss(p, y): return {loss}\n"
    phases = inspected(write(tmp_path, text), 1)
    said, whole = texts(phases, "loss", "formula")
    assert said == f"loss = {meaning}"
    plain = re.sub(r"\|([^|]*)\|", r"((\1)**2)**0.5", whole.replace("½·", "0.5*"))
    assert holds(plain)
    slopes = texts(phases, "backward", "formula")
    assert len(slopes) == 4
    assert all(holds(line) for line in slopes[1::2])


def test_another_loss_has_its_examples_but_no_formula(tmp_path: Path) -> None:
    text = OWN.format(more="").replace("EXPRESSION", "self.a * x + self.b")
    text += "def loss(p, y): return ((p - y) ** 4).mean()\n"
    phases = inspected(write(tmp_path, text), 1)
    assert texts(phases, "loss", "formula") == texts(phases, "backward", "formula") == []


def test_gradients_that_pile_up_are_told_from_this_steps_own(tmp_path: Path) -> None:
    text = OWN.format(more=', "zero_grad": False').replace("EXPRESSION", "self.a * x + self.b")
    phases = inspected(write(tmp_path, text), 2)
    a, b = 0.5, -0.25
    x = torch.linspace(-1, 1, 6)
    piled = [0.0, 0.0]
    for _ in range(2):
        error = a * x + b - (2 * x + 1)
        own = [2 * (error * x).mean().item(), 2 * error.mean().item()]
        piled = [p + g for p, g in zip(piled, own, strict=True)]
        a, b = a - 0.1 * piled[0], b - 0.1 * piled[1]
    lines = texts(phases, "backward", "formula")[1::2]
    for line, true in zip(lines, own, strict=True):
        assert value(line.rsplit(" = ", 1)[1]) == pytest.approx(true, rel=1e-3)
    moved = texts(phases, "update", "formula")
    assert f"·({num(piled[0])})" in moved[0] or f"·{num(piled[0])}" in moved[0]
