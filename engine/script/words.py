"""Words of a script that is being written: its docstring, imports, free names, calls, indents.

Used by `export.py` and `loop.py`.
"""

import builtins
import json
import re
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from textwrap import fill
from types import ModuleType
from typing import Any, Protocol

import torch

from ..runs.directory import RunSpec
from ..training.training import Training
from .journal import Past
from .source import Source

_WIDEST = 88
_TOLD = 6  # changes on the way that are spelt out
_OURS = ("len", "list", "min", "print", "range", "round", "sum", "tuple", "zip")  # called


@dataclass(frozen=True)
class Facts:
    """What cannot be read off the training as it stands after one step."""

    steps: int
    trains: bool  # model() returned it in train mode
    weights: str  # a file they start from
    draws: frozenset[str]  # generators besides torch's that are drawn from
    groups: list[dict[str, Any]]  # the own optimizer's, as it returned them


class Loop(Protocol):
    """The loop that batches are written into: its names, calls of the experiment's functions, and
    the seeds before them."""

    net: str
    step: str
    steps: str
    loss: str

    def loss_of(self, prediction: str, target: str) -> str: ...
    def seeds(self, seed: str) -> list[str]: ...
    def call(self, function: str, *given: str) -> str: ...


class Namer:
    """Names that the experiment's own source does not use for something else."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken | set(dir(builtins))

    def __call__(self, *wanted: str) -> str:
        """The first of `wanted` that is free, else the first with a line behind it."""
        name = next((name for name in wanted if name not in self._taken), wanted[0] + "_")
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def call(function: str, given: list[str]) -> str:
    """`function(a, b)`, over several lines where it is long."""
    line = f"{function}({', '.join(given)})"
    if len(line) <= _WIDEST or not given:
        return line
    return f"{function}(\n" + "".join(f"    {one},\n" for one in given) + ")"


def written(value: object) -> str:
    """A knob's value as Python writes it, texts in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def indented(lines: list[str], by: str = "    ") -> list[str]:
    """Every line of every statement further in."""
    return [by + part if part else part for line in lines for part in line.split("\n")]


def with_imports(ours: str, source: Source, module: ModuleType | None) -> tuple[list[str], str]:
    """Imports that our own lines need, and the lines, with modules as the file calls them."""
    imports: list[str] = []
    for name in ("math", "random", "numpy", "torch"):
        used = rf"(?<![.\w]){name}\."
        if not re.search(used, ours):
            continue
        wanted = import_module(name)
        here = [n for n in source.bound if getattr(module, n, None) is wanted]
        if module is None and name in source.bound:  # a table's source is ours
            continue
        if name not in here and (here or name in source.bound):
            called = here[0] if here else f"{name}_"
            ours = re.sub(used, f"{called}.", ours)
            imports += [] if here else [f"import {name} as {called}"]
        elif not here:
            imports.append(f"import {name}")
    if "safetensors.torch." in ours:
        imports.append("import safetensors.torch")
    if source.folder:  # before the source's own imports
        imports.append("import sys")
    hidden = [name for name in _OURS if name in source.bound]
    if hidden:
        ours = re.sub(rf"(?<![.\w])({'|'.join(hidden)})\(", r"builtins.\1(", ours)
        imports += ["import builtins"] if "builtins." in ours else []
    return sorted(imports, key=lambda line: (not line.startswith("import"), line)), ours


def docstring(t: Training, spec: RunSpec, facts: Facts, before: Past) -> str:
    """What the script is, and what it promises."""
    said = [
        t.experiment.title,
        f"The run {spec.name} of Foghill {version('foghill')} as a plain PyTorch script: it prints "
        f"each step and its loss. {_promise(t, before)}",
    ]
    if before.turned:
        said.append(
            f"On its way that run was changed: {_some(before.turned)}. Here the last settings hold "
            "from the first step: what is printed are the losses of a run restarted with them."
        )
    if before.written:
        said.append(
            "Weights of that run were written by hand or read from a file: "
            f"{_some(before.written)}. This script does not repeat that, so it prints other losses."
        )
    if facts.weights:
        said += ["It starts from trained weights in a file of the machine it was exported on."]
    if spec.kind == "table" or "__file__" in t.experiment.path.read_text("utf-8", "replace"):
        said += ["It reads a file of the machine it was exported on; the path stands below."]
    text = (
        "\n\n".join(fill(part, _WIDEST) for part in said).replace("\\", "/").replace('"""', "'''")
    )
    return f'"""{text}\n"""'


def _promise(t: Training, before: Past) -> str:
    """How the losses compare to those of the run."""
    threads = int(t.values["threads"])
    where = f"torch {torch.__version__} and {threads} thread{'s' if threads != 1 else ''}"
    if t.device.type != "cpu":
        return f"On {t.device} equal losses to the last bit are not promised ({where})."
    if before.turned or before.written:
        return f"It was written for {where}."
    return f"With {where}: the same losses, to the last bit."


def _some(things: tuple[str, ...]) -> str:
    return "; ".join(things[:_TOLD]) + ("; ..." if len(things) > _TOLD else "")
