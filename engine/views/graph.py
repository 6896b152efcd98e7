"""The autograd graph of the loss as a tree: what was computed, and the gradient coming back.

Built anew on a copy of the model, so the run's own graph stays as it is. Shapes come from the
metadata torch keeps of each operation's output, gradients from hooks as they flow through.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..callbacks.trace import norm
from ..protocol.pictures import Table
from ..protocol.views import PictureRequest
from ..training.copies import copied
from ..training.objective import loss_of
from .examples import examples, numbers
from .subject import Subject

if TYPE_CHECKING:
    from ..training.training import Training

MOST = 200  # operations shown
_NUMBERS = 1_000_000  # of a model that is copied for it
_MODULES = 60
_ENDING = re.compile(r"(Backward)?\d*$")
_SAID = {  # what people call an operation
    "Mm": "matrix product",
    "Bmm": "matrix product",
    "Addmm": "matrix product + bias",
    "MseLoss": "mean of squares",
    "Select": "one column of it",
    "Squeeze": "without axes of 1",
    "Add": "+",
    "Sub": "−",
    "Mul": "×",
    "Div": "÷",
    "Pow": "power",
    "T": "transposed",
    "Mean": "mean",
    "Sum": "sum",
    "NllLoss": "−log of the right one",
    "LogSoftmax": "log of softmax",
}


def available(subject: Subject) -> bool:
    """For models with few parts."""
    if not 0 < numbers(subject) <= _NUMBERS or sum(1 for _ in subject.model.modules()) > _MODULES:
        return False
    return subject.train is not None or (
        subject.training is not None and subject.training.self_loss
    )


def paint(subject: Subject, request: PictureRequest) -> Table:
    """A row for each operation, the loss first, what it was made of beneath it."""
    t = subject.training
    assert t is not None
    shown = examples(subject)
    walk = _Walk(t, copied(t.model), shown.batch)
    rows = tuple(row.cells() for row in walk.rows)
    notes = [
        "Read down: what the loss was made of. Read up: how it was computed. |gradient| is the "
        "norm of what backward passes into each, from the loss (1) down to the parameters ◆."
    ]
    if walk.left:
        notes.append(f"{walk.left} more operations are not shown.")
    return Table(
        title=f"the graph autograd keeps of the loss over {shown.said}",
        columns=("operation", "what it is", "shape", "|gradient|"),
        rows=rows,
        notes=tuple(notes),
        marked=tuple(i for i, row in enumerate(walk.rows) if row.leaf),
    )


@dataclass
class _Row:
    """One operation: where it stands in the tree, and what flowed into it."""

    branch: str
    name: str
    said: str
    shape: str
    flowed: list[float]
    leaf: bool

    def cells(self) -> tuple[str, ...]:
        gradient = f"{self.flowed[0]:.4g}" if self.flowed else ""
        return self.branch + self.name, self.said, self.shape, gradient


class _Walk:
    """The graph from the loss down, each operation once; `left` counts those beyond `MOST`."""

    def __init__(self, t: "Training", model: nn.Module, batch: Any) -> None:
        self.rows: list[_Row] = []
        self.left = 0
        self._places: dict[Any, int] = {}
        self._names = {id(p): name for name, p in model.named_parameters()}
        with torch.enable_grad(), t.autocast:
            loss = loss_of(t, model, batch)
        if loss.grad_fn is None:
            raise ValueError("the loss has no graph: nothing it is made of requires a gradient")
        self._go(loss.grad_fn)
        loss.backward()

    def _go(self, root: Any) -> None:
        """Down every branch, in order; a list of its own, as graphs can be deep."""
        ahead: list[tuple[Any, str, str]] = [(root, "", "")]
        while ahead:
            node, first, rest = ahead.pop()
            if node in self._places:
                above = self._places[node]
                self.rows.append(_Row(first, f"↑ as in row {above + 1}", "", "", [], leaf=False))
                continue
            if len(self.rows) >= MOST:
                self.left += 1
                continue
            self._places[node] = len(self.rows)
            self.rows.append(self._row(node, first))
            below = [child for child, _ in node.next_functions if child is not None]
            for i, child in reversed(list(enumerate(below))):
                end = i == len(below) - 1
                ahead.append(
                    (child, rest + ("└ " if end else "├ "), rest + ("  " if end else "│ "))
                )

    def _row(self, node: Any, branch: str) -> _Row:
        flowed: list[float] = []

        def note(gradients: tuple[Tensor | None, ...]) -> None:
            flowed.append(norm(gradients))

        node.register_prehook(note)
        shape = _shape(node)
        if hasattr(node, "variable"):
            name = self._names.get(id(node.variable), "a tensor")
            return _Row(branch, name, "parameter", shape, flowed, leaf=True)
        name = _ENDING.sub("", node.name().rpartition("::")[2])
        return _Row(branch, name, _SAID.get(name, ""), shape, flowed, leaf=False)


def _shape(node: Any) -> str:
    """The shape of what the operation made; "" where torch does not tell."""
    try:
        shapes = [part.shape for part in node._input_metadata]
    except AttributeError:
        return ""
    return ", ".join("×".join(map(str, shape)) or "number" for shape in shapes)
