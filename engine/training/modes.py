"""The mode a step has a model in, for looks that are compared with training: batch norm, dropout.

`looking` marks every module with its mode before it puts the model into eval mode, and takes the
marks away again.
"""

import inspect
from collections.abc import Generator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.dropout import _DropoutNd  # pyright: ignore[reportPrivateUsage]
from torch.nn.modules.instancenorm import _InstanceNorm  # pyright: ignore[reportPrivateUsage]

from ..experiment.randomness import own_generators
from .attributes import own_attributes, own_buffers

_MARK = "_foghill_trains"


def mark(model: nn.Module) -> None:
    """Note on each module whether it is in train mode, unless an outer look has done so."""
    for module in model.modules():
        vars(module).setdefault(_MARK, module.training)


@contextmanager
def as_trained(model: nn.Module) -> Generator[None]:
    """Inside `looking`: each module in the mode that steps have it in.

    What batch norm writes into its buffers, and what is drawn, leaves no trace.
    """
    with own_generators(), own_attributes(model), own_buffers(model):
        for module in model.modules():
            module.training = _trains(module)
        yield


def in_train_mode(model: nn.Module) -> str:
    """`, in train mode (BatchNorm2d, Dropout)`; "" where the modes make no difference."""
    kinds = dict.fromkeys(type(m).__name__ for m in model.modules() if _trains(m) and _differs(m))
    return f", in train mode ({', '.join(kinds)})" if kinds else ""


def _trains(module: nn.Module) -> bool:
    return bool(vars(module).get(_MARK, module.training))


def _differs(module: nn.Module) -> bool:
    """Whether its forward asks for the mode, as far as its code and its numbers tell."""
    if isinstance(module, _InstanceNorm):
        return module.track_running_stats
    if isinstance(module, _DropoutNd):
        return module.p > 0
    if isinstance(module, nn.RNNBase | nn.MultiheadAttention):
        return module.dropout > 0
    torchs = type(module).__module__.startswith("torch.nn.")
    if torchs and next(module.children(), None) is not None:  # its parts are asked themselves
        return False
    written = getattr(inspect.unwrap(type(module).forward), "__code__", None)
    return "training" in getattr(written, "co_names", ())
