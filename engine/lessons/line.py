"""Fit a straight line: the gradient, four ways

See
  Twenty points scatter around the line y = 2x − 1. The model w·x + b has a slope w and a height
  b; at first b is frozen at 0, so there is one number to learn. The loss is the mean of the
  squared distances between line and points: the height on a hill whose only direction is w. Its
  slope is the gradient, (2/n) Σ (w·x + b − y)·x. A step moves w by −lr times the gradient, so
  lr is the size of the step; one lap through all points is an epoch, and here a step is a lap.
  The picture gradients shows the same number four ways: by hand (the sum above), in NumPy, by
  autograd, and by nudging w a little up and down and looking at the loss. They agree, so
  loss.backward() is no magic. Above lr 0.34 w jumps across the valley, above 0.68 it flies
  away. With the loss mae each point pulls with the same force, however far it is.

Try
  1. Press 2: the sum spelled out, a row for each point. Then d: one number found four ways;
     below, what a nudge of w does to the loss. {saw = sums and saw = gradients}
  2. Press . six times. Batch, predict, loss, zero, backward, update: does w move against the
     sign of its gradient? {phases >= 6}
  3. Press H, then space. The loss over w alone is a parabola; the ball rolls to about w = 2,
     and the loss ends above 0.5. Why not lower? {saw = hill and step >= 50}
  4. Set learn_b on, press R, s, space. The line can slide as well as turn: b goes to about −1,
     the loss ends below 0.15, for the noise. {learn_b = on and step >= 50}
  5. Press 3. A loop in NumPy and one in PyTorch, 100 laps from one start, equal numbers. Which
     of its lines does loss.backward() replace? {saw = numpy}
  6. Set lr to 0.5, then H, R, s, s ten times: w jumps across the valley, and arrives. With
     0.8 each jump is longer: the loss rises above 100. {lr >= 0.8 and loss > 100}
  7. Set lr to 0.1, outlier to 20, press R, s, space. One point tilts the line. Set loss to mae,
     R, s, space: it stays with the others. {outlier >= 20 and loss = mae and step >= 50}

Read
  Rumelhart, Hinton, Williams: Learning representations by back-propagating errors (1986).
  Huber: Robust Estimation of a Location Parameter (1964), on squares and absolute errors.
  Bishop: Pattern Recognition and Machine Learning (2006), sections 1.1 and 3.1.
"""

from typing import Annotated, Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import Tensor, nn

settings = {
    "optimizer": "sgd",
    "lr": 0.1,
    "batch_size": 1000,  # all of them: a step is a lap
    "valid": 0.0,
    "stop": "step>=100",
    "threads": 1,
}
show = ["fit"]
Loss = Literal["auto", "mse", "mae", "huber"]


def data(
    points: Annotated[int, (2, 1000)] = 20,
    noise: Annotated[float, (0.0, 3.0)] = 0.3,
    outlier: Annotated[float, (0.0, 100.0), "how far the rightmost point is moved up"] = 0.0,
) -> tuple[Tensor, Tensor]:
    """x, evenly from -2 to 2, and y = 2x - 1 + noise, both [points]."""
    x = torch.linspace(-2, 2, points)
    y = 2 * x - 1 + noise * torch.randn(points)
    y[-1] += outlier
    return x, y


class Line(nn.Module):
    def __init__(self, learn_b: bool) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(()))
        self.b = nn.Parameter(torch.zeros(()), requires_grad=learn_b)

    def forward(self, x: Tensor) -> Tensor:
        return self.w * x + self.b


def model(learn_b: bool = False) -> nn.Module:
    return Line(learn_b)


def gradient(model: Line, x: Tensor, y: Tensor, loss: Loss = "auto") -> dict[str, Tensor]:
    """By hand: the mean over all points of d loss/d error times d error/d parameter."""
    error = model.w * x + model.b - y
    pull = {"mae": error.sign(), "huber": error.clamp(-1, 1)}.get(loss, 2 * error)
    return {"w": (pull * x).mean(), "b": pull.mean()}


def gradient_numpy(model: Line, x: Tensor, y: Tensor, loss: Loss = "auto") -> dict[str, float]:
    """The same without torch."""
    w, b = model.w.item(), model.b.item()
    xs, ys = x.double().numpy(), y.double().numpy()
    _, pull = height_and_pull(w * xs + b - ys, loss)
    return {"w": float(np.mean(pull * xs)), "b": float(np.mean(pull))}


def height_and_pull(error: np.ndarray, loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """Of each point: its loss, and the derivative of that along its error."""
    if loss == "mae":
        return abs(error), np.sign(error)
    if loss == "huber":
        near = abs(error) <= 1
        return np.where(near, error**2 / 2, abs(error) - 0.5), np.clip(error, -1, 1)
    return error**2, 2 * error


def view_sums(model: Line, x: Tensor, y: Tensor, loss: Loss = "auto") -> dict[str, object]:
    """The loss and its gradient as sums over the points."""
    prediction = model(x)
    error = prediction - y
    height, pull = map(torch.from_numpy, height_and_pull(error.numpy(), loss))
    each, slope = {"mae": ("|error|", "sign"), "huber": ("huber", "clipped")}.get(
        loss, ("error²", "2·error")
    )
    n, total, pulls = len(x), height.sum(), pull.sum()
    moments = (pull * x).sum().round(decimals=5)  # what is less is rounding
    words = (
        f"loss      = 1/{n} Σ {each} = {total:.5g}/{n} = {total / n:.5g}\n"
        f"d loss/dw = 1/{n} Σ {slope}·x = {moments:.4g}/{n} = {moments / n:.4g}\n"
        f"d loss/db = 1/{n} Σ {slope} = {pulls:.4g}/{n} = {pulls / n:.4g}"
    )
    if not model.b.requires_grad:
        words += "\nb is frozen: its gradient is not used"
    columns = (x, y, prediction, error, height, pull * x)
    rows = [tuple(f"{v:.3f}" for v in row) for row in torch.stack(columns, 1).tolist()]
    heading = ("x", "y", "w·x + b", "error", each, f"{slope}·x")
    return {"the sums": words, "point by point": [heading, *rows]}


Way = list[tuple[float, float, float]]  # loss, w, b


def numpy_loop(
    x: np.ndarray, y: np.ndarray, start: Line, lr: float, loss: Loss, epochs: int
) -> Way:
    """Before each epoch and after the last; the gradient is written by hand."""
    way: Way = []
    w, b, learn_b = start.w.item(), start.b.item(), start.b.requires_grad
    for _ in range(epochs + 1):
        height, pull = height_and_pull(w * x + b - y, loss)
        way.append((float(np.mean(height)), w, b))
        w -= lr * float(np.mean(pull * x))
        b -= lr * float(np.mean(pull)) * learn_b
    return way


def torch_loop(x: Tensor, y: Tensor, line: Line, lr: float, loss: Loss, epochs: int) -> Way:
    """The same with autograd and an optimizer."""
    way: Way = []
    criterion = {"mae": F.l1_loss, "huber": F.huber_loss}.get(loss, F.mse_loss)
    optimizer = torch.optim.SGD([p for p in line.parameters() if p.requires_grad], lr=lr)
    for _ in range(epochs + 1):
        value = criterion(line(x), y)
        way.append((value.item(), line.w.item(), line.b.item()))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return way


def view_numpy(
    model: Line,
    x: Tensor,
    y: Tensor,
    lr: float = 0.1,
    seed: int = 0,
    learn_b: bool = False,
    loss: Loss = "auto",
) -> dict[str, object]:
    """Both loops for 100 epochs from the start this seed gives, in float64."""
    torch.manual_seed(seed)
    start = Line(learn_b).double()
    x, y = x.double(), y.double()
    by_numpy = numpy_loop(x.numpy(), y.numpy(), start, lr, loss, epochs=100)
    with torch.enable_grad():
        by_torch = torch_loop(x, y, start, lr, loss, epochs=100)
    rows: list[tuple[object, ...]] = [
        ("epoch", "loss NumPy", "loss PyTorch", "w NumPy", "w PyTorch", "b NumPy", "b PyTorch")
    ]
    for epoch in (0, 1, 2, 3, 4, 5, 10, 20, 50, 100):
        pairs = zip(by_numpy[epoch], by_torch[epoch], strict=True)
        rows.append((str(epoch), *(f"{v:.6f}" for pair in pairs for v in pair)))
    apart = np.abs(np.array(by_numpy) - np.array(by_torch)).max()
    words = f"At most {apart:.1e} apart in any number of any of the 100 epochs."
    return {"two loops, one start": rows, "apart": words}
