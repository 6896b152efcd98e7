"""Points of two classes in the plane: what the coach is asked about small classifiers"""

import math
from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

settings = {"optimizer": "adam", "lr": 0.01, "batch_size": 32, "threads": 1}
Pair = tuple[Tensor, Tensor]
Task = Literal["circle", "gauss", "xor", "spiral"]


def data(
    task: Task = "circle",
    points: Annotated[int, (8, 5000)] = 400,
    flipped: Annotated[float, (0.0, 0.5)] = 0.0,
    shuffled: bool = False,
) -> tuple[Pair, Pair]:
    """(train, valid), each x [n, 2] and classes [n]; a share of the labels flipped."""
    return beyond(task, points, flipped, shuffled), beyond(task, 400, flipped, shuffled)


def beyond(task: Task, points: int, flipped: float, shuffled: bool) -> Pair:
    y = torch.arange(points) % 2
    angle = 2 * math.pi * torch.rand(points)
    if task == "circle":
        radius = torch.where(y == 0, torch.rand(points), 1.4 + 0.6 * torch.rand(points))
        x = radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    elif task == "gauss":
        x = torch.randn(points, 2) * 0.7 + (2 * y[:, None] - 1.0)
    elif task == "xor":
        x = 4 * torch.rand(points, 2) - 2
        y = (x[:, 0] * x[:, 1] > 0).long()
    else:
        r = torch.rand(points)
        turn = 3.5 * math.pi * r + math.pi * y
        x = 2 * r[:, None] * torch.stack([turn.sin(), turn.cos()], 1)
        x = x + 0.05 * torch.randn(points, 2)
    y = torch.where(torch.rand(points) < flipped, 1 - y, y)
    return x, y[torch.randperm(points)] if shuffled else y


def model(
    layers: Annotated[int, (0, 40)] = 2,
    width: Annotated[int, (1, 512), "log"] = 16,
    activation: Literal["tanh", "relu", "sigmoid", "gelu"] = "tanh",
    gain: float = 1.0,
    shift: float = 0.0,
) -> nn.Module:
    """Points [n, 2] to logits [n, 2]; weights times `gain`, hidden biases plus `shift`."""
    bend = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}[activation]
    sizes = [2] + [width] * layers
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), bend()]
    built = nn.Sequential(*parts, nn.Linear(sizes[-1], 2))
    with torch.no_grad():
        for part in parts[::2]:
            part.weight.mul_(gain)
            part.bias.add_(shift)
    return built
