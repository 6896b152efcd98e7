"""A line that follows a single point at each step, so that the fit never rests"""

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.1, "batch_size": 1, "valid": 0.2, "threads": 1}


def data() -> tuple[Tensor, Tensor]:
    """x, uniform from -2 to 2, and y = 2x - 1 + noise, both [100, 1]."""
    x = torch.rand(100, 1) * 4 - 2
    return x, 2 * x - 1 + 0.3 * torch.randn(100, 1)


def model() -> nn.Module:
    return nn.Linear(1, 1)
