"""What a model keeps beside its parameters: buffers and plain attributes, kept apart or copied.

`looking` keeps what a forward writes into them apart from the training; a replica gets copies.
"""

from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ..experiment.randomness import Generators, set_generators

_OF_EVERY_MODULE = {*vars(nn.Module())}


@contextmanager
def own_attributes(model: nn.Module) -> Generator[None]:
    """What is written to a module's attributes inside is gone outside, its mode included; what a
    list or a dict of its own holds is not."""
    attributes = [(vars(module), dict(vars(module))) for module in model.modules()]
    try:
        yield
    finally:
        for now, before in attributes:
            for name in now.keys() - before.keys():
                del now[name]
            now.update(before)


@contextmanager
def own_buffers(model: nn.Module) -> Generator[None]:
    """Buffers are copies inside: a graph may still need what they hold outside."""
    living = [
        (module, name, buffer)
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
        if not is_lazy(buffer)
    ]
    copies = {id(buffer): buffer.clone() for _, _, buffer in living}  # shared ones stay shared
    for module, name, buffer in living:
        setattr(module, name, copies[id(buffer)])
    try:
        yield
    finally:
        for module, name, buffer in living:
            setattr(module, name, buffer)


def copy_attributes(old: nn.Module, new: nn.Module) -> None:
    """Counters, caches and generators of its own; references to its parts point to `new`'s.

    Raises `ValueError` naming what cannot be copied.
    """
    modules = list(zip(old.modules(), new.modules(), strict=True))
    tensors = zip(_tensors(old), _tensors(new), strict=True)
    twins = {id(one): other for one, other in (*modules, *tensors)}
    for one, other in modules:
        for name, value in vars(one).items():
            if name in _OF_EVERY_MODULE or (_of_torch(one) and not _plain(value)):
                continue
            try:
                vars(other)[name] = _twin(value, twins)
            except Exception as error:
                what = f"{type(one).__name__}.{name}"
                raise ValueError(f"{what} of the model cannot be copied: {error}") from None


def _tensors(model: nn.Module) -> list[Tensor]:
    return [*model.parameters(), *model.buffers()]


def _of_torch(module: nn.Module) -> bool:
    """Its own modules keep nothing between steps but tensors and numbers, and weak references."""
    return type(module).__module__.startswith("torch.")


def _plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str | Tensor)


def _twin(value: Any, twins: dict[int, Any]) -> Any:
    if isinstance(value, torch.Generator):
        twin = torch.Generator(value.device)
        twin.set_state(value.get_state())
        return twin
    if isinstance(value, Tensor) and id(value) not in twins:
        return value.detach().clone()
    return deepcopy(value, twins)


Buffers = list[tuple[nn.Module, str, Tensor, Tensor]]  # module, name, the tensor, what it held


def buffers(model: nn.Module) -> Buffers:
    """Every buffer, in a form that `put_back` takes; a model may write into it or replace it."""
    return [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
        if not is_lazy(buffer)
    ]


def put_back(
    states: Generators, buffers: Buffers, gradients: list[tuple[Tensor, Tensor | None]]
) -> None:
    """Undo a step that was not completed; `gradients` are (parameter, its gradient before)."""
    set_generators(states)
    with torch.no_grad():
        for module, name, buffer, before in buffers:
            buffer.copy_(before)
            setattr(module, name, buffer)
    for parameter, gradient in gradients:
        parameter.grad = gradient
