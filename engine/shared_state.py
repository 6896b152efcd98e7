"""What a file's functions keep between two steps outside of the model, found in their code.

Replicas call the same functions as the run: a teacher network or a counter in the file itself
would be theirs together, and would disturb the run. The comparison refuses such a file.
"""

import dis
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

CALLED_AT_STEPS = ("step", "loss", "augment", "metrics")


def keeper(functions: Mapping[str, Callable[..., Any]]) -> str:
    """Which function keeps what, as words; empty where none does."""
    for name in CALLED_AT_STEPS:
        if name in functions and (kept := _kept(functions[name], set())):
            return f"{name}() keeps {kept} outside of the model"
    return ""


def _kept(function: Any, seen: set[int]) -> str:
    """The name of a variable that is written, or of an object that steps change."""
    written = inspect.unwrap(function)
    code = getattr(written, "__code__", None)
    if code is None or id(code) in seen:
        return ""
    seen.add(id(code))
    outside: dict[str, Any] = getattr(written, "__globals__", {})
    cells = zip(code.co_freevars, written.__closure__ or (), strict=False)
    around = {name: cell.cell_contents for name, cell in cells}
    for part in _codes(code):
        for instruction in dis.get_instructions(part):
            if instruction.opname == "STORE_GLOBAL":
                return str(instruction.argval)
        for name in (*part.co_names, *part.co_freevars):
            value = around.get(name, outside.get(name))
            if _changes(value):
                return name
            own = inspect.isfunction(value) and value.__module__ == written.__module__
            if own and (deeper := _kept(value, seen)):
                return deeper
    return ""


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _changes(value: object) -> bool:
    if isinstance(value, nn.Module):
        return any(True for _ in value.parameters())
    return isinstance(value, Optimizer | torch.Generator)
