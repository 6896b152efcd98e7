"""A real table: what the coach is asked about predicting a number from ten measurements"""

import gzip
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.02, "batch_size": 32, "threads": 1}
FOLDER = Path(__file__).parents[2] / "engine" / "data"
Pair = tuple[Tensor, Tensor]


def data(
    points: Annotated[int, (8, 242)] = 242, raw: bool = False, shuffled: bool = False
) -> tuple[Pair, Pair]:
    """(train, valid): ten measurements [n, 10], as they are where `raw`, and the progression."""
    x, y = _all(raw, shuffled)
    return (x[:points], y[:points]), (x[242:342], y[242:342])


def beyond(points: int, raw: bool, shuffled: bool) -> Pair:
    x, y = _all(raw, shuffled)
    return x[342:], y[342:]


def _all(raw: bool, shuffled: bool) -> Pair:
    with gzip.open(FOLDER / "diabetes_data_raw.csv.gz", "rt") as file:
        x = torch.from_numpy(np.loadtxt(file)).float()
    with gzip.open(FOLDER / "diabetes_target.csv.gz", "rt") as file:
        y = torch.from_numpy(np.loadtxt(file)).float()
    order = torch.randperm(len(y))
    x, y = x[order], ((y - y.mean()) / y.std())[order]
    x = x if raw else (x - x.mean(0)) / x.std(0)
    return x, y[torch.randperm(len(y))] if shuffled else y


def model(
    layers: Annotated[int, (0, 40)] = 0, width: Annotated[int, (1, 256), "log"] = 32
) -> nn.Module:
    """Inputs [n, 10] to predictions [n]."""
    sizes = [10] + [width] * layers
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], 1), nn.Flatten(0))
