"""Tell a disc from the ring around it

See
  Two classes in the plane: points in a disc, and points in a ring around it. No straight
  line parts them. The network lays a few straight cuts (its hidden units), bends each with
  the activation and adds them up: the boundary grows from a line into a closed curve. It
  ends with nearly every held-out point on the right side.

Try
  1. Run, and watch the boundary bend around the disc.
  2. Set layers to 0 and press R: one straight cut. How far does accuracy get?
  3. Set width to 2, then 3, press R each time. How many cuts enclose a disc?
  4. Set activation to relu: the curve gets corners.
  5. Set lr to 1, then 0.001. Which is too much, which too little?

Read
  Cybenko: Approximation by superpositions of a sigmoidal function (1989).
  Smilkov, Carter, Sculley, Viégas, Wattenberg: Direct-manipulation visualization of deep
  networks (2017), where this pair of classes comes from.
"""

import math
from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 0.03,
    "batch_size": 50,
    "valid": 0.2,
    "stop": "step>=400",
    "threads": 1,
}
names = {"x": ["x1", "x2"], "y": "class", "classes": ["disc", "ring"]}


def data(points: Annotated[int, (20, 5000)] = 500) -> tuple[Tensor, Tensor]:
    """Points [points, 2] and their classes [points]: radius U(0, 2.5) or U(3.5, 5)."""
    y = torch.arange(points) % 2
    radius = torch.where(y == 0, 2.5 * torch.rand(points), 3.5 + 1.5 * torch.rand(points))
    angle = 2 * math.pi * torch.rand(points)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), y


def model(
    layers: Annotated[int, (0, 6)] = 1,
    width: Annotated[int, (1, 128), "log"] = 8,
    activation: Literal["tanh", "relu", "sigmoid", "gelu"] = "tanh",
) -> nn.Module:
    """Points [n, 2] to logits [n, 2] through `layers` hidden layers."""
    bend = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}[activation]
    sizes = [2] + [width] * layers
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), bend()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], 2))
