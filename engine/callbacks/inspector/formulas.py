"""Prediction, loss and gradient of a tiny model with the numbers in them.

Nothing is printed on trust: each formula is computed again in float64 and left out where it does
not come to the number that training had.
"""

import ast
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.func import functional_call, jacrev

from ...protocol.views import Passage
from ...training.tensors import factor, formula, num, number_name, table
from .moment import Moment

if TYPE_CHECKING:
    from ...training.training import Training
    from .sources import Sources

PARAMETERS = 4  # numbers of a model that is tiny
EXAMPLES = 20
_CLOSE = 1e-4  # relative; float32 against float64
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

# of an error, of its slope but for a factor, how a term is written, and said
_Kind = tuple[Callable[[float], float], Callable[[float], float], str, str]
_SQUARED: _Kind = (lambda e: e * e, lambda e: e, "({p} − {y})²", "(prediction − target)²")
_ABSOLUTE: _Kind = (
    abs,
    lambda e: math.copysign(1.0, e) if e else 0.0,
    "|{p} − {y}|",
    "|prediction − target|",
)
_LOSSES: tuple[tuple[float, bool, _Kind], ...] = (  # factor, mean (else sum), of what
    (1.0, True, _SQUARED),
    (1.0, True, _ABSOLUTE),
    (0.5, True, _SQUARED),
    (1.0, False, _SQUARED),
    (0.5, False, _SQUARED),
)


def is_tiny(moment: Moment) -> bool:
    """Whether whole formulas can be written down: one number predicted for each of few examples."""
    prediction, target = moment.prediction, moment.target
    return (
        moment.count <= PARAMETERS
        and isinstance(prediction, Tensor)
        and isinstance(target, Tensor)
        and prediction.is_floating_point()
        and prediction.ndim > 0
        and prediction.numel() == len(prediction) == target.numel()
        and 1 <= len(prediction) <= EXAMPLES
    )


def same(found: float, true: float, scale: float = 0.0) -> bool:
    """Whether a formula came to the number it should, as far as float32 can tell."""
    return math.isfinite(true) and abs(found - true) <= _CLOSE * max(abs(true), scale) + 1e-9


# --- the prediction ---------------------------------------------------------------------------


def predictions(moment: Moment, t: "Training", sources: "Sources") -> list[Passage]:
    """The model's own expression, then with the numbers of the first, middle and last example."""
    x = moment.batch[0] if isinstance(moment.batch, tuple) and len(moment.batch) == 2 else None
    if not isinstance(x, Tensor) or x.numel() != len(x):
        return []
    values = _scalars(moment, t)
    found = sources.returned(t)
    if found is not None:
        argument, expression = found
    elif isinstance(t.model, nn.Linear) and {"weight", "bias"} == set(values):
        argument, expression = "x", ast.parse("self.weight * x + self.bias", mode="eval").body
    else:
        return []
    said = [formula(f"prediction = {_written(expression, {})}")]
    inputs, made = x.double().reshape(-1).tolist(), moment.prediction.double().reshape(-1).tolist()
    for place in sorted({0, len(inputs) // 2, len(inputs) - 1}):
        known = {**values, argument: inputs[place]}
        value = _value(expression, known)
        if value is None or not same(value, made[place], _size(expression, known)):
            return []
        name = t.experiment.names.x[0] if t.experiment.names.x else argument
        head = f"at {name} = {num(inputs[place])}:  "
        said.append(formula(f"{head}{_written(expression, known)} = {num(made[place])}"))
    return said


def _scalars(moment: Moment, t: "Training") -> dict[str, float]:
    """Parameters of one number each, by name, as they were when the step predicted."""
    living = [p.detach() for p in t.parameters]
    tensors = moment.before or living
    return {
        name: tensor.double().item()
        for name, tensor in zip(moment.names, tensors, strict=True)
        if tensor.numel() == 1
    }


def _name(node: ast.expr) -> str:
    """`self.a` → a, `t` → t; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "self" else ""
    return ""


_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def _value(node: ast.expr, known: dict[str, float]) -> float | None:
    """The expression's value by plain arithmetic; None where it is more than that."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if name := _name(node):
        return known.get(name)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand, known)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, known), _value(node.right, known)
        if left is None or right is None:
            return None
        try:
            value = _OPERATORS[type(node.op)](left, right)
        except (ArithmeticError, ValueError):
            return None
        return value if isinstance(value, float) else None
    return None


def _size(node: ast.expr, known: dict[str, float]) -> float:
    """The largest number met on the way: what rounding errors are measured by."""
    own = abs(_value(node, known) or 0.0)
    if isinstance(node, ast.BinOp):
        return max(own, _size(node.left, known), _size(node.right, known))
    return own


_SIGNS: dict[type[ast.operator], tuple[int, str]] = {
    ast.Add: (1, " + "),
    ast.Sub: (1, " − "),
    ast.Mult: (2, "·"),
    ast.Div: (2, "/"),
    ast.Pow: (3, "^"),
}


def _written(node: ast.expr, known: dict[str, float], outer: int = 0) -> str:
    """The expression as it stands in a book, with numbers for the names that are known."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if name := _name(node):
        return (factor(known[name]) if outer else num(known[name])) if name in known else name
    if isinstance(node, ast.UnaryOp):
        return f"−{_written(node.operand, known, 3)}"
    if not isinstance(node, ast.BinOp) or type(node.op) not in _SIGNS:
        return ast.unparse(node).replace("self.", "")
    rank, sign = _SIGNS[type(node.op)]
    left = _written(node.left, known, rank)
    power = isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
    if power and isinstance(node.right.value, int) and node.right.value >= 0:  # pyright: ignore
        return left + str(node.right.value).translate(_SUPERSCRIPTS)  # pyright: ignore
    right = _written(node.right, known, rank + (not isinstance(node.op, ast.Add | ast.Mult)))
    whole = f"{left}{sign}{right}"
    return f"({whole})" if outer > rank else whole


# --- the loss ---------------------------------------------------------------------------------


def _pairs(moment: Moment) -> list[tuple[float, float]]:
    """(prediction, target) of each example."""
    prediction = moment.prediction.double().reshape(-1).tolist()
    return list(zip(prediction, moment.target.double().reshape(-1).tolist(), strict=True))


def _recognised(moment: Moment) -> tuple[float, bool, _Kind] | None:
    """Which of the usual losses comes to the loss this step had, whoever wrote it."""
    errors = [p - y for p, y in _pairs(moment)]
    for weight, mean, kind in _LOSSES:
        total = weight * sum(kind[0](e) for e in errors) / (len(errors) if mean else 1)
        if same(total, moment.loss):
            return weight, mean, kind
    return None


def losses(moment: Moment, t: "Training") -> list[Passage]:
    """Example by example, then the loss with all its terms."""
    pairs = _pairs(moment)
    found = _recognised(moment)
    x = moment.batch[0] if isinstance(moment.batch, tuple) and len(moment.batch) == 2 else None
    inputs = x.reshape(-1).tolist() if isinstance(x, Tensor) and x.numel() == len(pairs) else None
    name = t.experiment.names.x[0] if t.experiment.names.x else "x"
    square = found is not None and found[2] is _SQUARED
    head = [*([name] if inputs else []), "target", "prediction", "error"]
    rows = [
        [
            *([num(inputs[i])] if inputs else []),
            num(y),
            num(p),
            num(p - y),
            *([num((p - y) ** 2)] if square else []),
        ]
        for i, (p, y) in enumerate(pairs)
    ]
    said = [table([*head, *(["error²"] if square else [])], rows)]
    if found is None:
        return said
    weight, mean, kind = found
    half = "½ " if weight == 0.5 else ""
    said.append(formula(f"loss = {half}{'mean' if mean else 'sum'} of {kind[3]}"))
    terms = " + ".join(kind[2].format(p=num(p), y=factor(y)) for p, y in pairs)
    whole = f"({terms}) / {len(pairs)}" if mean else f"({terms})"
    return [*said, formula(f"= {half.strip()}{'·' if half else ''}{whole} = {num(moment.loss, 5)}")]


# --- the gradient -----------------------------------------------------------------------------


def gradients(moment: Moment, t: "Training") -> list[Passage]:
    """∂loss/∂a by the chain rule: slope of the loss in each prediction times that one's in a."""
    found = _recognised(moment)
    slopes = _prediction_slopes(moment, t) if found is not None else None
    if found is None or slopes is None:
        return []
    weight, mean, kind = found
    errors = [p - y for p, y in _pairs(moment)]
    outer = weight * (2 if kind is _SQUARED else 1)
    head = f"{num(outer)}/{len(errors)}" if mean else num(outer)
    said: list[Passage] = []
    for name, column, true in slopes:
        inner = [kind[1](e) for e in errors]
        total = outer * sum(e * s for e, s in zip(inner, column, strict=True))
        total /= len(errors) if mean else 1
        scale = max(abs(e * s) for e, s in zip(inner, column, strict=True))
        if not same(total, true, scale):
            return []
        what = "error" if kind is _SQUARED else "sign of error"
        said.append(formula(f"∂loss/∂{name} = {head} · sum of ({what} · ∂prediction/∂{name})"))
        terms = " + ".join(f"{factor(e)}·{factor(s)}" for e, s in zip(inner, column, strict=True))
        said.append(formula(f"= {head}·({terms}) = {num(true, 5)}"))
    return said


def _prediction_slopes(
    moment: Moment, t: "Training"
) -> list[tuple[str, list[float], float]] | None:
    """(name, ∂prediction/∂it for each example, ∂loss/∂it of this batch) of each number."""
    x = moment.batch[0]
    tensors = moment.before or [p.detach() for p in t.parameters]
    at = {n: p.detach().clone() for n, p in zip(moment.names, tensors, strict=True)}
    pairs = zip(tensors, moment.gradients, strict=True)
    given = [torch.zeros_like(p) if g is None else g for p, g in pairs]

    def predicted(parameters: dict[str, Tensor]) -> Tensor:
        return functional_call(t.model, parameters, (x,)).reshape(-1)

    with torch.enable_grad():
        found = jacrev(predicted)(at)
    slopes: list[tuple[str, list[float], float]] = []
    for place, name in enumerate(moment.names):
        columns = found[name].detach().double().reshape(len(x), -1)
        fresh = given[place].double().reshape(-1)
        old = moment.old[place] if moment.kept else None
        if old is not None:
            fresh = fresh - old.double().reshape(-1)
        for i in range(columns.shape[1]):
            known = number_name(name, tensors[place].shape, i)
            slopes.append((known, columns[:, i].tolist(), fresh[i].item()))
    return slopes
