"""Why networks bend: layers without activations are one layer

See
  Four corners, two classes, opposite corners alike: no straight line parts them. A layer is a
  matrix W and a bias b. Two layers in a row give W2·(W1·x + b1) + b2, which is again one
  matrix, W2·W1, and one bias: however many layers, one straight cut. The picture product
  multiplies the matrices out, and checks that this single layer answers as the whole stack
  does. An activation between them bends each cut, so the second layer has something new to
  add up. Beside this run train four others from the same start, with ReLU, GELU, sigmoid and
  tanh; a step is one update of all five, a lap of 400 points an epoch. The height is the
  loss: 0.69 is a coin's, the best that one cut gets is hardly below.

Try
  1. Press space, then x. One stays at the top, four fall. Which is last?
     {saw = compare and step >= 100}
  2. Press 2. The product of the matrices: how far apart are stack and product?
     {saw = product and activation = none}
  3. Set layers to 4, press R, s, space. More matrices, one product. {layers = 4 and step >= 100}
  4. Set activation to relu, press R, s, space. The picture product says that stack and matrix
     part, and the boundary has corners. {activation = relu and loss < 0.1}
  5. Set activation to tanh, press R, s, space. The same corners, rounded.
     {activation = tanh and loss < 0.1}
  6. Set width to 1, press R, s, space. A bend, but only one direction to bend in.
     {width = 1 and step >= 100}

Read
  Minsky, Papert: Perceptrons (1969), on what one cut cannot do.
  Glorot, Bordes, Bengio: Deep Sparse Rectifier Neural Networks (2011), on ReLU.
  Hendrycks, Gimpel: Gaussian Error Linear Units (2016), on GELU.
"""

from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

settings = {
    "optimizer": "adam",
    "lr": 0.02,
    "batch_size": 40,
    "valid": 0.2,
    "stop": "step>=400",
    "threads": 1,
}
names = {"x": ["x1", "x2"], "y": "class", "classes": ["alike", "different"]}
show = ["boundary", "product"]
compare = [{"activation": name} for name in ("relu", "gelu", "sigmoid", "tanh")]

BENDS = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


def data(points: Annotated[int, (50, 5000)] = 500) -> tuple[Tensor, Tensor]:
    """Points [points, 2] in four clouds; class 0 where both signs are alike."""
    signs = torch.randint(0, 2, (points, 2)) * 2 - 1
    return 2.0 * signs + 0.6 * torch.randn(points, 2), (signs[:, 0] != signs[:, 1]).long()


def model(
    layers: Annotated[int, (1, 6)] = 2,
    width: Annotated[int, (1, 8)] = 8,
    activation: Literal["none", "relu", "gelu", "sigmoid", "tanh"] = "none",
) -> nn.Module:
    """Points [n, 2] to logits [n, 2] through `layers` matrices."""
    sizes = [2] + [width] * (layers - 1) + [2]
    parts: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        parts += [nn.Linear(fan_in, fan_out), BENDS[activation]()]
    return nn.Sequential(*parts[:-1])


def view_product(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, object]:
    """The matrices multiplied out, and how far that one layer is from the stack."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    product, bias = torch.eye(2), torch.zeros(2)
    for layer in layers:
        product = layer.weight @ product
        bias = layer.weight @ bias + layer.bias
    apart = (model(x) - (x @ product.T + bias)).abs().max().item()
    matrices = "·".join(f"W{k}" for k in range(len(layers), 0, -1))
    verdict = (
        "no more than rounding: the stack is one layer"
        if apart < 1e-3
        else "the bends make the stack something no single layer is"
    )
    return {
        "one layer": f"{matrices} = [{row(product[0])}]   bias [{row(bias)}]\n"
        f"{' ' * len(matrices)}   [{row(product[1])}]\n\n"
        f"stack and product differ by at most {apart:.3g}\n{verdict}",
        **{f"W{k}": layer.weight for k, layer in enumerate(layers, 1)},
    }


def row(numbers: Tensor) -> str:
    return "  ".join(f"{number:+.3f}" for number in numbers.tolist())
