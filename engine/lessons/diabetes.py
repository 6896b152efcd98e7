"""Predict how a disease goes on, from a real table

See
  442 people with diabetes: age, sex, body mass index, blood pressure and six blood values,
  and a measure of the disease a year later, from 25 to 346. The model is linear: each input,
  standardised so that their weights can be compared, times its weight, plus a bias. It
  explains a little under half of the variance of people it never saw (R² about 0.4 to 0.5),
  and more steps do not help: the rest is not in these ten numbers, or not in a straight line.

Try
  1. Run, then read the weights as bars. Which inputs speak for a worse year?
  2. Compare s1 and s2: nearly the same measurement, so their weights can trade places.
  3. Set layers to 2 and optimizer to adam, press R. Train gets better. And validation?
  4. Set weight_decay to 0.5: which weights shrink?
  5. Press R and take new data: other people are held out. How far does R² move?

Read
  Efron, Hastie, Johnstone, Tibshirani: Least Angle Regression (2004), whose table this is.
  Hastie, Tibshirani, Friedman: The Elements of Statistical Learning (2009), chapter 3.
"""

import gzip
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "sgd",
    "lr": 0.02,
    "batch_size": 32,
    "valid": 0.2,
    "stop": "step>=400",
    "threads": 1,
}
names = {
    "x": ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"],
    "y": "progression",
    "offset": 0.0,  # data() puts mean and deviation here, so that
    "scale": 1.0,  # predictions are shown in the measure's own unit
}
FOLDER = Path(__file__).parent.parent / "data"


def data() -> tuple[Tensor, Tensor]:
    """Ten measurements [442, 10] and the progression [442], all standardised."""
    with gzip.open(FOLDER / "diabetes_data_raw.csv.gz", "rt") as file:
        x = np.loadtxt(file)
    with gzip.open(FOLDER / "diabetes_target.csv.gz", "rt") as file:
        y = np.loadtxt(file)
    names["offset"], names["scale"] = float(y.mean()), float(y.std())
    x = (x - x.mean(0)) / x.std(0)
    y = (y - y.mean()) / y.std()
    return torch.from_numpy(x).float(), torch.from_numpy(y).float()


def model(
    layers: Annotated[int, (0, 4)] = 0, width: Annotated[int, (1, 256), "log"] = 32
) -> nn.Module:
    """Inputs [n, 10] to predictions [n, 1]; without hidden layers, a linear model."""
    sizes = [10] + [width] * layers
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], 1))
