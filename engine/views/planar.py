"""A small network on two inputs, neuron by neuron: what each answers at every place of the plane.

Used by the network picture. The network must be a chain of `nn.Linear` layers that own every
parameter; what lies between two of them (activations as modules or as functions) is seen from
what the next one is given.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from ..protocol.pictures import Matrix, Unit
from ..protocol.views import PictureRequest
from .fit import extent
from .layers import tensor_in
from .subject import Subject, columns, rows, sample

_UNITS, _HIDDEN = 8, 6  # in a layer, and layers between input and output
_SMALL, _LARGE = 4, 24  # pixels of a side


def chain(model: nn.Module) -> list[tuple[str, nn.Linear]]:
    """The linear layers with their names, where each feeds the next and nothing else is learned;
    else none. At most `_HIDDEN` hidden ones of `_UNITS`."""
    layers = [(name, part) for name, part in model.named_modules() if isinstance(part, nn.Linear)]
    owned = {id(p) for _, layer in layers for p in layer.parameters(recurse=False)}
    if not layers or len(layers) > _HIDDEN + 1 or {id(p) for p in model.parameters()} != owned:
        return []
    sizes = [layers[0][1].in_features, *(layer.out_features for _, layer in layers)]
    feeds = all(layer.in_features == size for (_, layer), size in zip(layers, sizes, strict=False))
    return layers if feeds and max(sizes) <= _UNITS else []


def planar(subject: Subject) -> bool:
    """Whether every neuron can be drawn."""
    return columns(subject) == 2 and bool(chain(subject.model))


def matrices(layers: list[tuple[str, nn.Linear]]) -> tuple[Matrix, ...]:
    """The weights of each layer."""
    return tuple(
        Matrix(
            name=f"{name}.weight" if name else "weight",
            values=layer.weight.detach().float().tolist(),
            bias_name="" if layer.bias is None else f"{name}.bias" if name else "bias",  # pyright: ignore[reportUnnecessaryComparison]
            bias=[] if layer.bias is None else layer.bias.detach().float().tolist(),  # pyright: ignore[reportUnnecessaryComparison]
        )
        for name, layer in layers
    )


def units(
    subject: Subject, layers: list[tuple[str, nn.Linear]], request: PictureRequest
) -> tuple[tuple[Unit, ...], tuple[tuple[str, ...], ...]]:
    """A picture of each unit, and the names of the units column by column."""
    most = max(layers[0][1].in_features, *(layer.out_features for _, layer in layers))
    side = min(max(2 * (request.rows // most), _SMALL), _LARGE)
    answers = _answers(subject, layers, _plane(subject, side))
    pictures = tuple(
        Unit(layer=k, index=i, width=side, height=side, pixels=_pixels(column[:, i]))
        for k, column in enumerate(answers)
        for i in range(column.shape[1])
    )
    inputs = _input_names(subject, answers[0].shape[1])
    outputs = answers[-1].shape[1]
    last = (subject.names.y,) if outputs == 1 else subject.class_names(outputs)
    hidden = [tuple(str(i + 1) for i in range(column.shape[1])) for column in answers[1:-1]]
    return pictures, (inputs, *hidden, last)


def _plane(subject: Subject, side: int) -> Tensor:
    """Inputs [side², 2], row by row from the largest second input down."""
    parts = [part[0] for part in (sample(subject.train), sample(subject.valid)) if len(part[0])]
    inputs = torch.cat(parts)
    x = torch.linspace(*extent(inputs[:, 0]), side)
    y = torch.linspace(*extent(inputs[:, 1]), side).flip(0)
    grid = torch.stack([x.expand(side, side), y[:, None].expand(side, side)], 2).reshape(-1, 2)
    part = rows(subject)
    assert part is not None
    return grid.to(part[0].dtype)


def _answers(subject: Subject, layers: list[tuple[str, nn.Linear]], grid: Tensor) -> list[Tensor]:
    """What each linear layer is given [n, units], and what the network returns."""
    given: dict[int, Tensor] = {}
    hooks: list[RemovableHandle] = []
    try:
        for k, (_, layer) in enumerate(layers):
            hooks.append(layer.register_forward_pre_hook(partial(_keep, given, k)))
        output = subject.predict(grid)
    finally:
        for hook in hooks:
            hook.remove()
    found = [given[k].detach().float().cpu().reshape(len(grid), -1) for k in sorted(given)]
    return [*found, output.reshape(len(grid), -1)]


def _keep(given: dict[int, Tensor], k: int, module: nn.Module, arguments: Any) -> None:
    tensor = tensor_in(arguments)
    if tensor is not None:
        given[k] = tensor.clone()


def _pixels(values: Tensor) -> bytes:
    """-127 … 127 as bytes 0 … 254: ±1 is full strength, or the largest there is if that is more."""
    finite = values.nan_to_num(0.0)
    full = finite.abs().max().clamp(min=1.0)
    return bytes((finite / full * 127).round().add(127).to(torch.uint8).tolist())


def _input_names(subject: Subject, count: int) -> tuple[str, ...]:
    """Of what the first layer is given: from the part of the model that names its outputs
    (`self.names`), else of the inputs themselves."""
    for module in subject.model.modules():
        names: Any = getattr(module, "names", None)
        if isinstance(names, list | tuple) and len(names) == count:
            return tuple(map(str, names))
    if count == columns(subject):
        return tuple(subject.input_name(i) for i in range(count))
    return tuple(str(i + 1) for i in range(count))
