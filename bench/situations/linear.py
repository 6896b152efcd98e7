"""A line through many features: what the coach is asked about linear models"""

from itertools import pairwise
from typing import Annotated

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.05, "batch_size": 32, "threads": 1}
Pair = tuple[Tensor, Tensor]


def data(
    features: Annotated[int, (1, 200)] = 8,
    points: Annotated[int, (8, 5000)] = 400,
    noise: float = 0.3,
    stretch: float = 1.0,
    shuffled: bool = False,
) -> tuple[Pair, Pair]:
    """(train, valid), each x [n, features] and y [n]. Features' scales go from 1 to `stretch`."""
    return _drawn(features, points, noise, stretch, shuffled), beyond(
        features, 300, noise, stretch, shuffled
    )


def _drawn(features: int, points: int, noise: float, stretch: float, shuffled: bool) -> Pair:
    law = torch.Generator().manual_seed(features)
    weights = torch.randn(features, generator=law)
    scales = stretch ** torch.linspace(0, 1, features)
    x = torch.randn(points, features)
    y = x @ weights / features**0.5 + noise * torch.randn(points)
    return x * scales, y[torch.randperm(points)] if shuffled else y


def beyond(features: int, points: int, noise: float, stretch: float, shuffled: bool) -> Pair:
    """More of the same law."""
    return _drawn(features, points, noise, stretch, shuffled)


def model(
    features: int = 8,
    layers: Annotated[int, (0, 40)] = 0,
    width: Annotated[int, (1, 256), "log"] = 32,
) -> nn.Module:
    """Inputs [n, features] to predictions [n]; a line without layers."""
    sizes = [features] + [width] * layers
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], 1), nn.Flatten(0))
