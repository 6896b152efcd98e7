"""Network 2-4-2-1 on a surface over the plane, batches of 10

The smallest network worth the name, so that whatever a trainer adds to a step shows.
"""

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.05, "batch_size": 10, "valid": 0.0, "threads": 1}


def data() -> tuple[Tensor, Tensor]:
    """x [1000, 2] and a surface y [1000, 1]."""
    x = torch.rand(1000, 2) * 4 - 2
    return x, torch.sin(x[:, :1]) * torch.cos(x[:, 1:])


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2), nn.Tanh(), nn.Linear(2, 1))
