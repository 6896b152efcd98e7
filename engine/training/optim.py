"""Optimizers, learning-rate schedules, and turning their numbers while they live.

Built-in optimizers keep torch's defaults for every knob that nobody set. An experiment's own
`optimizer()` may return `(optimizer, scheduler)`; a learning rate turned by hand then multiplies
what the scheduler says, by hooks that apply it around each step and put the scheduler's number
back, so that no scheduler is ever confused by it.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping
from math import cos, pi
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ..protocol.knob import Value

BUILT_IN: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RMSprop,
}
TUNED = ("lr", "momentum", "nesterov", "weight_decay")

# State that torch makes only before an optimizer's first update, and the numbers that ask for it.
_LATE_STATE: dict[str, Callable[[Optimizer, dict[str, Any]], bool]] = {
    "momentum_buffer": lambda o, group: isinstance(o, RMSprop) and group["momentum"] > 0,
    "grad_avg": lambda o, group: isinstance(o, RMSprop) and group["centered"],
    "max_exp_avg_sq": lambda o, group: isinstance(o, Adam) and group["amsgrad"],
}


def torch_defaults(optimizer: str) -> dict[str, Value]:
    """torch's own defaults for those of our knobs that this optimizer has."""
    parameters = inspect.signature(BUILT_IN[optimizer]).parameters
    return {name: parameters[name].default for name in TUNED if name in parameters}


def cosine(step: int, total: int) -> float:
    """½ (1 + cos π t/T): the share of the learning rate at step t of T (Loshchilov & Hutter 2017).

    t counts updates already made; 0 beyond T.
    """
    return 0.5 * (1 + cos(pi * min(step, total) / total))


class Descent:
    """One optimizer (and perhaps a scheduler) with the numbers a person may turn.

    Several parameter groups keep their proportions, and a number turned back to where it started
    gives every group exactly what it had.
    """

    def __init__(self, optimizer: Optimizer, scheduler: Any = None, own: bool = False) -> None:
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.own = own
        self.total = 0  # length of a cosine schedule in steps; 0: constant
        self.updates = 0  # made with this scheduler
        self.turned: dict[str, Value] = {}
        groups = optimizer.param_groups
        self._start = {
            name: [_plain(group.get(name)) for group in groups]
            for name in TUNED
            if _has(optimizer, name)
        }
        self._factor = 1.0
        self._saved: list[Any] = []
        self._complete = False  # whether the state has what the numbers ask for
        if scheduler is not None:
            self._start["lr"] = [_plain(group.get("initial_lr", group["lr"])) for group in groups]
            optimizer.register_step_pre_hook(self._before_step)
            optimizer.register_step_post_hook(self._after_step)

    def schedule(self, total: int) -> None:
        """Let the learning rate fall over `total` steps as a cosine; 0: constant."""
        if self.total and not total:
            self._write("lr", self._groups_at("lr"))
        self.total = total

    def before_update(self, step: int) -> None:
        """Set the learning rate of update number `step` + 1."""
        if not self._complete:
            self._complete_state()
        if self.total:
            share = cosine(step, self.total)
            self._write("lr", [lr * share for lr in self._groups_at("lr")])

    def after_update(self, loss: Tensor) -> None:
        if self.scheduler is not None:
            self.updates += 1
            _step(self.scheduler, loss)

    def turn(self, name: str, value: Value) -> None:
        """Give one of `TUNED` a new number; parameter groups keep their proportions."""
        if name not in self._start:
            return
        self._complete = False
        turned = self.turned | {name: value}
        self.turned = {n: number for n, number in turned.items() if number != self._start[n][0]}
        if name == "lr" and self.scheduler is not None:
            first = self._start["lr"][0]
            self._factor = float(value) / first if first else 1.0
        else:
            self._write(name, self._groups_at(name))

    def number(self, name: str) -> Value | None:
        """The number as last turned, before any schedule; None where the optimizer has none."""
        start = self._start.get(name)
        return None if start is None else self.turned.get(name, start[0])

    def effective(self, name: str) -> Value | None:
        """The number as it acts on the first parameter group; None where it has none."""
        value = _plain(self.optimizer.param_groups[0].get(name))
        if name == "lr" and value is not None:
            return float(value) * self._factor
        return value

    def take_over(self, living: "Descent") -> bool:
        """Carry the state of `living` over if it is of the same class and groups."""
        ours, theirs = self.optimizer, living.optimizer
        if type(ours) is not type(theirs) or _shapes(ours) != _shapes(theirs):
            return False
        ours.state = theirs.state
        self.catch_up(living)
        return True

    def catch_up(self, living: "Descent") -> None:
        """Bring a fresh scheduler to where that of `living` stands."""
        if self.scheduler is not None and living.scheduler is not None:
            self.updates = living.updates
            _replay(self.scheduler, self.updates)

    def state(self) -> dict[str, Any]:
        """What was turned, and how far the scheduler is."""
        return {"turned": dict(self.turned), "updates": self.updates}

    def restore(self, state: Mapping[str, Any]) -> None:
        """As `state` says; the groups' own numbers come with the optimizer's state."""
        self.turned, self.updates, self._factor = {}, state["updates"], 1.0
        for name, value in state["turned"].items():
            self.turn(name, value)

    def _complete_state(self) -> None:
        complete_state(self.optimizer)
        self._complete = True

    def _groups_at(self, name: str) -> list[Any]:
        """What each group has of `name`: at the start's proportions, for the number as turned."""
        start = self._start[name]
        value = self.turned.get(name, start[0])
        if value == start[0]:
            return start
        if isinstance(value, bool):
            return [value] * len(start)
        if not start[0]:
            return [number or value for number in start]
        return [value, *(number * (value / start[0]) for number in start[1:])]

    def _write(self, name: str, values: list[Any]) -> None:
        for group, value in zip(self.optimizer.param_groups, values, strict=False):
            if name in group:
                group[name] = value

    def _before_step(self, *_: object) -> None:
        self._after_step()  # where the last step raised, its numbers are still in place
        if self._factor != 1.0:
            self._saved = [group["lr"] for group in self.optimizer.param_groups]
            self._write("lr", [lr * self._factor for lr in self._saved])

    def _after_step(self, *_: object) -> None:
        if self._saved:
            self._write("lr", self._saved)
            self._saved = []


def complete_state(optimizer: Optimizer) -> None:
    """Add what numbers turned up since the first update need, as torch would have begun it."""
    for group in optimizer.param_groups:
        for key, asks in _LATE_STATE.items():
            if asks(optimizer, group):
                for parameter in group["params"]:
                    if state := optimizer.state.get(parameter):
                        state.setdefault(key, torch.zeros_like(parameter))


def build(parameters: list[nn.Parameter], values: Mapping[str, Value]) -> Descent:
    """A built-in optimizer with the knobs' numbers. Nesterov without momentum is plain SGD."""
    name = str(values["optimizer"])
    accepted = torch_defaults(name)
    numbers: dict[str, Any] = {knob: values[knob] for knob in TUNED if knob in accepted}
    if name == "sgd" and not numbers["momentum"]:
        numbers["nesterov"] = False
    return Descent(BUILT_IN[name](parameters, **numbers))


def adopt(returned: Any) -> Descent:
    """What an experiment's own `optimizer()` returned; raises `ValueError` for anything else."""
    optimizer, scheduler = returned if isinstance(returned, tuple | list) else (returned, None)
    if not isinstance(optimizer, Optimizer):
        raise ValueError(
            "optimizer() must return a torch optimizer or (optimizer, scheduler), "
            f"not a {type(optimizer).__name__}"
        )
    return Descent(optimizer, scheduler, own=True)


def carry_state(
    old: Optimizer, new: Optimizer, matching: Callable[[Tensor], Tensor | None]
) -> bool:
    """Give each parameter of `new` the state its match in `old` had, where both are of one class.

    `matching` maps a new parameter to the old one it came from, or None. Returns whether they are.
    """
    if type(old) is not type(new):
        return False
    for group in new.param_groups:
        for parameter in group["params"]:
            before = matching(parameter)
            if before is not None and before in old.state:
                new.state[parameter] = {
                    key: value.to(parameter.device, copy=True)
                    if isinstance(value, Tensor) and value.ndim
                    else (value.clone() if isinstance(value, Tensor) else value)
                    for key, value in old.state[before].items()
                }
    return True


def _has(optimizer: Optimizer, name: str) -> bool:
    return name in optimizer.param_groups[0]


def _shapes(optimizer: Optimizer) -> list[list[int]]:
    return [[id(p) for p in group["params"]] for group in optimizer.param_groups]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) else value


def _step(scheduler: Any, loss: Tensor) -> None:
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(loss.detach())
    else:
        scheduler.step()


def _replay(scheduler: Any, steps: int) -> None:
    """Bring a fresh scheduler to where another stood; the only way that fits nearly all of torch's.

    One that goes by the losses starts anew.
    """
    if isinstance(scheduler, ReduceLROnPlateau):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "scheduler.step() before optimizer.step()"
        for _ in range(steps):
            scheduler.step()
