"""Fit a parabola, and stand still

See
  Twenty measured speeds lie on a parabola. The curve a·t² + b·t + c has three numbers to
  learn, the parameters a, b and c, which start as chance has it. Each step moves them a
  little downhill. The loss falls fast for a few steps, then seems to stop far above 0,
  and the curve stays a poor fit. Nothing is broken: t² runs up to 361 while the constant
  sees only 1, so the loss is a narrow valley, thousands of times steeper across than
  along. A step small enough for the walls is far too small for the floor.

Try
  1. Press . six times and read the step panel: batch, predict, loss, zero, backward, update.
  2. Press space and watch the loss for 200 steps. How much is won after step 10?
  3. Set standardise on and lr to 0.1, press R, then space. The loss ends below 2. Why not at 0?
  4. Set standardise off and lr to 5e-5, press R and step with s. What does the loss do?
  5. Set lr to 1e-5 and zero_grad off, press R and run: gradients pile up, step upon step.
  6. Set zero_grad on, optimizer to adam and lr to 0.1: each parameter has its own step size.
  7. Press R and take new weights: other starting points, the same valley?

Read
  Goodfellow, Bengio, Courville: Deep Learning (2016), section 4.3.1, on ill-conditioning.
  LeCun, Bottou, Orr, Müller: Efficient BackProp (1998), section 4.3, on standardising inputs.
"""

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "sgd",
    "lr": 1e-5,
    "batch_size": 20,
    "valid": 0.0,  # twenty points: none to spare
    "stop": "step>=200",
    "threads": 1,
}
names = {"x": ["t"], "y": "speed"}


def data(standardise: bool = False) -> tuple[Tensor, Tensor]:
    """Times t and speeds, both [20]."""
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    if standardise:
        t = (t - t.mean()) / t.std()
    return t, speed


class Parabola(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Parameter(p.clone()) for p in torch.randn(3))

    def forward(self, t: Tensor) -> Tensor:
        return self.a * t**2 + self.b * t + self.c


def model() -> nn.Module:
    return Parabola()
