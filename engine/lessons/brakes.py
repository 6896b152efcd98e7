"""Brakes against overfitting: five kinds, and none

See
  100 handwritten digits to learn from, 500 to be judged by, and a network that could learn a
  thousand by heart. This run has no brake: its training loss goes to zero, and the loss on the
  held-out digits, the height that counts, falls, turns after 20 to 40 steps and climbs. Five
  replicas start from the same weights, each with one brake. Early stopping (patience) ends
  after five validations, one every ten steps, without a new best. Weight decay pulls every
  weight towards zero at each step. Dropout switches half of the units off, others at every
  step. More data is 400 digits instead of 100. Augmentation shifts every picture by up to one
  pixel, anew at every step. All but the one with more data see the same batches as this run, an
  epoch of two; the slope is the gradient of a batch, the size of the step its learning rate. A
  knob turned here turns in every replica that has not its own. Tried from 20 starts, at step
  400: early stopping, weight decay and more data ended below none nearly always, dropout and
  augmentation mostly; more data by far the lowest.

Try
  1. Press space, then tab twice to the chart, then down: held-out lines (z: the whole
     screen). A mark stands at the best of each. Which turn? {step >= 400}
  2. Press x: the best of each, and when. How much did it cost to go on? {saw = compare and
     step >= 400}
  3. Set weight_decay to 100, then R, s, space: too much brake. Only decay 1, which has its own,
     still learns: the others are braked too. {weight_decay >= 100 and step >= 200}
  4. Set weight_decay to 0, R, s, C, t, dropout=0,0.5 points=400. Then enter, space: does the
     brake still help where there is more data? {weight_decay = 0 and replicas = 2 and
     step >= 200}
  5. R, s, C, t; type weight_decay=1 dropout=0,0.5 shift=0,1. Then enter, space: brakes
     together. {replicas = 4 and step >= 200}

Read
  Prechelt: Early Stopping, But When? (1998).
  Krogh, Hertz: A Simple Weight Decay Can Improve Generalization (1991).
  Srivastava and others: Dropout: A Simple Way to Prevent Neural Networks from Overfitting
  (2014).
  The digits: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI (1998).
"""

import gzip
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adamw",
    "lr": 0.003,
    "weight_decay": 0.0,
    "batch_size": 50,
    "valid_every": 10,
    "stop": "step>=400",
    "threads": 1,
}
names = {"x": ["pixels"], "y": "digit", "classes": [str(digit) for digit in range(10)]}
compare = [
    {"patience": 5},
    {"weight_decay": 1.0},
    {"dropout": 0.5},
    {"points": 400},
    {"shift": 1},
]
FILE = Path(__file__).parent.parent / "data" / "digits.csv.gz"
Rows = tuple[Tensor, Tensor]


def data(points: Annotated[int, (20, 1200)] = 100) -> tuple[Rows, Rows]:
    """Grey values [n, 1, 8, 8] and digits [n]: `points` to train on, 500 to judge by."""
    with gzip.open(FILE, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    pixels = torch.from_numpy(table[:, :64] / 16).reshape(-1, 1, 8, 8)
    digits = torch.from_numpy(table[:, 64].astype(np.int64))
    mixed = torch.randperm(len(digits))
    held_out, kept = mixed[:500], mixed[500 : 500 + points]
    return (pixels[kept], digits[kept]), (pixels[held_out], digits[held_out])


def model(
    width: Annotated[int, (1, 1024), "log"] = 256, dropout: Annotated[float, (0.0, 0.9)] = 0.0
) -> nn.Module:
    """Images [n, 1, 8, 8] to logits [n, 10]."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(width, 10),
    )


def augment(x: Tensor, shift: Annotated[int, (0, 3)] = 0) -> Tensor:
    """Every picture moved by up to `shift` pixels, each by its own draw."""
    if not shift:
        return x
    n, side = len(x), x.shape[-1]
    padded = nn.functional.pad(x, (shift,) * 4)
    windows = padded.unfold(2, side, 1).unfold(3, side, 1)
    down, across = torch.randint(2 * shift + 1, (2, n))
    return windows[torch.arange(n), :, down, across]
