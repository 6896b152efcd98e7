"""Neuron by neuron: what each answers over the plane, as the network itself computes it."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.planar import chain, matrices, planar, units
from sitter import Sitter
from torch import Tensor, nn


class Functional(nn.Module):
    """A user's own: activations are functions."""

    def __init__(self, hidden: int = 3, inputs: int = 2) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(inputs, hidden), nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.last(F.relu(self.first(x))))


def sitter(model: nn.Module, columns: int = 2) -> Sitter:
    torch.manual_seed(0)
    x = torch.rand(40, columns) * 4 - 2
    return Sitter(model, (x, x[:, 0]), None, Names(x=("left", "right"), y="side"))


@pytest.mark.parametrize(
    ("model", "drawn"),
    [
        (Functional(), True),
        (Functional(hidden=9), False),
        (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)), False),
        (nn.Sequential(*[nn.Linear(2, 2) for _ in range(7)]), True),
        (nn.Sequential(*[nn.Linear(2, 2) for _ in range(8)]), False),
        (nn.Linear(2, 1), True),
        (nn.Bilinear(2, 2, 1), False),
    ],
)
def test_small_chains_on_the_plane_are_drawn(model: nn.Module, drawn: bool):
    assert planar(sitter(model).subject) is drawn


def test_three_inputs_are_not_a_plane():
    assert not planar(sitter(Functional(inputs=3), 3).subject)


def test_every_unit_is_what_the_network_computes_there():
    torch.manual_seed(1)
    model = Functional()
    subject = sitter(model).subject
    pictures, names = units(subject, chain(model), PictureRequest("network", 60, 30))
    assert names == (("left", "right"), ("1", "2", "3"), ("side",))
    side = pictures[0].width
    assert side == pictures[0].height == 20
    low, high = subject.train[0][:, 0].min(), subject.train[0][:, 0].max()  # type: ignore[index]
    room = (high - low) * 0.05
    x = torch.linspace(low - room, high + room, side)
    shown = {(unit.layer, unit.index): unit.pixels for unit in pictures}
    row = torch.tensor(list(shown[0, 0][:side])) - 127
    assert torch.equal(row, (x / max(x.abs().max(), 1) * 127).round().int())
    low, high = subject.train[0][:, 1].min(), subject.train[0][:, 1].max()  # type: ignore[index]
    room = (high - low) * 0.05
    y = torch.linspace(low - room, high + room, side)
    corner = torch.tensor([[x[0].item(), y[-1].item()]])  # the top left
    with torch.no_grad():
        answer = model(corner).item()
    assert shown[2, 0][0] - 127 == round(answer * 127)


def test_matrices_have_the_parameters_names_so_that_they_can_be_edited():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1, bias=False))
    first, last = matrices(chain(model))
    assert (first.name, first.bias_name) == ("0.weight", "0.bias")
    assert first.values == model[0].weight.tolist()
    assert first.bias == model[0].bias.tolist()
    assert (last.name, last.bias_name, last.bias) == ("2.weight", "", [])
    (whole,) = matrices(chain(nn.Linear(2, 1)))
    assert (whole.name, whole.bias_name) == ("weight", "bias")


def test_inputs_made_by_the_model_are_named_by_the_part_that_makes_them():
    class Squares(nn.Module):
        names = ("u²", "v²", "uv")

        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([x[:, 0] ** 2, x[:, 1] ** 2, x.prod(1)], 1)

    model = nn.Sequential(Squares(), nn.Linear(3, 1))
    _, names = units(sitter(model).subject, chain(model), PictureRequest("network", 60, 30))
    assert names[0] == ("u²", "v²", "uv")


def test_broken_weights_are_drawn_all_the_same_and_hooks_are_taken_off():
    model = Functional()
    with torch.no_grad():
        model.first.weight.fill_(float("nan"))
    pictures, _ = units(sitter(model).subject, chain(model), PictureRequest("network", 60, 30))
    assert set(pictures[-1].pixels) == {127}
    assert not any(part._forward_pre_hooks for part in model.modules())
