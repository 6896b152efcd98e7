"""A curve through points: what the coach is asked about small networks that predict a number"""

from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

settings = {"optimizer": "adam", "lr": 3e-3, "batch_size": 32, "threads": 1}
Pair = tuple[Tensor, Tensor]


def data(
    points: Annotated[int, (8, 5000)] = 200,
    noise: float = 0.1,
    waves: float = 3.0,
    shuffled: bool = False,
) -> tuple[Pair, Pair]:
    """(train, valid), each x [n, 1] and y [n, 1] = sin(waves · x) + noise on [-1, 1]."""
    return beyond(points, noise, waves, shuffled), beyond(300, noise, waves, shuffled)


def beyond(points: int, noise: float, waves: float, shuffled: bool) -> Pair:
    x = 2 * torch.rand(points, 1) - 1
    y = (waves * x).sin() + noise * torch.randn(points, 1)
    return x, y[torch.randperm(points)] if shuffled else y


def model(
    layers: Annotated[int, (0, 40)] = 2,
    width: Annotated[int, (1, 512), "log"] = 32,
    activation: Literal["tanh", "relu", "sigmoid", "gelu"] = "tanh",
    gain: float = 1.0,
    shift: float = 0.0,
) -> nn.Module:
    bend = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}[activation]
    sizes = [1] + [width] * layers
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), bend()]
    built = nn.Sequential(*parts, nn.Linear(sizes[-1], 1))
    with torch.no_grad():
        for part in parts[::2]:
            part.weight.mul_(gain)
            part.bias.add_(shift)
    return built
