"""The weights of a linear model, or of one written by hand, as bars."""

from torch import Tensor, nn

from ..protocol.pictures import Bars
from ..protocol.views import PictureRequest
from ..training.objective import whole_gradient
from .subject import Subject

_WEIGHTS = 64  # of one linear layer
_BY_HAND = 20  # numbers of a model that has no layers


def available(subject: Subject) -> bool:
    """For one `nn.Linear` with nothing else to learn, or a handful of bare parameters."""
    if (layer := only_layer(subject.model)) is not None:
        return layer.weight.numel() <= _WEIGHTS
    return 0 < _count(subject.model) <= _BY_HAND and _is_by_hand(subject.model)


def paint(subject: Subject, request: PictureRequest) -> Bars:
    """Each weight under its input's name, the bias last; parameters under their own names."""
    del request
    layer = only_layer(subject.model)
    bars = _by_hand(subject.model) if layer is None else named_weights(subject, layer)
    places = _places(subject.model)
    gradients = _gradients(subject)
    return Bars(
        title="parameters" if layer is None else "weights",
        names=tuple(name for name, _ in bars),
        values=[value for _, value in bars],
        places=places,
        gradients=[gradients[place] for place in places] if gradients else [],
    )


def _places(model: nn.Module) -> tuple[tuple[str, int], ...]:
    """(parameter, index) of every number, in the order of the bars."""
    return tuple(
        (name, index)
        for name, parameter in model.named_parameters()
        for index in range(parameter.numel())
    )


def _gradients(subject: Subject) -> dict[tuple[str, int], float]:
    """Of the loss over the training data, by place; none where there is no gradient to be had."""
    if subject.training is None:
        return {}
    try:
        found = whole_gradient(subject.training)
    except Exception:  # a loss of the user's that cannot be differentiated, for example
        return {}
    every = dict.fromkeys(_places(subject.model), 0.0) if found else {}
    for name, gradient in found.items():
        for index, value in enumerate(gradient.float().reshape(-1).tolist()):
            every[name, index] = value
    return every


def only_layer(model: nn.Module) -> nn.Linear | None:
    """The model's linear layer, where nothing else of it is learned."""
    layers = [part for part in model.modules() if isinstance(part, nn.Linear)]
    if len(layers) != 1 or _count(model) != _count(layers[0]):
        return None
    return layers[0]


def _is_by_hand(model: nn.Module) -> bool:
    """Whether every parameter stands bare, in a module that torch did not provide."""
    owners = (part for part in model.modules() if any(True for _ in part.parameters(False)))
    return not any(type(part).__module__.startswith("torch.nn") for part in owners)


def _count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def named_weights(subject: Subject, layer: nn.Linear) -> list[tuple[str, float]]:
    """Each weight under its input's name, and the bias."""
    outputs = layer.out_features
    given = subject.names.x
    names = given if len(given) == layer.in_features else _numbered("x", layer.in_features)
    ends = [""] if outputs == 1 else [f" → {name}" for name in subject.class_names(outputs)]
    weight = layer.weight.detach().float().reshape(-1).tolist()
    bars = list(zip((name + end for end in ends for name in names), weight, strict=True))
    for bias in [value for name, value in layer.named_parameters() if name == "bias"]:
        bars += zip((f"bias{end}" for end in ends), bias.detach().float().tolist(), strict=True)
    return bars


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return (name,) if count == 1 else tuple(f"{name}{i + 1}" for i in range(count))


def _by_hand(model: nn.Module) -> list[tuple[str, float]]:
    return [bar for name, parameter in model.named_parameters() for bar in _each(name, parameter)]


def _each(name: str, parameter: Tensor) -> list[tuple[str, float]]:
    values = parameter.detach().float().reshape(-1).tolist()
    if len(values) == 1:
        return [(name, values[0])]
    return [(f"{name}[{i}]", value) for i, value in enumerate(values)]
