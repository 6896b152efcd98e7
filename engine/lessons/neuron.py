"""One neuron as an instrument, then a layer of them

See
  The picture neuron is an instrument: an input x, a weight w, a bias b. The neuron adds up, z =
  w·x + b, and answers a = f(z), where f is the activation. The curve is f, a over z; the mark
  on it, here, is where the neuron works just now. Turn x, w and b: the weight says how much x
  counts and in which direction, the bias where the neuron switches over. Far out on either side
  the curve is flat: there, turning anything changes nothing, and a slope that is 0 teaches
  nothing. The picture layer is three such neurons on three inputs, term by term, and these
  learn: the first whether all inputs are 1, the second whether any is, the third whether their
  number is odd. One neuron makes one cut, and odd against even takes more. The height is the
  loss, a step moves nine weights and three biases, and a lap of eight cases is an epoch.

Try
  1. Turn x to -3, then to 3. The mark runs along the curve. {x <= -3 then x >= 3}
  2. Turn w to 3, then to -3. What does its sign do, what its size? {w >= 3 then w <= -3}
  3. Set w to 1 and turn b to 2. The mark moves without x having changed. {w = 1 and b >= 2}
  4. Set activation to relu, b to 0 and x to -2. Flat, and the slope says 0.
     {activation = relu and b <= 0 and x <= -2}
  5. Set activation to sigmoid, press 2, then space. Each output is a sum of terms. Turn
     example: which of the three gets all eight right?
     {activation = sigmoid and saw = layer and step >= 400}
  6. Press E, choose a weight with the arrows, turn it with [ and ]. The third never learns odd
     from even. Can you do better? {edits >= 5}

Read
  McCulloch, Pitts: A logical calculus of the ideas immanent in nervous activity (1943).
  Rosenblatt: The perceptron (1958).
  Minsky, Papert: Perceptrons (1969), on odd and even.
"""

from typing import Annotated, Literal

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 0.1,
    "batch_size": 8,
    "valid": 0.0,
    "stop": "step>=500",
    "threads": 1,
}
OUTPUTS = ("all", "any", "odd")
names = {"x": ["x1", "x2", "x3"], "y": "answer", "classes": OUTPUTS}

Activation = Literal["sigmoid", "tanh", "relu", "none"]
Knob = Annotated[float, (-5.0, 5.0)]


def data() -> tuple[Tensor, Tensor]:
    """All eight cases of three inputs [8, 3], and three answers to each [8, 3]: all, any, odd."""
    cases = torch.cartesian_prod(*3 * [torch.tensor([0.0, 1.0])])
    ones = cases.sum(1)
    return cases, torch.stack([ones == 3, ones > 0, ones % 2 == 1], 1).float()


def bend(activation: Activation) -> nn.Module:
    kinds = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "none": nn.Identity}
    return kinds[activation]()


def model(activation: Activation = "sigmoid") -> nn.Module:
    """Cases [n, 3] to answers [n, 3]: one layer."""
    return nn.Sequential(nn.Linear(3, 3), bend(activation))


def metrics(prediction: Tensor, target: Tensor) -> dict[str, Tensor]:
    """The share of right answers of each neuron."""
    right = ((prediction > 0.5) == (target > 0.5)).float().mean(0)
    return dict(zip(OUTPUTS, right, strict=True))


def view_neuron(
    model: nn.Module,
    cases: Tensor,
    answers: Tensor,
    x: Knob = 1.0,
    w: Knob = 1.0,
    b: Knob = 0.0,
    activation: Activation = "sigmoid",
) -> dict[str, object]:
    """One neuron: its sum, its answer, and where on the activation's curve it works."""
    f = bend(activation)
    with torch.enable_grad():
        z = torch.tensor(w * x + b, requires_grad=True)
        a = f(z)
        (slope,) = torch.autograd.grad(a, z)
    z, a = z.detach(), a.detach()
    furthest = max(8.0, abs(z.item()))
    curve = torch.linspace(-furthest, furthest, 161)
    name = "z" if activation == "none" else f"{activation}(z)"
    return {
        f"a = {name} over z": (curve, f(curve)),
        f"here: a {a:.4g}, slope {slope:.4g}": (z.reshape(1), a.reshape(1)),
        "": f"z = w·x + b = {w:g} · {x:g} + {b:g} = {z:.4g}",
    }


def view_layer(
    model: nn.Module,
    cases: Tensor,
    answers: Tensor,
    example: Annotated[int, (1, 8)] = 8,
) -> dict[str, object]:
    """Each neuron's answer to one case, term by term."""
    x, target = cases[example - 1], answers[example - 1]
    layer = next(part for part in model.modules() if isinstance(part, nn.Linear))
    outputs = model(x)
    rows: list[tuple[object, ...]] = [("", "w·x1", "w·x2", "w·x3", "b", "z", "answer", "target")]
    for k, name in enumerate(OUTPUTS):
        terms = layer.weight[k] * x
        z = terms.sum() + layer.bias[k]
        numbers = [*terms.tolist(), layer.bias[k].item(), z.item()]
        said = (f"{outputs[k]:.3f}", f"{target[k]:g}")
        rows.append((name, *(f"{n:+.2f}" for n in numbers), *said))
    given = ", ".join(f"{name} = {value:g}" for name, value in zip(names["x"], x, strict=True))
    right = ", ".join(
        f"{k} {round(8 * n.item())}" for k, n in metrics(model(cases), answers).items()
    )
    return {
        f"case {example} of 8: {given}": rows,
        f"right of all eight cases: {right}": every(model, cases, answers),
    }


def every(model: nn.Module, cases: Tensor, answers: Tensor) -> list[tuple[object, ...]]:
    """A row for each case: inputs, answers, and a mark where one is wrong."""
    rows: list[tuple[object, ...]] = [("x1", "x2", "x3", *OUTPUTS)]
    for x, output, target in zip(cases, model(cases), answers, strict=True):
        said = [
            f"{o:.2f}" + ("" if (o > 0.5) == (t > 0.5) else " wrong")
            for o, t in zip(output.tolist(), target.tolist(), strict=True)
        ]
        rows.append((*(f"{value:g}" for value in x), *said))
    return rows
