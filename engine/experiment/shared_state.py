"""What a file's functions keep between two steps outside of the model, found in their code.

Replicas and pictures call the same functions as the run: a teacher network or a counter in the
file itself would be theirs together, and would disturb the run. They refuse such a file.
"""

import ast
import dis
import inspect
import random
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

CALLED_AT_STEPS = ("step", "loss", "augment", "metrics")
_DRAWING = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
_WRITING = {
    "add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop",
    "popitem", "popleft", "remove", "rotate", "setdefault", "sort", "subtract", "update",
}  # fmt: skip


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
    changed = _changed_in(written)
    for part in _codes(code):
        for instruction in dis.get_instructions(part):
            if instruction.opname == "STORE_GLOBAL":
                return str(instruction.argval)
        for name in (*part.co_names, *part.co_freevars):
            value = around.get(name, outside.get(name))
            if _changes(value) or (name in changed and _lasts(value)):
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
    """Whether using it changes it."""
    if isinstance(value, nn.Module):
        return any(True for _ in value.parameters())
    return isinstance(value, (Optimizer, *_DRAWING))


def _lasts(value: object) -> bool:
    """Whether what is written into it is there at the next step."""
    return value is not None and not isinstance(value, ModuleType | type) and not callable(value)


def _changed_in(function: Any) -> set[str]:
    """Names of variables whose items, attributes or contents the function's source writes."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # made without a file
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store()):
                found.add(_root(node))
            case ast.Call(func=ast.Attribute(attr=name) as method):
                if name in _WRITING or name.endswith("_"):
                    found.add(_root(method))
            case _:
                pass
    return found


def _root(node: ast.AST) -> str:
    """`a` of `a.b[c].d`; "" where it does not begin with a name."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
