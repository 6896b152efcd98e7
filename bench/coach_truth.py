"""What is true of a training, found out with hindsight in plain PyTorch, without the coach.

A `Hindsight` trains a situation again by the loop everybody writes, goes on four times as long,
and trains its twins: the same with a tenth or ten times the learning rate, or built soundly. Its
answers are what the coach is judged by, so nothing in here reads a number of the coach's.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from foghill.engine.experiment.experiment import Experiment, load
from foghill.engine.runs import catalog
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

from .coach_cases import Case

CHECKPOINTS = 16  # of the loss over all data, up to the moment of judgement and up to the end
LONGER = 4
OPTIMIZERS: dict[str, Any] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
}
NUMBERS = {"sgd": ("lr", "momentum", "weight_decay"), "rmsprop": ("lr", "momentum")}


@dataclass
class Course:
    """One training: losses over all training data and over data beyond it, by step."""

    whole: dict[int, float] = field(default_factory=dict[int, float])
    beyond: dict[int, float] = field(default_factory=dict[int, float])
    batch: list[float] = field(default_factory=list[float])
    models: dict[int, nn.Module] = field(default_factory=dict[int, nn.Module])

    def at(self, step: int) -> float:
        """The whole loss at the checkpoint nearest to `step`; inf where it was not finite."""
        near = min(self.whole, key=lambda one: abs(one - step))
        value = self.whole[near]
        return value if math.isfinite(value) else math.inf

    def up_to(self, step: int) -> list[float]:
        return [value for at, value in self.whole.items() if at <= step]


class Hindsight:
    """A case, and the courses it and its twins took."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.end = case.steps
        self._courses: dict[object, Course] = {}

    @property
    def own(self) -> Course:
        """The case itself, four times as long."""
        return self.course(LONGER * self.end, {})

    def twin(self, **changes: object) -> Course:
        """The same from the start with other settings, up to the moment of judgement."""
        return self.course(self.end, changes)

    def at_rate(self, factor: float, longer: int = 1) -> Course:
        return self.course(longer * self.end, {"lr": self.rate * factor})

    @property
    def rate(self) -> float:
        return float(self.experiment({}).values["lr"])

    @property
    def has_data(self) -> bool:
        return self.parts({})[1] is not None

    @property
    def trivial(self) -> float:
        """The loss of always guessing the same over all training data."""
        _, (_, y), _ = self.parts({})
        return _guessed(y, y)

    def trivial_beyond(self) -> float:
        """The same guess, over data beyond."""
        _, (_, y), beyond = self.parts({})
        return _guessed(y, beyond[1])

    def reachable(self) -> float:
        """What L-BFGS reaches in double precision from where the case stands."""
        model = copy.deepcopy(self.own.models[self.end]).double()
        _, train, _ = self.parts({})
        batch = train and tuple(p.double() if p.is_floating_point() else p for p in train)
        search = torch.optim.LBFGS(model.parameters(), max_iter=200, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            search.zero_grad()
            loss = _loss(model, batch)
            loss.backward()
            return loss

        search.step(closure)  # type: ignore[arg-type]
        return _loss(model, batch).item()

    def experiment(self, changes: Mapping[str, object]) -> Experiment:
        case = self.case
        settings = {**case.settings, **{k: str(v) for k, v in changes.items()}}
        spec = catalog.new_run(case.experiment, settings=settings, name="truth")
        loaded = load(spec)
        loaded.values["seed"] = case.seed
        catalog.remove(catalog.Run(spec, "ended"))
        return loaded

    def parts(self, changes: Mapping[str, object]) -> tuple[Experiment, Any, Any]:
        """The experiment, its training data, and data that neither part has."""
        e = self.experiment(changes)
        seed = self.case.seed
        if "data" not in e.functions:
            return e, None, None
        torch.manual_seed(seed)
        returned = e.call("data")
        train = returned[0] if isinstance(returned[0], tuple) else returned
        module = e.functions["data"].__globals__
        if "beyond" not in module:
            return e, train, None
        names = module["beyond"].__code__.co_varnames[: module["beyond"].__code__.co_argcount]
        given = {name: e.values[name] for name in names if name in e.values}
        torch.manual_seed(seed)  # tables are shuffled before they are cut
        if {"noise", "task", "length"} & {*names}:  # endless: others are drawn
            torch.manual_seed(seed + 1_000_000)
            given["points"] = 1000
        return e, train, module["beyond"](**given)

    def course(self, steps: int, changes: Mapping[str, object]) -> Course:
        key = tuple(sorted((k, str(v)) for k, v in changes.items()))
        known = self._courses.get(key)
        if known is None or max(known.whole) < steps:
            self._courses[key] = known = self._trained(steps, changes)
        return known

    def _trained(self, steps: int, changes: Mapping[str, object]) -> Course:
        e, train, beyond = self.parts(changes)
        values, seed = e.values, self.case.seed
        torch.manual_seed(seed)
        model: nn.Module = e.call("model")
        name = str(values["optimizer"])
        given = {*e.settings, *self.case.settings, *changes}
        numbers = {k: values[k] for k in NUMBERS.get(name, ("lr", "weight_decay")) if k in given}
        optimizer = OPTIMIZERS[name](model.parameters(), **numbers)
        seen = Course()
        wanted = _checkpoints(self.end, steps)
        _note(seen, 0, model, train, beyond)
        batches = _batches(train, int(values["batch_size"]), seed)  # type: ignore[arg-type]
        for step in range(1, steps + 1):
            loss = _loss(model, next(batches))
            optimizer.zero_grad()
            loss.backward()
            seen.batch.append(loss.item())
            if not math.isfinite(seen.batch[-1]):
                seen.whole[step] = seen.whole[steps] = math.inf
                break
            optimizer.step()
            if step in wanted:
                _note(seen, step, model, train, beyond)
            if step == self.end:
                seen.models[step] = copy.deepcopy(model)
        return seen


def _checkpoints(judged: int, steps: int) -> set[int]:
    first = {round(judged * i / CHECKPOINTS) for i in range(1, CHECKPOINTS + 1)}
    return first | {round(steps * i / CHECKPOINTS) for i in range(1, CHECKPOINTS + 1)}


def _batches(train: Any, size: int, seed: int) -> Any:
    if train is None:
        while True:
            yield None
    x, y = train
    epoch = 0
    while True:
        if size >= len(y):
            yield train
        else:
            generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
            for rows in torch.randperm(len(y), generator=generator).split(size):
                yield x[rows], y[rows]
        epoch += 1


def _loss(model: nn.Module, batch: Any) -> Tensor:
    if batch is None:
        return model()
    prediction, y = model(batch[0]), batch[1]
    if y.is_floating_point():
        return F.mse_loss(prediction, y.reshape(prediction.shape))
    return F.cross_entropy(prediction, y)


def _note(seen: Course, step: int, model: nn.Module, train: Any, beyond: Any) -> None:
    drawn = torch.get_rng_state()
    model.eval()
    with torch.no_grad():
        seen.whole[step] = _loss(model, train).item()
        if beyond is not None:
            seen.beyond[step] = _loss(model, beyond).item()
    model.train()
    torch.set_rng_state(drawn)


def gradients(h: Hindsight) -> list[float]:
    """Root mean square of the gradient of each weight matrix, in order, in batches of the case's
    size with the weights it had when judged; means over eight batches."""
    e, (x, y), _ = h.parts({})
    size = int(e.values["batch_size"])
    generator = torch.Generator().manual_seed(0)
    totals: list[float] = []
    for _ in range(8):
        rows = torch.randint(len(y), (size,), generator=generator)
        twin = copy.deepcopy(h.own.models[h.end])
        twin.zero_grad()
        _loss(twin, (x[rows], y[rows])).backward()
        found = [
            p.grad.square().mean().sqrt().item()
            for p in twin.parameters()
            if p.ndim > 1 and p.grad is not None
        ]
        totals = [a + b for a, b in zip(totals or [0.0] * len(found), found, strict=True)]
    return totals


def dead_share(model: nn.Module, x: Tensor) -> float:
    """The largest share of units of a rectified layer that are 0 for all training data."""
    shares = [0.0]
    hidden = x
    twin = copy.deepcopy(model).eval()
    with torch.no_grad():
        for part in twin.children() if isinstance(twin, nn.Sequential) else ():
            hidden = part(hidden)
            if isinstance(part, nn.ReLU | nn.GELU):
                dims = [d for d in range(hidden.ndim) if d != 1]
                shares.append((hidden.abs().amax(dims) <= 1e-3).float().mean().item())
    return max(shares)


def _guessed(y: Tensor, others: Tensor) -> float:
    if y.is_floating_point():
        return F.mse_loss(y.mean(0).expand_as(others), others).item()
    share = y.bincount() / len(y)
    return F.cross_entropy(share.clamp_min(1e-12).log().expand(len(others), -1), others).item()


def batch_losses(h: Hindsight) -> list[float]:
    """Losses of 200 batches of the case's size, all with the weights it had when judged."""
    e, (x, y), _ = h.parts({})
    size = int(e.values["batch_size"])
    model = h.own.models[h.end].eval()
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.randint(len(y), (size,), generator=generator) for _ in range(200)]
    with torch.no_grad():
        return [_loss(model, (x[rows], y[rows])).item() for rows in drawn]


def start_norm(h: Hindsight, changes: Mapping[str, object]) -> float:
    """Norm of the first gradient over all training data."""
    e, train, _ = h.parts(changes)
    torch.manual_seed(h.case.seed)
    model: nn.Module = e.call("model")
    _loss(model, train).backward()
    found = [p.grad.double().norm() for p in model.parameters() if p.grad is not None]
    return torch.stack(found).norm().item()
