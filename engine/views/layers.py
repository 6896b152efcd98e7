"""What each module of a model makes of a sample: found by hooks, which are always taken off again.

Used by the network picture. Call it inside `looking`, so that batch norm and generators stay as
they are; nothing here writes to the model, and no output is kept longer than until the next one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Threshold, nn.Hardshrink, nn.Softshrink)


@dataclass
class Seen:
    """One module as it was first called; None where it has no such number.

    `mean` and `std` are those of its output, `dead` is the share of its units that are 0 for
    every example: columns of [n, units], channels of [n, channels, ...].
    """

    name: str
    module: nn.Module
    parameters: list[tuple[str, nn.Parameter]]  # its own
    shape: tuple[int, ...] = ()
    mean: float | None = None
    std: float | None = None
    dead: float | None = None


@dataclass
class _Notes:
    """What the hooks write down, in the order of the calls; `output` is that of the last one."""

    calls: list[Seen] = field(default_factory=list[Seen])
    known: set[int] = field(default_factory=set[int])
    output: Tensor | None = None
    negative: bool = False  # whether any of `output` was below 0


def walk(model: nn.Module, call: Callable[[], object]) -> list[Seen]:
    """Modules in the order in which `call` reaches them, then those with parameters it does not.

    Those are meant that have no parts, or parameters of their own. Raises what `call` raises.
    """
    notes, hooks = _Notes(), list[RemovableHandle]()
    try:
        for name, module in _worth_seeing(model):
            hooks.append(module.register_forward_hook(partial(_note, notes, name)))
        call()
    finally:
        for hook in hooks:
            hook.remove()
    return notes.calls + [one for one in listed(model) if id(one.module) not in notes.known]


def listed(model: nn.Module) -> list[Seen]:
    """The modules that have parameters of their own, without calling any."""
    return [
        Seen(name, module, own)
        for name, module in _worth_seeing(model)
        if (own := list(module.named_parameters(recurse=False)))
    ]


def _worth_seeing(model: nn.Module) -> Iterable[tuple[str, nn.Module]]:
    for name, module in model.named_modules():
        own = next(module.parameters(recurse=False), None)
        if own is not None or next(module.children(), None) is None:
            yield name, module


def _note(notes: _Notes, name: str, module: nn.Module, given: Any, returned: Any) -> None:
    if id(module) in notes.known:
        return
    notes.known.add(id(module))
    _look_back(notes, tensor_in(given))
    output = tensor_in(returned)
    seen = Seen(name, module, list(module.named_parameters(recurse=False)))
    notes.calls.append(seen)
    notes.output = output
    if output is None:
        return
    seen.shape = tuple(output.shape)
    if output.is_floating_point() and output.numel():
        numbers = output.float()
        seen.mean, seen.std = numbers.mean().item(), numbers.std(correction=0).item()
        notes.negative = bool((output < 0).any())
        if isinstance(module, _RECTIFIERS):
            seen.dead = share_of_zeros(output)


def _look_back(notes: _Notes, given: Tensor | None) -> None:
    """Whether the last output was rectified on the way here: a user's `F.relu` is no module."""
    before, notes.output = notes.output, None
    if given is None or before is None or given is before or not notes.negative:
        return
    units = before.shape[1] if before.ndim > 1 else 0
    if not units or given.ndim < 2 or len(given) != len(before) or not given.numel():
        return
    pooled = given.shape[1] == units
    flattened = given.ndim == 2 and given.shape[1] % units == 0
    if (pooled or flattened) and bool((given >= 0).all()) and bool((given == 0).any()):
        notes.calls[-1].dead = share_of_zeros(given.reshape(len(given), units, -1))


def tensor_in(value: Any) -> Tensor | None:
    """The first tensor of what a module is given or returns."""
    while isinstance(value, tuple | list) and value:
        value = value[0]
    return value if isinstance(value, Tensor) else None


def share_of_zeros(output: Tensor) -> float | None:
    """Of units of [n, units, ...], how many are 0 wherever one looks."""
    if output.ndim < 2 or not output.shape[1]:
        return None
    return (output == 0).transpose(0, 1).flatten(1).all(1).float().mean().item()


def weight_std(parameters: list[tuple[str, nn.Parameter]]) -> float | None:
    """Standard deviation of a module's own weights; of its biases where it has nothing else."""
    if not parameters:
        return None
    weights = [p for name, p in parameters if not name.endswith("bias")] or [parameters[0][1]]
    numbers = torch.cat([p.detach().float().reshape(-1) for p in weights])
    return numbers.std(correction=0).item()


def kind(module: nn.Module) -> str:
    """What a module is, in a few words: `Linear 2→4`, `Conv2d 1→8 3×3`."""
    name = type(module).__name__
    match module:
        case nn.Linear():
            return f"{name} {module.in_features}→{module.out_features}"
        case nn.Conv1d() | nn.Conv2d() | nn.Conv3d():
            size = "×".join(map(str, module.kernel_size))
            return f"{name} {module.in_channels}→{module.out_channels} {size}"
        case nn.Embedding():
            return f"{name} {module.num_embeddings}→{module.embedding_dim}"
        case nn.Dropout():
            return f"{name} {module.p:g}"
        case _:
            return name
