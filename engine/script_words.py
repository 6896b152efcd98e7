"""Words of a script that is being written: its docstring, imports, free names, calls, indents.

Used by `script.py` and `script_loop.py`.
"""

import builtins
import json
import re
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from textwrap import fill
from types import ModuleType
from typing import TYPE_CHECKING

import torch

from .run_directory import RunSpec
from .script_source import Source
from .training import Training

if TYPE_CHECKING:
    from .script_loop import Facts

_WIDEST = 88


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
        if not re.search(rf"\b{name}\.", ours):
            continue
        wanted = import_module(name)
        here = [n for n in source.bound if getattr(module, n, None) is wanted]
        if module is None and name in source.bound:  # a table's source is ours
            continue
        if name not in here and (here or name in source.bound):
            called = here[0] if here else f"{name}_"
            ours = re.sub(rf"\b{name}\.", f"{called}.", ours)
            imports += [] if here else [f"import {name} as {called}"]
        elif not here:
            imports.append(f"import {name}")
    if "load_file(" in ours:
        imports.append("from safetensors.torch import load_file")
    if source.folder and "sys" not in source.bound:
        imports.append("import sys")
    return sorted(imports, key=lambda line: (not line.startswith("import"), line)), ours


def docstring(t: Training, spec: RunSpec, facts: "Facts", midway: Sequence[str]) -> str:
    """What the script is, and what it promises."""
    threads = int(t.values["threads"])
    where = f"torch {torch.__version__} and {threads} thread{'s' if threads != 1 else ''}"
    promise = f"With {where}: the same losses, to the last bit."
    if t.device.type != "cpu":
        promise = f"On {t.device} equal losses to the last bit are not promised ({where})."
    said = [
        t.experiment.title,
        f"The run {spec.name} of Foghill {version('foghill')} as a plain PyTorch script: it prints "
        f"each step and its loss. {promise}",
    ]
    if midway:
        shown = "; ".join(midway[:6]) + ("; ..." if len(midway) > 6 else "")
        said.append(
            f"On its way that run was changed: {shown}. Here the last settings hold from the "
            "first step: what is printed are the losses of a run restarted with them."
        )
    if facts.weights:
        said += ["It starts from trained weights in a file of the machine it was exported on."]
    if spec.kind == "table" or "__file__" in Path(spec.path).read_text("utf-8", "replace"):
        said += ["It reads a file of the machine it was exported on; the path stands below."]
    text = (
        "\n\n".join(fill(part, _WIDEST) for part in said).replace("\\", "/").replace('"""', "'''")
    )
    return f'"""{text}\n"""'
