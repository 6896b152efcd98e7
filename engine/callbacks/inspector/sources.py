"""The lines of Python that a phase runs: the user's own, with file and line, else PyTorch's.

Read once, when the run begins: the file may be edited while it goes on.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from ...protocol.views import Passage
from ...training.tensors import code, num

if TYPE_CHECKING:
    from ...training.training import Training

MOST = 8  # lines of one function, layers of one model
_LOSSES = {
    "mse": "F.mse_loss(prediction, y)",
    "mae": "F.l1_loss(prediction, y)",
    "huber": "F.huber_loss(prediction, y)",
    "cross_entropy": "F.cross_entropy(prediction, y)",
}

Lines = tuple[Passage, ...]


class Sources:
    """Own lines of each function of an experiment, and of its model's `forward`."""

    def __init__(self) -> None:
        self._read: dict[Any, Lines] = {}
        self._trees: dict[Any, ast.FunctionDef | None] = {}

    def learn(self, t: "Training") -> None:
        """Read the lines of everything that a step of this training runs."""
        for function in (*t.experiment.functions.values(), type(t.model).forward):
            self.own(t, function)

    def own(self, t: "Training", function: Callable[..., Any] | None) -> Lines:
        """The body of a function that the user wrote, without its docstring; else nothing."""
        key = getattr(inspect.unwrap(function), "__code__", None) if function else None
        if key is None or not _is_own(Path(key.co_filename), t.experiment.path):
            return ()
        if key not in self._read:
            self._trees[key], self._read[key] = _body(key)
        return self._read[key]

    def function(self, t: "Training", name: str) -> Lines:
        """The body of one of the experiment's functions, `loss` or `step`."""
        return self.own(t, t.experiment.functions.get(name))

    def returned(self, t: "Training") -> tuple[str, ast.expr] | None:
        """Argument and expression of a `forward` of one argument that only returns something."""
        forward = type(t.model).forward
        if not self.own(t, forward):
            return None
        tree = self._trees[inspect.unwrap(forward).__code__]
        body = [] if tree is None else _statements(tree)
        if tree is None or len(tree.args.args) != 2 or len(body) != 1:
            return None
        if not isinstance(body[0], ast.Return) or body[0].value is None:
            return None
        return tree.args.args[1].arg, body[0].value


def model_lines(t: "Training", sources: Sources) -> Lines:
    """What `model(x)` runs: the user's own forward, or the layers of one that torch provides."""
    own = sources.own(t, type(t.model).forward)
    if own or not isinstance(t.model, nn.Sequential):
        return own
    layers = [code(f"{name}  {layer}") for name, layer in t.model.named_children()]
    if any("\n" in layer.text for layer in layers):
        layers = [code(f"{n}  {type(layer).__name__}") for n, layer in t.model.named_children()]
    if len(layers) > MOST:
        layers[MOST - 1 :] = [code(f"… {len(layers) - MOST + 1} more layers")]
    return tuple(layers)


def loss_line(t: "Training") -> str:
    """The call that a built-in loss stands for."""
    from ...training.losses import by_target

    name = str(t.values["loss"])
    if name == "auto":
        name = by_target(t.target)
    return "loss = " + _LOSSES.get(name, "loss_fn(prediction, y)")


def optimizer_line(t: "Training") -> str:
    """The call that would make the optimizer as it stands, with what differs from the default."""
    optimizer = t.optimizer
    group = optimizer.param_groups[0]
    default = inspect.signature(type(optimizer)).parameters
    said: list[str] = []
    for name in ("lr", "momentum", "nesterov", "betas", "weight_decay", "alpha", "eps"):
        if name not in group or name not in default:
            continue
        value = t.descent.effective(name) if name == "lr" else group[name]
        if name == "lr" or value != default[name].default:
            said.append(f"{name}={_plain(value)}")
    kind = f"torch.optim.{type(optimizer).__name__}"
    return f"optimizer = {kind}(model.parameters(), {', '.join(said)})"


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return num(value, 6).replace("−", "-")


def _is_own(file: Path, experiment: Path) -> bool:
    """Whether it is the experiment's file or lies beside it; never a library or ours."""
    from ...experiment.experiment import is_beside

    return file == experiment or is_beside(file, experiment.parent)


def _body(function: Any) -> tuple[ast.FunctionDef | None, Lines]:
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    except (OSError, SyntaxError, IndexError, TypeError):
        return None, ()
    if not isinstance(tree, ast.FunctionDef) or not _statements(tree):
        return None, ()
    start, file = _statements(tree)[0].lineno, Path(function.co_filename).name
    if start == 1:  # def f(x): return x
        return tree, (code(lines[0].strip(), f"{file}:{first}"),)
    margin = len(lines[start - 1]) - len(lines[start - 1].lstrip())
    shown: list[Passage] = []
    for number, line in enumerate(lines[start - 1 :], first + start - 1):
        if line.strip() and not line.lstrip().startswith("#"):
            shown.append(code(line.rstrip()[margin:], f"{file}:{number}"))
    if len(shown) > MOST:
        shown[MOST - 1 :] = [code(f"… {len(shown) - MOST + 1} more lines", shown[MOST - 1].aside)]
    return tree, tuple(shown)


def _statements(tree: ast.FunctionDef) -> list[ast.stmt]:
    """The body without its docstring."""
    body = tree.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return body[1:]
    return body
