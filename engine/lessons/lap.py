"""A lap: full batch, mini-batches, single examples

See
  250 measurements of a curve, written down in order, from left to right: 200 to train on, 50
  held out. The model is a cubic with four weights. An epoch is one lap: every example was used
  once. Three runs start from the same weights. One takes all 200 at each step, so that a step
  is a lap; this run takes 20, ten steps a lap; one takes single examples, 200 steps a lap. The
  height is the loss of the batch at hand, the slope the gradient that this batch has, the size
  of the step lr times that. The full batch feels the true slope and goes down without a jolt. A
  smaller batch guesses: with B examples the guess is off by an amount that shrinks like 1/√B.
  But it costs B/200 of the work: in the first lap the full batch takes one step and single
  examples take 200, and are far ahead. Shuffling gives each lap another order, so that what
  comes next is a fair sample of the whole; in order, single examples have all but forgotten the
  left when they come to the right.

Try
  1. Press e: one lap of this run. All three take their steps together: which of them has seen
     most examples by now? {epoch >= 1}
  2. Tab to the chart, then space: one line is smooth, one jumps (z: the whole screen). Then x:
     does it end higher? {step >= 200}
  3. Press B: who was seen how often, and by how much a batch's gradient is off: four times the
     examples, half of the noise. {saw = seen and step >= 10}
  4. R, s, C, t; type batch_size=1,20 shuffle=on,off; enter, space. Look at valid in the table
     (z: the whole screen). Who is worst? {replicas = 3 and step >= 400}
  5. Set batch_size to 1, lr to 0.02; R, s, space, and at step 400 space again. By step 1,000
     short steps even out what single examples say.
     {batch_size = 1 and lr <= 0.02 and step >= 1000}

Read
  Robbins, Monro: A Stochastic Approximation Method (1951).
  Bottou, Curtis, Nocedal: Optimization Methods for Large-Scale Machine Learning (2018).
"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "sgd",
    "lr": 0.05,
    "batch_size": 20,
    "valid": 0.2,
    "stop": "step>=400",
    "threads": 1,
}
names = {"x": ["x"], "y": "measured"}
compare = [{"batch_size": 200}, {"batch_size": 1}]


def data(
    points: Annotated[int, (20, 2000)] = 250, noise: Annotated[float, (0.0, 2.0)] = 0.3
) -> tuple[Tensor, Tensor]:
    """x from -1 to 1 in order, and a sine with noise, both [points, 1]."""
    x = torch.linspace(-1, 1, points)[:, None]
    return x, torch.sin(3 * x) + noise * torch.randn(points, 1)


class Cubic(nn.Module):
    """w₀ + w₁ x + w₂ (3x² − 1)/2 + w₃ (5x³ − 3x)/2: Legendre's polynomials."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(4))

    def forward(self, x: Tensor) -> Tensor:
        powers = [torch.ones_like(x), x, (3 * x**2 - 1) / 2, (5 * x**3 - 3 * x) / 2]
        return (torch.cat(powers, 1) @ self.w)[:, None]


def model() -> nn.Module:
    return Cubic()
