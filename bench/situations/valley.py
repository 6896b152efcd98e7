"""A bent valley in two dimensions, without data: what the coach is asked about a loss alone"""

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 2e-3, "threads": 1}


class Valley(nn.Module):
    """(1 - x)² + c (y - x²)², Rosenbrock's with a steepness c; its floor is nearly flat."""

    def __init__(self, steepness: float) -> None:
        super().__init__()
        self.at = nn.Parameter(torch.tensor([-1.0, 1.5]) + 0.3 * torch.randn(2))
        self.steepness = steepness

    def forward(self) -> Tensor:
        x, y = self.at
        return (1 - x) ** 2 + self.steepness * (y - x**2) ** 2


def model(steepness: float = 20.0) -> nn.Module:
    return Valley(steepness)
