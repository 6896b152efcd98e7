"""Play with a small network on six tasks in the plane

See
  The picture network shows every neuron: what it answers at each place of the plane, orange for
  +1, blue for -1. On the left the inputs, on the right the output, between them the weights as
  lines: solid pulls up, dotted pulls down, bright is strong. The first layer lays straight
  cuts; later ones add and bend them until the output encloses what belongs together. The height
  is the loss, half the squared distance to -1 or +1; a step moves every weight once, and a lap
  over the training half (25 steps) is an epoch. On the boundary, b hides the shades and V the
  held-out points. Not every start gets there: of thirty, two on circle and three on xor stood
  on a plateau after 400 epochs, their loss above 0.08 on both halves. Three of these five left
  it within 1,000 epochs more; other weights are quicker: press R, then w. (Two more on xor had
  learned their own half, to below 0.03, but not the held-out one, above 0.05: that is a gap, no
  plateau.)

Try
  1. Press n, then > until there is no limit, then space. Watch the neurons take sides.
     {saw = network and epoch >= 20}
  2. Set task to gauss, press R, s, space. One straight cut is enough, and every start finds it
     within ten epochs. {task = gauss and valid_loss < 0.05}
  3. Set task to circle, hidden to 0, press R, s, space. No sum of X1 and X2 closes a ring.
     {task = circle and hidden = 0 and epoch >= 20}
  4. Switch x1_squared and x2_squared on, press R, s, space. The same cut, drawn along other
     axes, is a ring.
     {x1_squared = on and x2_squared = on and hidden = 0 and valid_loss < 0.05}
  5. Set sin_x1 on, regularisation to L1, rate to 0.03; R, s, space. The lines of X1, X2 and
     sin X1 vanish, the squares stay. {sin_x1 = on and regularisation = L1 and epoch >= 40}
  6. Press n, choose a weight with the arrows, turn it with [ and ]. E types it. The loss
     answers. {edits >= 3}
  7. Set regularisation to none, squares and sine off, hidden to 8-8. Noise 50, valid 0.9, lr
     0.3; R, s, space: by heart, valid climbs. {noise >= 40 and valid >= 0.8 and
     regularisation = none and step >= 1000}
  8. Set noise to 0, valid to 0.5, lr to 0.03, task to spiral. R, s, space: near 0.5. Both sines
     on, R, s, space: below 0.1 by epoch 100.
     {task = spiral and sin_x1 = on and sin_x2 = on and valid_loss < 0.1}

Read
  Smilkov, Carter, Sculley, Viégas, Wattenberg: Direct-manipulation visualization of deep
  networks (2017), where these tasks come from.
  Cybenko: Approximation by superpositions of a sigmoidal function (1989).
"""

import math
from itertools import pairwise
from typing import Annotated, Any, Literal

import torch
from torch import Tensor, nn

settings = {"batch_size": 10, "valid": 0.5, "stop": "step>=2500", "threads": 1}
hide = ["optimizer", "momentum", "nesterov", "weight_decay", "loss", "predicted"]
names = {"x": ["X1", "X2"], "y": "output", "classes": ["-1", "+1"]}

Task = Literal["circle", "xor", "gauss", "spiral", "plane", "bumps"]
BUMPS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


def data(
    task: Task = "circle", noise: Annotated[float, (0.0, 50.0)] = 0.0
) -> tuple[Tensor, Tensor]:
    """Points [n, 2] and targets [n]: -1 or +1 for 500 points, a height for 1,200."""
    draw = {"circle": circle, "xor": xor, "gauss": gauss, "spiral": spiral}
    if task in draw:
        return draw[task](noise / 100)
    xy = uniform(6, 1200, 2)
    at = xy + uniform(6, 1200, 2) * noise / 100
    return xy, at.sum(1) / 10 if task == "plane" else bumps(at)


def uniform(limit: float, *shape: int) -> Tensor:
    return (torch.rand(*shape) * 2 - 1) * limit


def halves() -> Tensor:
    """+1 for the first 250 points, -1 for the others."""
    return torch.cat([torch.ones(250), -torch.ones(250)])


def circle(n: float) -> tuple[Tensor, Tensor]:
    inner = halves() > 0
    radius = torch.where(inner, 2.5 * torch.rand(500), 3.5 + 1.5 * torch.rand(500))
    angle = 2 * math.pi * torch.rand(500)
    xy = torch.stack([radius * angle.sin(), radius * angle.cos()], 1)
    jittered = xy + uniform(5, 500, 2) * n
    return xy, torch.where(jittered.norm(dim=1) < 2.5, 1.0, -1.0)


def xor(n: float) -> tuple[Tensor, Tensor]:
    xy = uniform(5, 500, 2)
    xy = xy + torch.where(xy > 0, 0.3, -0.3)
    jittered = xy + uniform(5, 500, 2) * n
    return xy, torch.where(jittered.prod(1) >= 0, 1.0, -1.0)


def gauss(n: float) -> tuple[Tensor, Tensor]:
    y = halves()
    return torch.randn(500, 2) * math.sqrt(0.5 + 7 * n) + 2 * y[:, None], y


def spiral(n: float) -> tuple[Tensor, Tensor]:
    i, y = torch.arange(250).repeat(2), halves()
    radius = 5 * i / 250
    angle = 1.75 * 2 * math.pi * i / 250 + torch.where(y > 0, 0.0, math.pi)
    xy = torch.stack([radius * angle.sin(), radius * angle.cos()], 1)
    return xy + uniform(1, 500, 2) * n, y


def bumps(xy: Tensor) -> Tensor:
    """Six cones of radius 2, up and down by turns; they do not overlap."""
    cones = [
        sign * (1 - (xy - torch.tensor([x, y])).norm(dim=1) / 2).clamp(min=0)
        for x, y, sign in BUMPS
    ]
    return torch.stack(cones).sum(0)


class Features(nn.Module):
    """Points [n, 2] to the inputs that are switched on, [n, k]."""

    ALL = ("X1", "X2", "X1²", "X2²", "X1·X2", "sin X1", "sin X2")

    def __init__(self, on: list[bool]) -> None:
        super().__init__()
        self.columns = [i for i, switch in enumerate(on) if switch]
        self.names = [self.ALL[i] for i in self.columns]
        if not self.columns:
            raise ValueError("a network needs an input: switch at least one of them on")

    def forward(self, xy: Tensor) -> Tensor:
        x1, x2 = xy[:, :1], xy[:, 1:]
        every = torch.cat([x1, x2, x1**2, x2**2, x1 * x2, x1.sin(), x2.sin()], 1)
        return every[:, self.columns]


def model(
    task: Task = "circle",
    hidden: Annotated[str, "units of each hidden layer, such as 4-2; 0 for none"] = "4-2",
    activation: Literal["tanh", "relu", "sigmoid", "linear"] = "tanh",
    x1: bool = True,
    x2: bool = True,
    x1_squared: bool = False,
    x2_squared: bool = False,
    x1_times_x2: bool = False,
    sin_x1: bool = False,
    sin_x2: bool = False,
) -> nn.Module:
    """Points [n, 2] to outputs [n]: weights U(±0.5), biases 0.1."""
    bend = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "linear": nn.Identity}
    features = Features([x1, x2, x1_squared, x2_squared, x1_times_x2, sin_x1, sin_x2])
    sizes = [len(features.columns), *layers(hidden)]
    parts: list[nn.Module] = [features]
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), bend[activation]()]
    parts += [nn.Linear(sizes[-1], 1)]
    if task not in ("plane", "bumps"):
        parts += [nn.Tanh()]
    network = nn.Sequential(*parts, nn.Flatten(0))
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.constant_(parameter, 0.1)
        else:
            nn.init.uniform_(parameter, -0.5, 0.5)
    return network


def layers(hidden: str) -> list[int]:
    """The numbers in a text such as 4-2."""
    sizes = [int(part) if part.isdigit() else -1 for part in hidden.split("-") if part.strip()]
    if sizes in ([], [0]):
        return []
    if len(sizes) > 6 or not all(1 <= size <= 8 for size in sizes):
        raise ValueError(f"hidden takes up to 6 layers of 1 to 8 units, as in 4-2, not {hidden!r}")
    return sizes


def loss(prediction: Tensor, target: Tensor) -> Tensor:
    """½ (o - t)², averaged over the batch."""
    return (0.5 * (prediction - target) ** 2).mean()


class Shrinking(torch.optim.SGD):
    """SGD; after each step every weight (no bias) is pulled towards 0 by lr times `l1` or by
    lr times `l2` times itself. L1 stops at 0 instead of crossing it."""

    def __init__(self, parameters: Any, lr: float, l1: float, l2: float) -> None:
        super().__init__(parameters, lr=lr)
        for group in self.param_groups:
            group.update(l1=l1, l2=l2)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        returned = super().step(closure)
        for group in self.param_groups:
            for w in group["params"] if group["l1"] or group["l2"] else ():
                if w.ndim == 2 and w.grad is not None:
                    w -= group["lr"] * group["l2"] * w
                    w.copy_(w.sign() * (w.abs() - group["lr"] * group["l1"]).clamp(min=0))
        return returned


def optimizer(
    parameters: list[nn.Parameter],
    lr: Annotated[float, (0.0, None), "log"] = 0.03,
    regularisation: Literal["none", "L1", "L2"] = "none",
    rate: Annotated[float, (0.0, 10.0), "log"] = 0.001,
) -> torch.optim.Optimizer:
    l1, l2 = (rate if regularisation == kind else 0.0 for kind in ("L1", "L2"))
    return Shrinking(parameters, lr, l1, l2)


def metrics(prediction: Tensor, target: Tensor) -> dict[str, Tensor]:
    """The share on the right side, where targets are -1 and +1."""
    sides = bool((target.abs() == 1).all())
    return {"accuracy": (prediction * target > 0).float().mean()} if sides else {}
