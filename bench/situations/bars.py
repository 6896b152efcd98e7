"""Bars and spots in noise: what the coach is asked about conv nets with batch norm and dropout"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.05, "momentum": 0.9, "batch_size": 25, "threads": 1}
Pair = tuple[Tensor, Tensor]


def data(
    points: Annotated[int, (8, 5000)] = 300, noise: float = 0.3, shuffled: bool = False
) -> tuple[Pair, Pair]:
    """(train, valid): pictures [n, 1, 12, 12] and 0, 1, 2 for a row, a column, a spot [n]."""
    return beyond(points, noise, shuffled), beyond(200, noise, shuffled)


def beyond(points: int, noise: float, shuffled: bool) -> Pair:
    y = torch.arange(points) % 3
    x = noise * torch.randn(points, 1, 12, 12)
    at = torch.arange(12)
    i, j = torch.randint(2, 10, (2, points, 1))
    rows, columns = (at - i).abs(), (at - j).abs()
    row = (rows == 0)[:, :, None].expand(-1, -1, 12)
    column = (columns == 0)[:, None, :].expand(-1, 12, -1)
    spot = (rows <= 1)[:, :, None] & (columns <= 1)[:, None, :]
    shape = torch.stack([row, column, spot])[y, torch.arange(points)]
    x = x + shape[:, None]
    return x, y[torch.randperm(points)] if shuffled else y


def model(dropout: Annotated[float, (0.0, 0.9)] = 0.2, norm: bool = True) -> nn.Module:
    """Pictures to logits [n, 3]."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8) if norm else nn.Identity(),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(256, 3),
    )
