"""Learn the noise by heart

See
  Thirty noisy points of a sine, and a network with 66,433 weights: far too large. First it
  learns the wave, and both losses fall. Then it bends from point to point: the training loss
  goes on falling while the validation loss (200 points of the same law that it never trains
  on) turns, after about a hundred steps, and climbs. The best is marked on the chart, and the
  gap after it is shaded. The picture fit shows three curves: dotted the start, in crosses the
  one at its best, in full the one now. The noise alone gives 0.09: no honest loss is far below.

Try
  1. Press > twice for speed, then space. Where does validation turn? And the training loss?
     {step >= 600}
  2. Run on and press 1 (z: the whole screen): the curve now, and in crosses its best. Which is
     nearer to the wave? {step >= 1000}
  3. Press V, then R, s, space: without what is held out. Does anything seem wrong now? The
     training loss only falls. Press V again.
     {restarts >= 1 and points = 30 and width = 128 and step >= 600}
  4. Set points to 500, then R, s, space: more data. The same network; what becomes of the gap?
     {points >= 500 and step >= 600}
  5. Set points 30, layers 1, width 4, then R, s, space. Is it too small to bend so much?
     {points = 30 and layers = 1 and width <= 4 and step >= 600}
  6. Set layers 5, width 128, patience 200, then R, s, space. It stops by itself, 200
     validations after its best. {layers = 5 and width = 128 and patience >= 100 and
     status = paused and step >= 150 and step < 1400}

Read
  Geman, Bienenstock, Doursat: Neural networks and the bias/variance dilemma (1992).
  Prechelt: Early stopping, but when? (1998).
  Zhang, Bengio, Hardt, Recht, Vinyals: Understanding deep learning requires rethinking
  generalization (2017): such networks learn even random labels by heart.
"""

from typing import Annotated

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adamw",
    "lr": 1e-3,
    "batch_size": 500,
    "valid_every": 1,
    "stop": "step>=1500",
    "threads": 1,
}
names = {"x": ["x"], "y": "y"}
hide = ["momentum", "nesterov", "clip", "zero_grad", "schedule", "shuffle", "valid"]


def data(
    points: Annotated[int, (5, 2000), "log"] = 30, noise: Annotated[float, (0.0, 1.0)] = 0.3
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """(train, valid): x [points, 1] in -1..1 and sin 3x + noise; always 200 to validate."""
    x = 2 * torch.rand(points, 1) - 1
    y = torch.sin(3 * x) + noise * torch.randn(points, 1)
    other = 2 * torch.rand(200, 1) - 1
    return (x, y), (other, torch.sin(3 * other) + noise * torch.randn(200, 1))


def model(
    layers: Annotated[int, (1, 8)] = 5, width: Annotated[int, (1, 256), "log"] = 128
) -> nn.Module:
    """One number in, `layers` hidden layers, one number out."""
    parts: list[nn.Module] = [nn.Linear(1, width), nn.ReLU()]
    for _ in range(layers - 1):
        parts += [nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(width, 1))
