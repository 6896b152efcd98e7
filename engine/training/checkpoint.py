"""Everything the loop mutates, in one state dict: the seam for rewind, resume and branches.

`capture` and `resume` are exact: training goes on as if it had never stopped. Both copy, because
torch's own state dicts keep references to the living tensors.
"""

from collections import OrderedDict
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor

from ..experiment.randomness import generators, set_generators
from .sampler import Place
from .training import Training


def capture(t: Training) -> dict[str, Any]:
    """All that `loop.train` changes, between two steps."""
    scheduler, scaler = t.descent.scheduler, t.scaler
    return {
        "step": t.step,
        "seed": t.seed,
        "data_seed": t.data_seed,
        "place": Place(**vars(t.feed.place)),
        "values": dict(t.values),
        "model": _cloned(t.model.state_dict()),
        "buffers": _cloned(list(t.model.buffers())),  # those that no state dict has too
        "gradients": [_cloned(parameter.grad) for parameter in t.parameters],
        "norm": _cloned(t.norm),
        "optimizer": _cloned(t.optimizer.state_dict()),
        "descent": t.descent.state(),
        "scheduler": None if scheduler is None else _cloned(scheduler.state_dict()),
        "scaler": None if scaler is None else scaler.state_dict(),
        "generators": generators(),
    }


def resume(t: Training, state: dict[str, Any]) -> None:
    """Stand where `capture` was taken; the experiment and its shapes must be the same."""
    t.step, t.seed, t.data_seed = state["step"], state["seed"], state["data_seed"]
    t.experiment.values = dict(state["values"])
    t.feed.place = Place(**vars(state["place"]))
    t.model.load_state_dict(state["model"])
    with torch.no_grad():
        for buffer, before in zip(t.model.buffers(), state["buffers"], strict=True):
            buffer.copy_(before)
    for parameter, gradient in zip(t.parameters, state["gradients"], strict=True):
        parameter.grad = _cloned(gradient)
    t.norm = _cloned(state.get("norm"))
    t.descent.restore(state["descent"])
    t.optimizer.load_state_dict(_cloned(state["optimizer"]))
    if t.descent.scheduler is not None:
        t.descent.scheduler.load_state_dict(_cloned(state["scheduler"]))
    if t.scaler is not None and state["scaler"] is not None:
        t.scaler.load_state_dict(state["scaler"])
    set_generators(state["generators"])
    t.settle()


def _cloned(state: Any) -> Any:
    """A copy that shares nothing with the living training."""
    if isinstance(state, Tensor):
        return state.detach().clone()
    if isinstance(state, list):
        return [_cloned(value) for value in state]
    if type(state) in (dict, OrderedDict):
        return type(state)((key, _cloned(value)) for key, value in state.items())
    return deepcopy(state)
