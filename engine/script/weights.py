"""Writes how a file of weights is read, as `weights.load` reads it. Used by `loop.py`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from ..training.weights import NESTED, WRAPPERS
from .words import Namer, written


def weights_source(path: Path, net: str, free: Namer) -> list[str]:
    """What fits of the file at `path` is copied into the model called `net`."""
    given, name, tensor = free("weights", "given"), free("name"), free("tensor")
    where = written(str(path))
    keys, wrapper = _layout(path)
    read = f'torch.load({where}, map_location="cpu", weights_only=True){keys}'
    if path.suffix == ".safetensors":
        read = f"safetensors.torch.load_file({where})"
    lines = [f"{given} = {read}  # what fits is taken, the rest starts fresh"]
    if wrapper:
        bare = f"{name}.removeprefix({written(wrapper)}): {tensor}"
        lines.append(f"{given} = {{{bare} for {name}, {tensor} in {given}.items()}}")
    return [
        *lines,
        "with torch.no_grad():",
        f"    for {name}, {tensor} in {net}.state_dict().items():",
        f"        if {name} in {given} and {given}[{name}].shape == {tensor}.shape:",
        f"            {tensor}.copy_({given}[{name}])",
    ]


def _layout(path: Path) -> tuple[str, str]:
    """Keys that lead to the state dict, `["model"]`, and what all its names begin with."""
    try:
        content: Any = _content(path)
    except Exception:  # it is gone: the script names it all the same
        return "", ""
    keys = ""
    while key := next((k for k in NESTED if isinstance(content.get(k), Mapping)), ""):
        content, keys = content[key], f"{keys}[{written(key)}]"
    return keys, _wrapper([str(n) for n, value in content.items() if isinstance(value, Tensor)])


def _content(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _wrapper(names: list[str]) -> str:
    for wrapper in WRAPPERS:
        if names and all(name.startswith(wrapper) for name in names):
            return wrapper + _wrapper([name.removeprefix(wrapper) for name in names])
    return ""
