"""A lesson as a tutorial would train it: plain PyTorch, nothing of our loop.

`trained("line", seed=3, lr=1.2)` loads the lesson's file, sets its knobs and trains by the rules
of order and seeds that DESIGN promises. Also for a user's own file, by its path.
"""

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import ceil, cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from foghill.engine.experiment.experiment import Experiment, load
from foghill.engine.protocol import condition
from foghill.engine.runs import catalog
from foghill.engine.runs.directory import RunSpec
from torch import Tensor, nn

OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
}
TUNED = {
    "sgd": ("lr", "momentum", "nesterov", "weight_decay"),
    "adam": ("lr", "weight_decay"),
    "adamw": ("lr", "weight_decay"),
    "rmsprop": ("lr", "momentum", "weight_decay"),
}
Rows = tuple[Tensor, Tensor]


@dataclass
class Trained:
    """One training and what came of it.

    `losses` are those of each step, before its update; `valid_losses` are (step, loss after it),
    where they were asked for. `loss` and `valid_loss` are of all the data at the end, in eval
    mode; `train` and `valid` are accuracy, or R². NaN stands where there is no such number.
    """

    model: Any
    knobs: dict[str, Any]
    parts: tuple[Rows | None, Rows | None]  # to train on, held out
    losses: list[float] = field(default_factory=list)
    valid_losses: list[tuple[int, float]] = field(default_factory=list)
    loss: float = float("nan")
    valid_loss: float = float("nan")
    train: float = float("nan")
    valid: float = float("nan")
    seen: list[Any] = field(default_factory=list)  # what `look` returned after each step


Look = Callable[[Trained], Any]


def experiment(lesson: str, **settings: object) -> Experiment:
    """The lesson's file with its knobs as set; a path is a file of one's own."""
    typed = {name: str(value) for name, value in settings.items()}
    known = {known.name: known.path for known in catalog.lessons()}
    kind, path = ("lesson", known[lesson]) if lesson in known else ("file", lesson)
    spec = RunSpec(
        name=Path(path).stem, directory="", experiment=lesson, kind=kind, path=path, settings=typed
    )  # fmt: skip
    return load(spec)


def trained(
    lesson: str,
    seed: int = 0,
    steps: int = 0,
    *,
    valid_every: int = 0,
    look: Look | None = None,
    **settings: object,
) -> Trained:
    """Train `lesson` for `steps`, or to its own end. `look` is called after each step, and once
    before the first; what it returns is kept in `seen`."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _trained(experiment(lesson, **settings), seed, steps, valid_every, look, settings)
    finally:
        torch.set_num_threads(threads)


def _trained(
    e: Experiment,
    seed: int,
    steps: int,
    valid_every: int,
    look: Look | None,
    given: Collection[str],
) -> Trained:
    knobs: dict[str, Any] = e.values
    knobs["seed"] = seed
    data_seed = seed if knobs["data_seed"] < 0 else knobs["data_seed"]
    seeded(data_seed)
    parts = _parts(e.call("data"), knobs["valid"], data_seed) if "data" in e.functions else None
    seeded(seed)
    model = e.call("model")
    run = Trained(model, knobs, parts or (None, None))
    optimizer, scheduler = _optimizer(e, model, {*e.settings, *given})
    base = [group["lr"] for group in optimizer.param_groups]
    steps = steps or _end(run)
    if look is not None:
        run.seen.append(look(run))
    for batch in islice(_batches(run, seed), steps):
        if knobs["schedule"] == "cosine":
            share = 0.5 * (1 + cos(pi * len(run.losses) / steps))
            for group, lr in zip(optimizer.param_groups, base, strict=True):
                group["lr"] = lr * share
        loss = _loss_of_batch(e, run, batch)
        run.losses.append(loss.item())
        if knobs["zero_grad"]:
            optimizer.zero_grad()
        loss.backward()
        if knobs["clip"]:
            nn.utils.clip_grad_norm_(model.parameters(), knobs["clip"])
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        if look is not None:
            run.seen.append(look(run))
        if valid_every and len(run.losses) % valid_every == 0:
            run.valid_losses.append((len(run.losses), measured(e, run, 1)[0]))
    run.loss, run.train = measured(e, run, 0)
    run.valid_loss, run.valid = measured(e, run, 1)
    return run


def seeded(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def order(seed: int, epoch: int, n: int) -> Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))


def _parts(returned: Any, valid: float, seed: int) -> tuple[Rows, Rows | None]:
    first, second = returned
    if isinstance(first, tuple | list):  # (train, valid), each a pair
        return _pair(first), None if second is None else _pair(second)
    x, y = _pair(returned)
    n = len(y)
    held_out = torch.zeros(n, dtype=torch.bool)
    held_out[order(seed, -1, n)[: round(valid * n)]] = True
    kept = x[~held_out], y[~held_out]
    return kept, (x[held_out], y[held_out]) if held_out.any() else None


def _pair(fields: Any) -> Rows:
    x, y = (torch.from_numpy(f) if isinstance(f, np.ndarray) else f for f in fields)
    return (x.float() if x.dtype == torch.float64 else x), (
        y.float() if y.dtype == torch.float64 else y
    )


def _optimizer(e: Experiment, model: Any, set_by_hand: set[str]) -> tuple[Any, Any]:
    parameters = [p for p in model.parameters() if p.requires_grad]
    if "optimizer" in e.functions:
        returned = e.call("optimizer", parameters)
        return returned if isinstance(returned, tuple) else (returned, None)
    name = str(e.values["optimizer"])
    numbers = {knob: e.values[knob] for knob in TUNED[name] if knob in set_by_hand}
    if not numbers.get("momentum"):
        numbers.pop("nesterov", None)
    return OPTIMIZERS[name](parameters, **numbers), None


def _end(run: Trained) -> int:
    stop = condition.parse(run.knobs["stop"])
    train = run.parts[0]
    per_epoch = 1 if train is None else ceil(len(train[1]) / run.knobs["batch_size"])
    ends = (stop.step_bound, stop.epoch_bound and stop.epoch_bound * per_epoch)
    return min(end for end in ends if end)


def _batches(run: Trained, seed: int) -> Iterator[Any]:
    train, size = run.parts[0], run.knobs["batch_size"]
    if train is None:
        while True:
            yield None
    x, y = train
    epoch = 0
    while True:
        if size >= len(y):
            yield train
        else:
            rows = order(seed, epoch, len(y)) if run.knobs["shuffle"] else torch.arange(len(y))
            for batch in rows.split(size):
                yield x[batch], y[batch]
        epoch += 1


def _loss_of_batch(e: Experiment, run: Trained, batch: Any) -> Tensor:
    if batch is not None and "augment" in e.functions:
        batch = e.call("augment", batch[0].clone()), batch[1]
    if "step" in e.functions:
        returned = e.call("step", run.model, batch)
        return sum(returned.values()) if isinstance(returned, dict) else returned  # type: ignore
    if batch is None:
        return run.model().reshape(())
    return loss_of(e, run.model(batch[0]), batch[1])


def loss_of(e: Experiment, prediction: Tensor, target: Tensor) -> Tensor:
    """The lesson's own loss, or the one its knob names."""
    if "loss" in e.functions:
        return e.call("loss", prediction, target)
    name = str(e.values["loss"])
    if name == "cross_entropy" or (name == "auto" and not target.is_floating_point()):
        return F.cross_entropy(prediction, target)
    if not target.is_floating_point():
        target = F.one_hot(target, prediction.shape[-1]).float()
    loss = {"mae": F.l1_loss, "huber": F.huber_loss}.get(name, F.mse_loss)
    return loss(prediction, target.reshape(prediction.shape))


def measured(e: Experiment, run: Trained, part: int) -> tuple[float, float]:
    """Loss and accuracy (or R²) on the training (0) or held-out (1) data, as inference does it."""
    rows, model = run.parts[part], run.model
    own_loss = part == 0 and run.parts[0] is None
    if rows is None and not own_loss:
        return float("nan"), float("nan")
    drawn = torch.get_rng_state(), np.random.get_state(), random.getstate()
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        if rows is None:
            found = model().item(), float("nan")
        elif "step" in e.functions:
            returned = e.call("step", model, rows)
            loss = sum(returned.values()) if isinstance(returned, dict) else returned
            found = float(loss), float("nan")
        else:
            prediction = model(rows[0])
            found = loss_of(e, prediction, rows[1]).item(), score(prediction, rows[1])
    for module, training in flags:
        module.training = training
    torch.set_rng_state(drawn[0])
    np.random.set_state(drawn[1])
    random.setstate(drawn[2])
    return found


def score(prediction: Tensor, target: Tensor) -> float:
    """Accuracy of classes, R² of numbers."""
    if not target.is_floating_point():
        return (prediction.argmax(1) == target).float().mean().item()
    residual = (prediction.reshape(target.shape) - target) ** 2
    return (1 - residual.sum() / ((target - target.mean()) ** 2).sum()).item()
