"""The learning rate: five runs, one start, one dial

See
  A day's temperature is a sum of waves; the model learns how strong each of nine waves is.
  Five runs start from the same nine weights and see the same batches; only the length of
  their steps differs. The height is the loss, the slope its gradient, the size of the step
  the learning rate lr times the gradient, a lap of 20 batches an epoch. At lr 0.001 the loss
  crawls; at 0.01 it gets there late; at 0.1, this run, it is fine: 0.04 is the noise, which
  nothing can learn. At 0.7 every batch throws the weights across the valley, and the loss
  bounces above the noise; at 2 each step overshoots by more than the last: it explodes.
  Many rates would do. The picture rates marks the band of those that are good enough, at most
  1.5 times the lowest loss. Of these five they are 0.01 and 0.1; who tries more of them finds
  that SGD's band goes on to 0.3. Adam divides each step by the size of its gradients. It has a
  band of its own, about 0.01 to 0.1, and even at lr 3 it only bounces.

Try
  1. Tab to the chart, then space: five lines, five fates (z: the whole screen). Then x: who is
     best, and when? {step >= 300}
  2. Press F: the loss against lr, by factors. Which are good enough? The bar below is the band;
     nobody has looked between 0.1 and 0.7. {saw = rates and step >= 300}
  3. R, s, C, t; type lr=0.003,0.01,0.1,0.3,3 optimizer=sgd,adam. Then enter, space, F (z): a
     band for each of the two. {replicas >= 8 and step >= 300}
  4. Set lr to 0.7 and batch_size to 200, then R, s, space. Without the chance of batches, does
     this run still bounce? {lr = 0.7 and batch_size >= 200 and step >= 100}
  5. Press R, s, C, e, then F: one run alone, and the rate finder. It takes steps on a copy, lr
     from 1e-7 up. Where does the loss climb? {saw = rates and replicas = 0}

Read
  Bottou, Curtis, Nocedal: Optimization Methods for Large-Scale Machine Learning (2018).
  Smith: Cyclical Learning Rates for Training Neural Networks (2017), on the rate finder.
  Kingma, Ba: Adam: A Method for Stochastic Optimization (2015).
"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "sgd",
    "lr": 0.1,
    "batch_size": 10,
    "valid": 0.0,
    "stop": "step>=300",
    "threads": 1,
}
names = {"x": ["time of day"], "y": "temperature"}
compare = [{"lr": 0.001}, {"lr": 0.01}, {"lr": 0.7}, {"lr": 2.0}]


def data(
    points: Annotated[int, (20, 2000)] = 200, noise: Annotated[float, (0.0, 2.0)] = 0.2
) -> tuple[Tensor, Tensor]:
    """Times 0 to 1 and temperatures, both [points, 1]: eight waves and noise."""
    time = torch.rand(points, 1)
    number = torch.arange(1, 9)
    strength = (torch.randint(0, 2, (8,)) * 2 - 1) / number**0.5
    day = (strength * torch.cos(torch.pi * number * time)).sum(1, keepdim=True)
    return time, day + noise * torch.randn(points, 1)


class Waves(nn.Module):
    """Σ wₖ cos(π k t), k = 0 … waves − 1."""

    def __init__(self, waves: int) -> None:
        super().__init__()
        self.number = torch.arange(waves)
        self.strength = nn.Linear(waves, 1, bias=False)

    def forward(self, time: Tensor) -> Tensor:
        return self.strength(torch.cos(torch.pi * self.number * time))


def model(waves: Annotated[int, (1, 30)] = 9) -> nn.Module:
    return Waves(waves)
