"""Weights are dials: turn them by hand, then let the gradient

See
  Forty houses: rooms, a garden or none, age, and whether the mailbox is red. The model is a
  radio with a dial for each input and one more: price = sum of dial times input, plus the bias.
  Rooms matter; the mailbox's colour does not, whatever its dial says at the start. The bias is
  the base level: the price of a house with nothing in it. Each bar is a dial, its arrow the
  gradient's way down. Every input is brought to 0 … 1, prices to 100,000s. The loss remembers
  the dials it was computed from, if they require a gradient; else backward has nothing to do.
  The update is written by hand, three lines under torch.no_grad() (picture update):
      with torch.no_grad():
          for p in model.parameters():
              p -= lr * p.grad

Try
  1. Press E, choose a dial with up and down; E types a number. The answer says the loss. Can
     you get it below 1 by hand? {edits >= 3}
  2. Press R, s, and s ten times, then 2. Ten steps, each over all houses: the ten losses fall
     by 95 % or more. Which dial moved most? {step >= 10 and saw = ten}
  3. Press space, and at its end 4. The dial of the mailbox ends near 0. What does a house with
     nothing cost, what does a red mailbox change? {step >= 150 and saw = rows}
  4. Set zero_grad off, press R, s, space, then d: .grad beside the fresh gradient. Old ones
     pile up in it, and the loss swings without end.
     {zero_grad = off and step >= 20 and saw = gradients}
  5. Set zero_grad on, requires_grad off, then press s. The loss remembers no dials: PyTorch's
     own error. Turn requires_grad on again. {requires_grad = off and status = failed}
  6. Set table to diabetes, press R, s, space. Real people: the loss ends near 0.29, half that
     of the best single answer to all (0.59). {table = diabetes and step >= 150}
  7. Set centred off, press R, s, space. All dials start above 0: do they end elsewhere?
     {centred = off and step >= 150}

Read
  Efron, Hastie, Johnstone, Tibshirani: Least Angle Regression (2004), whose table this is.
  PyTorch's notes: Autograd mechanics, on requires_grad, no_grad and where gradients pile up.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import Tensor, nn

settings = {
    "lr": 0.3,
    "batch_size": 1000,  # all of them
    "valid": 0.0,
    "stop": "step>=200",
    "threads": 1,
}
show = ["weights"]
Table = Literal["houses", "diabetes"]
INPUTS = {
    "houses": {"rooms": 8, "garden": 1, "age": 80, "mailbox": 1},
    "diabetes": dict.fromkeys(["age", "sex", "bmi", "bp", *(f"s{i}" for i in range(1, 7))], 1),
}
names = {"x": list(INPUTS["houses"]), "y": "price", "offset": 0.0, "scale": 100.0}
FOLDER = Path(__file__).parent.parent / "data"


def data(
    table: Table = "houses", noise: Annotated[float, (0.0, 100.0), "of a price, in 1,000s"] = 10.0
) -> tuple[Tensor, Tensor]:
    """Inputs from 0 to 1 [n, inputs] and the target in hundreds [n]."""
    names["x"] = list(INPUTS[table])
    if table == "diabetes":
        names["y"] = "progression"
        x, y = (torch.from_numpy(read(part)).float() for part in ("data_raw", "target"))
        low, high = x.amin(0), x.amax(0)
        return (x - low) / (high - low), y / 100
    names["y"] = "price"
    rooms, garden, mailbox = (torch.randint(*ends, (40,)) for ends in ((1, 9), (0, 2), (0, 2)))
    age = torch.rand(40) * 80
    price = 140 + 40 * rooms + 30 * garden - 0.5 * age + noise * torch.randn(40)
    return torch.stack([rooms / 8, garden.float(), age / 80, mailbox.float()], 1), price / 100


def read(part: str) -> np.ndarray:
    """A file of the diabetes table: 442 people, ten measurements or the progression."""
    with gzip.open(FOLDER / f"diabetes_{part}.csv.gz", "rt") as file:
        return np.loadtxt(file)


def dials(table: Table, centred: bool) -> nn.Linear:
    """One dial for each input, from rand - 0.5 (or rand), and the bias at 0."""
    layer = nn.Linear(len(INPUTS[table]), 1)
    with torch.no_grad():
        layer.weight.copy_(torch.rand(layer.weight.shape) - 0.5 * centred)
        layer.bias.zero_()
    return layer


def model(table: Table = "houses", centred: bool = True) -> nn.Module:
    return dials(table, centred)


class ByHand(torch.optim.Optimizer):
    """What an optimizer is: a loop over the parameters, without gradients being tracked."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    def step(self, closure: Any = None) -> None:  # pyright: ignore
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p -= group["lr"] * p.grad


def optimizer(
    parameters: Iterable[Tensor], lr: Annotated[float, (1e-4, 10.0), "log"] = 0.3
) -> torch.optim.Optimizer:
    return ByHand(parameters, lr)


def step(model: nn.Module, batch: tuple[Tensor, Tensor], requires_grad: bool = True) -> Tensor:
    """The mean squared error, with or without a memory of how it came about."""
    x, y = batch
    for p in model.parameters():
        p.requires_grad_(requires_grad)
    return F.mse_loss(model(x)[:, 0], y)


def gradient(model: nn.Linear, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """By hand: twice the mean of error times input; for the bias the input is 1."""
    error = model(x)[:, 0] - y
    return {"weight": 2 * (error[:, None] * x).mean(0), "bias": 2 * error.mean()}


def gradient_numpy(model: nn.Linear, x: Tensor, y: Tensor) -> dict[str, Any]:
    """The same without torch."""
    w, b = model.weight[0].double().numpy(), model.bias.double().numpy()
    inputs = x.double().numpy()
    error = inputs @ w + b - y.double().numpy()
    return {"weight": 2 * inputs.T @ error / len(error), "bias": 2 * np.mean(error)}


def view_ten(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    table: Table = "houses",
    centred: bool = True,
    lr: Annotated[float, (1e-4, 10.0), "log"] = 0.3,
    seed: int = 0,
    zero_grad: bool = True,
) -> dict[str, object]:
    """Ten steps over all examples from this seed's start, and the loss before each."""
    torch.manual_seed(seed)
    fresh = dials(table, centred)
    losses: list[float] = []
    with torch.enable_grad():
        for _ in range(10):
            loss = F.mse_loss(fresh(x)[:, 0], y)
            losses.append(loss.item())
            loss.backward()
            with torch.no_grad():
                for p in fresh.parameters():
                    p -= lr * (0.0 if p.grad is None else p.grad)
                    p.grad = None if zero_grad else p.grad
    cells = [
        (str(i), f"{loss:.4f}", f"{100 * (1 - loss / losses[0]):.1f} %")
        for i, loss in enumerate(losses, 1)
    ]
    heading = ("step", "loss", "fallen by")
    rows = [(*left, *right) for left, right in zip(cells[:5], cells[5:], strict=True)]
    how = " from the start" if zero_grad else ", old gradients kept (zero_grad off)"
    return {f"ten steps{how}": [(*heading, *heading), *rows]}


def view_update(
    model: nn.Linear,
    x: Tensor,
    y: Tensor,
    lr: Annotated[float, (1e-4, 10.0), "log"] = 0.3,
    table: Table = "houses",
) -> dict[str, object]:
    """The update as it is written, with the numbers in it."""
    code = "with torch.no_grad():\n    for p in model.parameters():\n        p -= lr * p.grad"
    labels = [*INPUTS[table], "bias"]
    values = torch.cat([model.weight[0], model.bias]).tolist()
    if model.weight.grad is None or model.bias.grad is None:
        return {"by hand": code, "now": "There is no gradient yet: press . up to backward."}
    slopes = torch.cat([model.weight.grad[0], model.bias.grad]).tolist()
    rows = [
        (label, f"{p:.4f}", f"{g:+.4f}", f"{-lr * g:+.4f}", f"{p - lr * g:.4f}")
        for label, p, g in zip(labels, values, slopes, strict=True)
    ]
    heading = ("p", "is", "p.grad", f"-{lr:g} · p.grad", "would be")
    return {"by hand": code, "with what .grad holds": [heading, *rows]}


def view_rows(model: nn.Linear, x: Tensor, y: Tensor, table: Table = "houses") -> dict[str, object]:
    """What the dials make of some rows: one of zeros first, then real ones.

    Of many inputs, the four whose dials are turned furthest.
    """
    zeros = model(torch.zeros(1, x.shape[1])).item()
    largest = torch.tensor(list(INPUTS[table].values()))
    kept = sorted(model.weight[0].abs().topk(4).indices.tolist())
    rows: list[tuple[str, ...]] = [("·", *["0"] * 4, "", f"{100 * zeros:.0f}")]
    predicted = model(x)[:, 0]
    for i in range(min(12, len(x))):
        shown = (f"{v:.3g}" for v in (x[i] * largest)[kept].tolist())
        rows.append((str(i + 1), *shown, f"{100 * y[i]:.0f}", f"{100 * predicted[i]:.0f}"))
    said = f"All inputs 0: {100 * zeros:.0f} (bias {zeros:.3f})."
    if table == "houses":
        said += f" Red mailbox: {100 * model.weight[0, 3]:+.1f}."
    columns = [list(INPUTS[table])[column] for column in kept]
    which = "rows" if len(columns) == x.shape[1] else "rows, and the four inputs that count most"
    return {"": said, which: [("", *columns, str(names["y"]), "predicted"), *rows]}
