"""Handwritten digits: what the coach is asked about classifiers of images"""

import gzip
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from torch import Tensor, nn

settings = {"optimizer": "adam", "lr": 3e-3, "batch_size": 64, "threads": 1}
FILE = Path(__file__).parents[2] / "engine" / "data" / "digits.csv.gz"
Pair = tuple[Tensor, Tensor]


def data(
    points: Annotated[int, (8, 1197)] = 1197, flipped: float = 0.0, shuffled: bool = False
) -> tuple[Pair, Pair]:
    """(train, valid): grey values 0 to 1 [n, 1, 8, 8] and digits [n]; 300 to validate."""
    x, y = _all(flipped, shuffled)
    return (x[:points], y[:points]), (x[1197:1497], y[1197:1497])


def beyond(points: int, flipped: float, shuffled: bool) -> Pair:
    """The 300 that neither part has."""
    x, y = _all(flipped, shuffled)
    return x[1497:], y[1497:]


def _all(flipped: float, shuffled: bool) -> Pair:
    with gzip.open(FILE, "rt") as file:
        table = torch.from_numpy(np.loadtxt(file, delimiter=",", dtype=np.float32))
    table = table[torch.randperm(len(table), generator=torch.Generator().manual_seed(1))]
    y = table[:, 64].long()
    y = torch.where(torch.rand(len(y)) < flipped, torch.randint(10, y.shape), y)
    return (table[:, :64] / 16).reshape(-1, 1, 8, 8), y[torch.randperm(len(y))] if shuffled else y


def model(
    architecture: Literal["mlp", "conv", "norm"] = "mlp",
    layers: Annotated[int, (0, 40)] = 1,
    width: Annotated[int, (1, 512), "log"] = 64,
    activation: Literal["tanh", "relu", "sigmoid", "gelu"] = "relu",
    gain: float = 1.0,
    shift: float = 0.0,
) -> nn.Module:
    """Images [n, 1, 8, 8] to logits [n, 10]; `norm` is a conv net with batch norm."""
    bend = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}[activation]
    parts: list[nn.Module] = []
    if architecture == "mlp":
        sizes = [64] + [width] * layers
        for fan_in, fan_out in pairwise(sizes):
            parts += [nn.Linear(fan_in, fan_out), bend()]
        built = nn.Sequential(nn.Flatten(), *parts, nn.Linear(sizes[-1], 10))
    else:
        for fan_in, fan_out, stride in ((1, 8, 1), (8, 16, 2)):
            parts += [nn.Conv2d(fan_in, fan_out, 3, stride, 1)]
            parts += [nn.BatchNorm2d(fan_out)] if architecture == "norm" else []
            parts += [bend()]
        built = nn.Sequential(*parts, nn.Flatten(), nn.Linear(256, 10))
    with torch.no_grad():
        for part in parts:
            if isinstance(part, nn.Linear | nn.Conv2d):
                part.weight.mul_(gain)
                part.bias.add_(shift)
    return built
