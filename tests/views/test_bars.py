"""Weights as bars, under names a person knows."""

from pathlib import Path

import pytest
import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.training.eval_mode import looking
from foghill.engine.views.bars import available, paint
from foghill.engine.views.subject import subject
from plain import REGRESSION, training
from sitter import Sitter
from torch import nn

REQUEST = PictureRequest(name="weights")


class Wrapped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)


class Parabola(nn.Module):
    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.5))
        self.w = nn.Parameter(torch.arange(6.0).reshape(2, 3) if not shape else torch.zeros(shape))


class Half(nn.Module):
    """Bare parameters beside a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.5))
        self.layer = nn.Linear(2, 1)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (nn.Linear(64, 1), True),
        (nn.Linear(65, 1), False),
        (nn.Linear(8, 8), True),
        (nn.Sequential(nn.Flatten(), nn.Linear(3, 1)), True),
        (Wrapped(), True),
        (nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)), False),
        (nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1)), False),
        (nn.Conv1d(1, 1, 3), False),
        (nn.ReLU(), False),
        (Half(), False),
        (Parabola(), True),
        (Parabola(19), True),
        (Parabola(20), False),
    ],
)
def test_a_model_one_can_take_in_at_a_glance_has_bars(model, expected):
    assert available(Sitter(model).subject) == expected


def test_weights_stand_under_the_names_of_their_inputs_and_the_bias_last():
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 1))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[1.0, -2.0, 0.5]]))
        model[1].bias.fill_(4.0)
    bars = paint(Sitter(model, names=Names(x=("age", "sex", "bmi"))).subject, REQUEST)
    assert bars.names == ("age", "sex", "bmi", "bias")
    assert bars.values == [1.0, -2.0, 0.5, 4.0]
    assert bars.title == "weights"


def test_without_names_inputs_are_numbered_and_without_bias_there_is_none():
    bars = paint(Sitter(nn.Linear(2, 1, bias=False), names=Names(x=("other",))).subject, REQUEST)
    assert bars.names == ("x1", "x2")


def test_several_outputs_say_which():
    model = nn.Linear(1, 2)
    bars = paint(Sitter(model, names=Names(classes=("cat", "dog"))).subject, REQUEST)
    assert bars.names == ("x → cat", "x → dog", "bias → cat", "bias → dog")
    assert bars.values == [*model.weight.reshape(-1).tolist(), *model.bias.tolist()]


def test_parameters_written_by_hand_stand_under_their_own_names():
    bars = paint(Sitter(Parabola()).subject, REQUEST)
    assert bars.names == ("a", "w[0]", "w[1]", "w[2]", "w[3]", "w[4]", "w[5]")
    assert bars.values == [0.5, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert bars.title == "parameters"


def test_each_bar_says_which_number_it_is_and_its_gradient(tmp_path: Path):
    t = training(tmp_path, REGRESSION.replace("nn.Sequential(", "nn.Linear(3, 1) or ("))
    with looking(t.model):
        view = paint(subject(t), REQUEST)
    x, y = t.parts.train.rows(10**9)
    nn.functional.mse_loss(t.model(x).reshape(-1), y).backward()
    assert view.places == (("weight", 0), ("weight", 1), ("weight", 2), ("bias", 0))
    parameters = dict(t.model.named_parameters())
    for (name, index), value, slope in zip(view.places, view.values, view.gradients, strict=True):
        assert parameters[name].reshape(-1)[index].item() == value
        assert parameters[name].grad.reshape(-1)[index].item() == pytest.approx(slope)


def test_without_a_gradient_to_be_had_there_are_no_arrows(tmp_path: Path):
    frozen = "(lambda layer: [p.requires_grad_(p.ndim < 2) for p in layer.parameters()] and layer)"
    t = training(tmp_path, REGRESSION.replace("nn.Sequential(", f"{frozen}(nn.Linear(3, 1)) or ("))
    with looking(t.model):
        view = paint(subject(t), REQUEST)
    assert view.gradients[:3] == [0.0, 0.0, 0.0]
    for parameter in t.model.parameters():
        parameter.requires_grad_(False)
    with looking(t.model):
        assert paint(subject(t), REQUEST).gradients == []
    assert paint(Sitter(nn.Linear(2, 1)).subject, REQUEST).gradients == []
