"""One neuron as an instrument, then a layer of them

See
  The picture neuron is an instrument: an input x, a weight w, a bias b. The neuron adds up,
  z = w·x + b, and answers a = f(z), where f is the activation. The curve is f; the dot is
  where the neuron works just now. Turn x, w and b: the weight says how much x counts and in
  which direction, the bias where the neuron switches over. Far out on either side the curve
  is flat: there, turning anything changes nothing, and a slope that is 0 teaches nothing.
  The picture layer is three such neurons on three inputs, term by term, and these learn:
  the first whether all inputs are 1, the second whether any is, the third whether their
  number is odd. The height is the loss, a step moves nine weights and three biases, and a
  lap of eight cases is an epoch.

Try
  1. Turn x from -3 to 3 and watch the dot run along the curve. {x >= 3}
  2. Turn w to 3, then to -3: what does its sign do, what its size? {w <= -3}
  3. Set w to 1 and turn b: the dot moves without x having changed. {w = 1 and b >= 2}
  4. Set activation to relu and x to -2: flat, and the slope says 0. {activation = relu and x <= -2}
  5. Press 2 and turn example: each output is a sum of terms. Set activation to sigmoid, press
     space: which of the three gets all eight cases right? {saw = layer and step >= 400}
  6. The third never does: one neuron makes one cut, and odd against even takes more. Press E,
     choose a weight with the arrows, turn it with [ and ]: can you do better? {edits >= 5}

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
    curve = torch.linspace(-8, 8, 161)
    with torch.enable_grad():
        z = torch.tensor(w * x + b, requires_grad=True)
        a = f(z)
        (slope,) = torch.autograd.grad(a, z)
    z, a = z.detach(), a.detach()
    return {
        "sum": f"z = w·x + b = {w:g} · {x:g} + {b:g} = {z:.4g}\n"
        f"a = {activation}(z) = {a:.4g}     slope there {slope:.4g}",
        activation: (curve, f(curve)),
        "here": (z.reshape(1), a.reshape(1)),
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
    rows: list[tuple[object, ...]] = [
        ("neuron", "w·x1", "w·x2", "w·x3", "b", "z", "answer", "target")
    ]
    for k, name in enumerate(OUTPUTS):
        terms = layer.weight[k] * x
        z = terms.sum() + layer.bias[k]
        numbers = [*terms.tolist(), layer.bias[k].item(), z.item(), outputs[k].item()]
        rows.append((name, *(f"{n:+.3f}" for n in numbers), f"{target[k]:g}"))
    given = ", ".join(f"{name} = {value:g}" for name, value in zip(names["x"], x, strict=True))
    return {
        f"case {example} of 8: {given}": rows,
        "all cases": every(model, cases, answers),
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
