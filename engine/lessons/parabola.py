"""Fit a parabola, and stand still

See
  Twenty measured speeds, one a second, lie on a parabola. The curve a·t² + b·t + c has three
  numbers to learn, the parameters a, b and c, which start as chance has it; the faint dots are
  the curve they started with. The loss is the mean squared distance: your height on the hill.
  Its slope along a parameter is that parameter's gradient. Above 0 the loss rises with the
  parameter, so the step takes it down; below 0, up. lr is the size of the step, and as all
  twenty points make one batch, each step is a lap, an epoch. Picture predictions lists all
  twenty, and their errors.

  A step has six phases: batch, predict, loss, zero, backward, update. Elsewhere you may have
  met them in four steps (predict, loss, gradients, update), in five (forward pass, loss,
  zero the gradients, backward pass, optimizer step) or in six (start, predict, loss,
  gradient, step, repeat). Forward is predict; the gradients are zero and backward; the
  optimizer step is update; start is R, and repeat is the space bar.

  Now the part that is usually left out. The loss falls for ten steps and then all but stops,
  near 640, at a poor fit: over 200 starts it ends between 584 and 702. A far better parabola
  exists, at a loss below 2. Nothing is broken: t² runs up to 361 while the constant only
  sees 1, so the hill is a gorge, with a curvature of 56,499 across and 0.26 along. A step
  must stay below 2 / 56,499 = 3.5e-5 or it is thrown from wall to wall, and at that size the
  floor of the gorge, 200,000 times flatter, is never walked. The hill is at fault, not you:
  shift and scale t (standardise), and the gorge becomes a bowl.

Try
  1. Press i, then . six times. One phase after another, with its line of PyTorch, its numbers
     and the formulas. w does it in slow motion. {phases >= 6}
  2. Press t, then s ten times. The arrow beside a gradient g says where its parameter went (z
     shows all three). Which still moves at step 10? {saw = steps and step >= 10}
  3. Press space. How much does the loss win between step 10 and step 200? {step >= 200}
  4. Press H, then → three times. The hill over a and b: the way dives across the gorge and
     turns along its floor. Why so sharply? {saw = hill 4}
  5. Set lr to 3.4e-5, R, s, space; then lr to 5e-5, R, s, space. Beyond the limit, 3.5e-5,
     each step lands higher on the other wall. {lr > 3.6e-5 and loss > 100000}
  6. Set standardise on, lr to 0.1; R, s, 1, space (z: the whole screen). It fits within 50
     steps, the loss ends below 2. Why not at 0? {standardise = on and loss < 2 and step >= 50}
  7. Set standardise, zero_grad off, lr to 1e-5; R, s, space. Old gradients pile up: the curve
     swings past the points, time and again. {zero_grad = off and step >= 50}
  8. Set zero_grad on, optimizer to adam, lr to 0.1; R, s, space. Adam gives every parameter a
     step size of its own. Better, and still far.
     {standardise = off and zero_grad = on and optimizer = adam and lr = 0.1 and step >= 200}
  9. Press d. The same gradients by hand, by autograd, and by a nudge. {saw = gradients}

Read
  Goodfellow, Bengio, Courville: Deep Learning (2016), section 4.3.1, on ill-conditioning.
  LeCun, Bottou, Orr, Müller: Efficient BackProp (1998), section 4.3, on standardising inputs.
  Kingma, Ba: Adam: A Method for Stochastic Optimization (2015).
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
show = ["fit"]
names: dict[str, object] = {
    "x": ["t"],
    "y": "speed",
    "x_range": [0, 20],
    "y_range": [-300, 200],
}


def data(standardise: bool = False) -> tuple[Tensor, Tensor]:
    """Times t and speeds, both [20]."""
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    mean, std = (t.mean(), t.std()) if standardise else (0.0, 1.0)
    names.update(x_offset=[mean], x_scale=[std])  # pictures show t as it was measured
    return (t - mean) / std, speed


class Parabola(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Parameter(p.clone()) for p in torch.randn(3))

    def forward(self, t: Tensor) -> Tensor:
        return self.a * t**2 + self.b * t + self.c


def model() -> nn.Module:
    return Parabola()


def gradient(model: Parabola, t: Tensor, speed: Tensor) -> dict[str, Tensor]:
    """The slope of the mean squared error along a, b and c: 2 · mean of error · t², t, 1."""
    error = model(t) - speed
    return {
        "a": 2 * (error * t**2).mean(),
        "b": 2 * (error * t).mean(),
        "c": 2 * error.mean(),
    }


def view_predictions(model: Parabola, t: Tensor, speed: Tensor) -> dict[str, object]:
    """What the present weights say of each second, beside what was measured."""
    prediction = model(t)
    error = prediction - speed
    columns = torch.stack([speed, prediction, error, error**2], 1).tolist()
    rows = [(str(second), *(f"{v:.2f}" for v in row)) for second, row in enumerate(columns)]
    heading = ("t", "speed", "prediction", "error", "error²")
    return {f"the loss is the mean of error²: {(error**2).mean():.5g}": [heading, *rows]}
