"""Optimizers: SGD, momentum and Adam in a curved valley

See
  Two numbers to learn, x and y, and no data: the height is the loss (1 − x)² + 20 (3y − x²)², a
  narrow valley that bends to its lowest point at x = 1, y = 1/3. Across it the slope is steep,
  along it nearly flat: there its curvatures are 521 and 1.4. SGD takes steps of lr times the
  gradient. lr has to suit the steep walls, and then it crawls along the floor. Momentum adds a
  share of the last update to the next: steps across cancel, steps along add up. Adam keeps two
  moving averages for each number, m of its gradients and v of their squares, and steps by lr ·
  m/√v: at first by lr, however steep or flat it is there, and by less where gradients shrink or
  change their sign. Picture hill shows the three ways, picture optimizer m, v and the step that
  each number takes next. A step is an update; as there is no data, a lap is a step, too. With
  task network the same three train a network of 321 weights on a sine.

Try
  1. Press H, then space: three balls, one valley (z: the whole screen). Two end at ◇, its
     lowest point, on each other. Which does not? {saw = hill and step >= 200}
  2. Press x: the loss of each. Which of the two is lower? {saw = compare and step >= 200}
  3. Set optimizer to adam, press R, s, O: its first step, to come. How far will each number go,
     steep or flat? Then s: m is g/10, v g²/1000.
     {optimizer = adam then saw = optimizer then optimizer = adam and step >= 1}
  4. Set optimizer to sgd and lr to 0.005, then R, s, space. 521 · 0.005 is more than 2: what
     does that do across the valley? {lr = 0.005 and optimizer = sgd and step >= 5}
  5. Set lr to 0.001 and momentum to 0.9, then R, s, space. Then momentum 0.99, R, s, space: how
     often does it roll past? {momentum >= 0.99 and lr = 0.001 and step >= 100}
  6. Set momentum to 0 and task to network, then R, s, space. 321 weights on a sine, and
     SGD crawls. {task = network and momentum = 0 and step >= 200}
  7. R, s, C, t; type lr=0.01,0.05 optimizer=sgd,adam. Enter, space; tab to the chart (z: the
     whole screen). Who is first below 0.02? {task = network and replicas >= 4 and step >= 200}

Read
  Polyak: Some methods of speeding up the convergence of iteration methods (1964).
  Kingma, Ba: Adam: A Method for Stochastic Optimization (2015).
  Goh: Why Momentum Really Works, Distill (2017).
"""

from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

settings = {"optimizer": "sgd", "lr": 0.003, "stop": "step>=400", "threads": 1}
compare = [
    {"momentum": 0.9, "lr": 0.002, "optimizer": "sgd"},
    {"optimizer": "adam", "lr": 0.2},
]


class Valley(nn.Module):
    """(1 − x)² + 20 (3y − x²)², lowest at x = 1, y = 1/3. Seeds begin a little apart."""

    def __init__(self, start: tuple[float, float]) -> None:
        super().__init__()
        x, y = torch.tensor(start) + 0.1 * torch.randn(2)
        self.x, self.y = nn.Parameter(x), nn.Parameter(y)

    def forward(self) -> Tensor:
        return (1 - self.x) ** 2 + 20 * (3 * self.y - self.x**2) ** 2


class Network(nn.Module):
    """The loss of a small network on 100 points of a sine, all at once."""

    points: Tensor
    heights: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)
        )
        x = torch.rand(100, 1) * 4 - 2
        self.register_buffer("points", x)
        self.register_buffer("heights", torch.sin(2 * x) + 0.1 * torch.randn(100, 1))

    def forward(self) -> Tensor:
        return mse_loss(self.layers(self.points), self.heights)


def model(
    task: Literal["valley", "network"] = "valley",
    start_x: Annotated[float, (-2.0, 2.0)] = -1.5,
    start_y: Annotated[float, (-1.0, 2.0)] = 1.0,
) -> nn.Module:
    """A model that returns its own loss."""
    return Valley((start_x, start_y)) if task == "valley" else Network()
