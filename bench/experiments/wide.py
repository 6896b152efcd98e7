"""Network 1-128×5-1 on a wave, batches of 32"""

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.01, "batch_size": 32, "valid": 0.0, "threads": 1}


def data() -> tuple[Tensor, Tensor]:
    """x and sin(3 x), both [3200, 1]."""
    x = torch.linspace(-2, 2, 3200).reshape(-1, 1)
    return x, torch.sin(3 * x)


def model() -> nn.Module:
    layers: list[nn.Module] = [nn.Linear(1, 128), nn.ReLU()]
    for _ in range(4):
        layers += [nn.Linear(128, 128), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(128, 1))
