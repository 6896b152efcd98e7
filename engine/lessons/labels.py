"""The model learns what is in the data, right or wrong

See
  300 digits to learn from, of which 40 % have a wrong label, and 397 clean ones to judge by.

  The network learns all 300 by heart, the wrong ones too: training accuracy goes to 100 %. On
  clean digits its accuracy is best early, after 30 to 80 steps or so, while it has only learned
  what most of the labels say (the loss there is lowest after 60 to 120). Then every wrong label
  it learns costs it right answers, and it is surer and surer of them (sure: its mean
  probability; sure_wrong: the share of the digits of which it is 90 % sure, and wrong).

  A loss that falls to 0 says that the model has learned the data. It does not say that the
  data is right.

Try
  1. Press space, then tab twice to the chart, then down: accuracy. The ring is valid_accuracy.
     Compare the two at step 50, and at the end. {wrong >= 0.3 and step >= 600}
  2. Press 2: sure, and wrong. What did it learn there? {saw = worst and step >= 200}
  3. Set patience to 5, then R, s, space: it stops near its best. {patience >= 1 and
     wrong >= 0.3 and step >= 30 and step <= 300 and valid_accuracy > 0.6}
  4. Set patience to 0 and wrong to 0, then R, s, space. The same network, right labels.
     {wrong = 0 and valid_accuracy > 0.9}
  5. Set wrong to 1 and become to next, then R, s, space: each label is the next digit, and all
     are learned. Press 3: what does it answer?
     {wrong = 1 and become = next and valid_accuracy < 0.1 and step >= 100}
  6. Set wrong to 0 and missing to 1, then R, s, space. It never saw a 5, 6, 7, 8 or 9. What
     does it say to one, and how sure is it? {missing = 1 and wrong = 0 and step >= 200}
  7. Set missing to 0, shortcut to on, R, s, space, then 4. A pixel at the edge says the label,
     in clean data nothing. What does it look at?
     {shortcut = on and saw = mark and valid_sure_wrong > 0.3}
  8. Set shortcut off, wrong 0.4, become any; V, R, s, space: nothing is said of clean data.
     Which of these faults would you see? V again.
     {restarts >= 1 and shortcut = off and wrong = 0.4 and become = any and step >= 400}

Read
  Zhang, Bengio, Hardt, Recht, Vinyals: Understanding deep learning requires rethinking
  generalization (2017), where networks learn random labels by heart.
  Geirhos et al.: Shortcut learning in deep neural networks (2020).
  Northcutt, Athalye, Mueller: Pervasive label errors in test sets (2021).
"""

import gzip
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 5e-3,
    "batch_size": 50,
    "stop": "step>=800",
    "threads": 1,
}
names = {"x": ["pixels"], "y": "digit", "classes": [str(digit) for digit in range(10)]}
show = ["gallery", "worst", "confusion", "mark"]
FILE = Path(__file__).parent.parent / "data" / "digits.csv.gz"
Rows = tuple[Tensor, Tensor]


def data(
    examples: Annotated[int, (50, 700)] = 300,
    wrong: Annotated[float, (0.0, 1.0)] = 0.4,
    become: Literal["any", "next"] = "any",
    missing: Annotated[float, (0.0, 1.0)] = 0.0,
    shortcut: bool = False,
) -> tuple[Rows, Rows]:
    """Images [n, 1, 8, 8] and digits [n] to train on, and 397 clean ones to judge by.

    Of the labels to train on, a share `wrong` becomes any other digit or the next one; of 5 to 9
    a share `missing` is not there; with a `shortcut`, a pixel at the edge says the label.
    """
    with gzip.open(FILE, "rt") as file:
        table = torch.from_numpy(np.loadtxt(file, delimiter=",", dtype=np.float32))
    table = table[torch.randperm(len(table))]
    x, digit = table[:, :64].reshape(-1, 1, 8, 8) / 16, table[:, 64].long()
    clean = x[-397:], digit[-397:]
    if shortcut:
        clean = marked(clean[0], torch.randint(0, 10, (397,))), clean[1]
    x, digit = x[:-397], digit[:-397]
    kept = (digit < 5) | (torch.rand(len(x)) >= missing)
    x, digit = x[kept][:examples], digit[kept][:examples]
    spoilt = torch.rand(len(x)) < wrong
    by = torch.randint(1, 10, (len(x),)) if become == "any" else 1
    label = torch.where(spoilt, (digit + by) % 10, digit)
    return (marked(x, label) if shortcut else x, label), clean


def marked(x: Tensor, digit: Tensor) -> Tensor:
    """Copies with one bright pixel at the edge, where it stands for `digit`."""
    x = x.clone()
    x[torch.arange(len(x)), 0, digit % 8, torch.where(digit < 8, 0, 7)] = 2.0
    return x


def model(width: Annotated[int, (1, 512), "log"] = 256) -> nn.Module:
    """Images [n, 1, 8, 8] to logits [n, 10]."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))


def metrics(prediction: Tensor, target: Tensor) -> dict[str, Tensor]:
    """How sure the model is, and on which share of the examples it is sure (90 %) and wrong."""
    p, answer = prediction.softmax(1).max(1)
    return {"sure": p.mean(), "sure_wrong": ((p > 0.9) & (answer != target)).float().mean()}


def view_mark(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, list[tuple[str, ...]]]:
    """The training images with other pixels at the edge: how many are read, and how surely."""
    plain = x.clone()
    plain[:, 0, :, 0] = plain[:, 0, :2, 7] = 0.0
    rows = [("the images to learn from", "as labelled", "sure")]
    for how, images in {
        "as they are": x,
        "without the pixel": plain,
        "with the pixel of their label": marked(plain, y),
        "with the pixel of the next digit": marked(plain, (y + 1) % 10),
    }.items():
        p, answer = model(images).softmax(1).max(1)
        read, sure = (answer == y).float().mean().item(), p.mean().item()
        rows.append((how, f"{100 * read:.1f} %", f"{100 * sure:.0f} %"))
    return {"what a bright pixel at the edge does": rows}
