"""Walk down a hill: one number, one slope, one step at a time

See
  There is one number to learn, w. Over it lies a hill: the height is the loss,
  L(w) = 0.25 (w − 2)² + 0.4. You stand on it in fog and see the ground at your feet alone.
  What you can feel is the slope there, the gradient, 0.5 (w − 2). Its sign says which way is
  up, so a step, the update of w, goes the other way; how far is the learning rate times the
  slope. With momentum, a share of the last update goes on, as a heavy ball would.

  Without momentum w − 2 is multiplied by 1 − lr/2 in each step. So lr 2 is at the bottom in
  one step, above 2 a step lands on the other side, and from 4 on it climbs. With momentum β
  the ball swings past the bottom from lr 2 (1 − √β)² on, and climbs from lr 4 (1 + β) on.

Try
  1. Press s three times. Which way does w go where the slope is below 0? {step >= 3}
  2. Press f, then space. The fog lifts, and the ball walks the whole trail; the rings show the
     way to come. {saw = hill and step >= 20}
  3. Press R, s (the same start); turn lr to 1, 2 and 5. Watch the rings; at 2 the ◇ hides them.
     Which lr is best? {restarts >= 1 then saw = hill and lr >= 5}
  4. Set lr to 3 (enter types it), press R, s, and s three times. Each step lands on the other
     side. {lr > 2 and lr < 4 and step >= 3}
  5. Set lr to 5, press R, s, and s three times. The loss climbs: this is divergence.
     {lr > 4 and step >= 3}
  6. Set lr to 0.02, stop to step>=400, press R, s, space. The steps are short: after how many
     does w arrive, the loss below 0.41? {lr < 0.1 and step >= 200 and loss < 0.41}
  7. Set momentum to 0.9, lr to 0.2, press R, s, space. It rolls past the bottom and back.
     {momentum >= 0.8 and lr >= 0.1 and step >= 20}
  8. Turn start above 2, press R, s, and s again. What changes its sign? {start > 2 and step >= 1}

Read
  Goodfellow, Bengio, Courville: Deep Learning (2016), section 4.3, on descending a gradient.
  Polyak: Some methods of speeding up the convergence of iteration methods (1964), on momentum.
"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {"optimizer": "sgd", "lr": 0.5, "momentum": 0.0, "stop": "step>=20", "threads": 1}
hide = [
    "optimizer", "weight_decay", "nesterov", "schedule", "clip", "zero_grad", "loss", "batch_size",
    "shuffle", "valid", "valid_every", "patience", "precision", "device", "threads", "num_workers",
    "seed", "data_seed", "weights", "network", "graph", "cost",
]  # fmt: skip


class Hill(nn.Module):
    """The loss over one parameter, w. Its curvature is ½ everywhere."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(start))

    def forward(self) -> Tensor:
        return 0.25 * (self.w - 2) ** 2 + 0.4


def model(start: Annotated[float, (-10.0, 10.0)] = -3.0) -> nn.Module:
    return Hill(start)
