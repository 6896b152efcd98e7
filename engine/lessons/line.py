"""Fit a straight line: two numbers, one slope at a time

See
  A hundred points scatter around the line y = 2x − 1. The model w·x + b has two parameters:
  w, the slope, and b, the height at x = 0. The loss is the mean squared distance between
  line and points; its gradient says for each parameter which way is uphill, and a step goes
  the other way. The line swings into place within some twenty steps; the loss settles near
  0.09, the variance of the noise, because no line can fit noise.

Try
  1. Step with s and watch w and b. Do they move much at first, and less later? Why?
  2. Set lr to 0.01, press R: the same way, in short steps. Then 0.5, then 1.2: too far.
  3. Set batch_size to 1: every step trusts a single point. Then 80: all of them at once.
  4. Set noise to 0, press R: where does the loss end now?
  5. Set points to 5 and compare train and validation.

Read
  Rumelhart, Hinton, Williams: Learning representations by back-propagating errors (1986).
  Bishop: Pattern Recognition and Machine Learning (2006), sections 1.1 and 3.1.
"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "sgd",
    "lr": 0.1,
    "batch_size": 20,
    "valid": 0.2,
    "stop": "step>=200",
    "threads": 1,
}


def data(
    points: Annotated[int, (5, 1000)] = 100, noise: Annotated[float, (0.0, 3.0)] = 0.3
) -> tuple[Tensor, Tensor]:
    """x, uniform from -2 to 2, and y = 2x - 1 + noise, both [points]."""
    x = torch.rand(points) * 4 - 2
    return x, 2 * x - 1 + noise * torch.randn(points)


class Line(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(()))
        self.b = nn.Parameter(torch.randn(()))

    def forward(self, x: Tensor) -> Tensor:
        return self.w * x + self.b


def model() -> nn.Module:
    return Line()
