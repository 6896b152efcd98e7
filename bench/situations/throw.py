"""A parabola through twenty points by its three coefficients: a narrow valley"""

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 1e-5, "batch_size": 20, "valid": 0.0, "threads": 1}


def data(standardise: bool = False) -> tuple[Tensor, Tensor]:
    """Times t and speeds, both [20]."""
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    return ((t - t.mean()) / t.std() if standardise else t), speed


class Parabola(nn.Module):
    """a·t² + b·t + c"""

    def __init__(self) -> None:
        super().__init__()
        self.parameters_ = nn.Parameter(torch.randn(3))

    def forward(self, t: Tensor) -> Tensor:
        a, b, c = self.parameters_
        return a * t**2 + b * t + c


def model() -> nn.Module:
    return Parabola()
