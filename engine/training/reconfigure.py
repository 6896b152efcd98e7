"""Turning knobs while the training lives: what is rebuilt, what is carried over, what is read back.

`turn` either does all of it or leaves the training as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from ..experiment.randomness import generators, own_generators, seed_everything, set_generators
from ..protocol.knob import Knob, Value
from . import optim
from .device import resolve
from .loader import Loader
from .losses import by_target
from .optim import TUNED
from .sampler import Place, Tensors
from .training import Training

_REBUILDS = {
    "data rebuilt",
    "model rebuilt",
    "data and model rebuilt",
    "optimizer called again",
    "split again",
    "converted at once",
}
_ANEW = {"data rebuilt", "model rebuilt", "data and model rebuilt"}


def rebuilds(knob: Knob) -> bool:
    """Whether turning it abandons a step that has begun."""
    return knob.effect in _REBUILDS or knob.name in ("optimizer", "num_workers")


def rebuilds_anew(knob: Knob) -> bool:
    """Whether turning it makes other data or another model."""
    return knob.effect in _ANEW


def read_at(knob: Knob) -> str:
    """The phase of a step that reads it; one turned later in a step acts from the next step on."""
    own = {"batch_size": "batch", "shuffle": "batch", "loss": "loss", "zero_grad": "zero"}
    of_functions = {"augment": "batch", "loss": "loss", "step": "loss"}
    return own.get(knob.name, "") or of_functions.get(knob.owner.split("+")[0], "update")


def turn(t: Training, new: Mapping[str, Value]) -> list[str]:
    """Give knobs new values; returns remarks, such as which tensors were carried over.

    Before the first step there is nothing to carry over: data and model are built as at a start.
    Raises what user code or torch raised, with everything as it was before.
    """
    undo = _memory(t)
    try:
        t.values.update(new)
        t.set_by_hand |= new.keys()
        if t.pristine and any(rebuilds_anew(t.experiment.knobs[name]) for name in new):
            t.build()
            return ["built anew, as nothing was trained yet"]
        with own_generators():
            notes = _apply(t, new)
        t.settle()
        return notes
    except BaseException:
        undo()
        raise


def _memory(t: Training) -> Callable[[], None]:
    """How to put everything back that `_apply` may change."""
    attributes = dict(vars(t))
    by_hand, values = set(t.set_by_hand), dict(t.values)
    groups = [{k: v for k, v in g.items() if k != "params"} for g in t.optimizer.param_groups]
    threads, optimizer, device, place = torch.get_num_threads(), t.optimizer, t.device, t.feed.place
    descent, names, drawn = dict(vars(t.descent)), t.experiment.names, generators()

    def undo() -> None:
        vars(t).update(attributes)
        vars(t.descent).update(descent)
        t.experiment.values, t.experiment.names, t.set_by_hand = values, names, by_hand
        t.feed.place = place
        for group, numbers in zip(optimizer.param_groups, groups, strict=True):
            group.update(numbers)
        set_generators(drawn)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        _move(t, device)

    return undo


def _apply(t: Training, new: Mapping[str, Value]) -> list[str]:
    notes: list[str] = []
    effects = {t.experiment.knobs[name].effect for name in new}
    if "threads" in new:
        torch.set_num_threads(int(new["threads"]))
    if "device" in new:
        t.device = resolve(str(new["device"]), t.lesson)
        _move(t, t.device)
    if effects & {"data rebuilt", "data and model rebuilt"}:
        t.build_data()
        t.parts.train.place = Place(t.feed.place.epoch, 0)
    elif "split again" in effects and t.parts.splits:
        t.split()
        t.parts.train.place = Place(t.feed.place.epoch, 0)
    elif new.keys() & {"device", "num_workers"}:
        _same_data(t)
    if effects & {"model rebuilt", "data and model rebuilt"}:
        notes.append(_rebuild_model(t))
    elif "optimizer called again" in effects or "optimizer" in new:
        notes.append(_rebuild_descent(t))
    _turn_numbers(t, new)
    return [note for note in notes if note]


def _same_data(t: Training) -> None:
    """The same examples on another device or from other workers, at the same place."""
    t.split()
    t.parts.train.place = t.feed.place
    if isinstance(t.feed, Loader):  # a pass through the user's own loader cannot be cut in two
        t.parts = replace(t.parts, train=t.feed)


def _turn_numbers(t: Training, new: Mapping[str, Value]) -> None:
    if not t.descent.own:
        for name in TUNED:
            t.descent.turn(name, t.values[name])
        return
    for name in TUNED:
        if name in new and t.experiment.knobs[name].owner == "run":
            t.descent.turn(name, new[name])


def _rebuild_descent(t: Training) -> str:
    living = t.descent
    t.descent = t.new_descent()
    return "" if t.descent.take_over(living) else _starts_fresh(t)


def _starts_fresh(t: Training) -> str:
    return f"{type(t.descent.optimizer).__name__} starts fresh"


def _rebuild_model(t: Training) -> str:
    """A new model with every tensor whose name and shape still fit, and its optimizer state."""
    seed_everything(t.seed)
    old, old_descent = t.model, t.descent
    t.model = t.new_model()
    t.parameters = [p for p in t.model.parameters() if p.requires_grad]
    t.descent = t.new_descent()
    fresh = carry_over(old, t.model)
    before = dict(old.named_parameters())
    names = {id(p): name for name, p in t.model.named_parameters()}

    def matching(parameter: Tensor) -> Tensor | None:
        same = before.get(names[id(parameter)])
        return same if same is not None and same.shape == parameter.shape else None

    same_class = optim.carry_state(old_descent.optimizer, t.descent.optimizer, matching)
    if same_class:
        t.descent.catch_up(old_descent)
    for parameter in t.parameters:  # with zero_grad off they pile up across the change
        same = matching(parameter)
        parameter.grad = None if same is None or same.grad is None else same.grad.clone()
    total = len(t.model.state_dict())
    note = f"all {total} tensors carried over"
    if fresh:
        note = f"{total - len(fresh)} of {total} tensors carried over, fresh: {', '.join(fresh)}"
    return note if same_class else f"{note}; {_starts_fresh(t)}"


def carry_over(old: nn.Module, new: nn.Module) -> list[str]:
    """Copy what fits by name and shape; returns the names that start fresh."""
    before, fresh = old.state_dict(), []
    with torch.no_grad():
        for name, tensor in new.state_dict().items():
            if name in before and before[name].shape == tensor.shape:
                tensor.copy_(before[name])
            else:
                fresh.append(name)
    return fresh


def _move(t: Training, device: torch.device) -> None:
    """Parameters keep their identity; the optimizer's state follows them."""
    if all(p.device == device for p in t.parameters):
        return
    t.model.to(device)
    for state in t.optimizer.state.values():
        for key, value in state.items():
            if isinstance(value, Tensor) and value.ndim:
                state[key] = value.to(device)


def effective(t: Training, name: str) -> Value | None:
    """A knob's value as read back from where it acts; None where it acts as set."""
    values = t.values
    size = t.feed.size
    in_use: dict[str, Callable[[], Any]] = {
        "batch_size": lambda: min(int(values["batch_size"]), size) if size else None,
        "device": lambda: str(t.device),
        "threads": torch.get_num_threads,
        "seed": lambda: t.seed,
        "data_seed": lambda: t.data_seed,
        "valid": lambda: _share_held_out(t),
        "loss": lambda: _loss_in_use(t),
    }
    if name in TUNED:
        return t.descent.effective(name)
    return in_use[name]() if name in in_use else None


def _share_held_out(t: Training) -> float:
    held_out, train = t.parts.held_out, t.parts.train
    if held_out is None or not held_out.size or not train.size:
        return 0.0
    return round(held_out.size / (held_out.size + train.size), 4)


def _loss_in_use(t: Training) -> str | None:
    if t.values["loss"] != "auto" or "loss" in t.experiment.functions:
        return None
    if t.target is None or not isinstance(t.target, Tensor):
        return None
    return by_target(t.target)


def unused(t: Training, name: str) -> str:
    """Why a knob does nothing at present; empty where it acts."""
    functions, values = t.experiment.functions, t.values
    if t.experiment.knobs[name].owner != "run":
        return ""
    if t.self_loss and name in ("batch_size", "shuffle", "valid", "loss", "num_workers"):
        return "the model makes its own loss, without data"
    if isinstance(t.feed, Loader) and name in ("batch_size", "shuffle", "num_workers", "valid"):
        return "the file's own loader decides"
    if name == "num_workers" and isinstance(t.feed, Tensors):
        return "tensors in memory need no workers"
    if name == "valid" and not t.parts.splits:
        return "data() holds out its own"
    if name in ("valid_every", "patience") and t.parts.held_out is None:
        return "no validation"
    if name == "loss" and ("loss" in functions or "step" in functions):
        return f"the file's own {'step' if 'step' in functions else 'loss'}() decides"
    if name in ("optimizer", "schedule") and t.descent.own:
        return "the file's own optimizer() decides" if name == "optimizer" else _own_schedule(t)
    if name in TUNED and t.descent.effective(name) is None:
        return f"{type(t.optimizer).__name__} has none"
    if name == "nesterov" and not values["momentum"]:
        return "acts with momentum"
    return ""


def _own_schedule(t: Training) -> str:
    return "the file's own scheduler decides" if t.descent.scheduler is not None else ""
