"""One parameter that goes downhill: the cheapest step there is, for runs of a million steps"""

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 1e-7, "threads": 1}


class Bowl(nn.Module):
    """Its own loss: w²."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.ones(()))

    def forward(self) -> Tensor:
        return self.w * self.w


def model() -> nn.Module:
    return Bowl()
