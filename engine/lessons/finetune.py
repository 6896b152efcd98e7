"""Trained weights meet new data, and forget the old

See
  A small conv net that was trained on the digits 0 to 4 shall learn 5 to 9 from 30 examples.
  Three runs stand side by side (x): from scratch, all layers of the trained net, and its last
  layer only, the others frozen: 1,290 of its 6,090 weights move. Held out are digits of all
  ten kinds: valid_new is the share of 5 to 9 that is read, valid_old that of 0 to 4.

  The trained net has a head start: after 20 steps it reads more of the new digits. By step 200
  the others have caught up. And it forgets: of the old digits, of which it read nearly nine in
  ten, it reads almost none after 50 steps, because nothing in the new data asks for them. To
  keep what was learned, keep some of what it was learned from.

Try
  1. Press S, type 20, enter, then x: who reads more new digits? Then space: who at the end?
     {step >= 100 and replicas >= 2}
  2. Set train to all, then R, s; step with s, and press 2. How fast do the old digits go, how
     fast do the new ones come? {train = all and valid_old < 0.2 and saw = confusion}
  3. Set train to last, then R, s, space, then n and ↓. Which layers have a gradient, and
     which do not? {train = last and saw = network and step >= 50}
  4. Set train to all and kept to 10, then R, s, space. Ten old digits among the new ones: what
     is kept? {train = all and kept >= 10 and step >= 100 and valid_old > 0.5}
  5. Set train scratch, kept 0, examples 300; R, s, space, and x. Ten times the examples: does
     the head start still matter? {train = scratch and kept = 0 and examples >= 200 and
     step >= 100}
  6. Set examples to 30, lr to 0.0002, then R, s, space. In all (x), shorter steps forget more
     slowly. Do they learn, too? {examples = 30 and lr <= 0.0005 and step >= 50}

Read
  Yosinski, Clune, Bengio, Lipson: How transferable are features in deep neural networks?
  (2014). McCloskey, Cohen: Catastrophic interference in connectionist networks (1989).
  Hu et al.: LoRA (2021), which trains a few numbers beside frozen weights.
"""

import gzip
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 2e-3,
    "batch_size": 20,
    "stop": "step>=200",
    "threads": 1,
}
names = {"x": ["pixels"], "y": "digit", "classes": [str(digit) for digit in range(10)]}
compare = [{"train": "all"}, {"train": "last"}]
show = ["compare", "confusion", "gallery"]
FILE = Path(__file__).parent.parent / "data" / "digits.csv.gz"
Rows = tuple[Tensor, Tensor]


def digits() -> Rows:
    """Images [1797, 1, 8, 8] and digits [1797]. The last 600 are held out, whoever trains."""
    with gzip.open(FILE, "rt") as file:
        table = torch.from_numpy(np.loadtxt(file, delimiter=",", dtype=np.float32))
    return table[:, :64].reshape(-1, 1, 8, 8) / 16, table[:, 64].long()


def data(
    examples: Annotated[int, (10, 500)] = 30, kept: Annotated[int, (0, 500)] = 0
) -> tuple[Rows, Rows]:
    """New digits, 5 to 9, and `kept` of the old ones, to train on; all ten to judge by."""
    x, digit = digits()
    rows = torch.randperm(len(x) - 600)
    new, old = rows[digit[rows] > 4][:examples], rows[digit[rows] < 5][:kept]
    rows = torch.cat([new, old])
    return (x[rows], digit[rows]), (x[-600:], digit[-600:])


def model(train: Literal["scratch", "all", "last"] = "scratch") -> nn.Module:
    """Images [n, 1, 8, 8] to logits [n, 10], trained on 0 to 4 unless it starts from scratch."""
    network = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    if train != "scratch":
        learn_old(network)
    if train == "last":
        network.requires_grad_(False)
        network[-1].requires_grad_(True)
    return network


def learn_old(network: nn.Module) -> None:
    """300 steps on the digits 0 to 4, with five scores: those of 5 to 9 stay as they began."""
    x, digit = digits()
    x, digit = x[:-600], digit[:-600]
    x, digit = x[digit < 5], digit[digit < 5]
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(300):
        rows = torch.randint(len(x), (50,))
        loss = nn.functional.cross_entropy(network(x[rows])[:, :5], digit[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    optimizer.zero_grad()  # what is frozen next shall not seem to have a gradient


def metrics(prediction: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Share of the old digits (0 to 4) and of the new ones (5 to 9) that are read."""
    right, old = (prediction.argmax(1) == target).float(), target < 5
    parts = {"new": right[~old], "old": right[old]}
    return {name: part.mean() for name, part in parts.items() if len(part)}
