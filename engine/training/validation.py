"""Measuring: held-out data between two steps, and the training batch beside it.

`validate` yields between its batches, so that the session can look into its mailbox; what it
returns is `valid_loss` and every metric under `valid_`.
"""

from collections.abc import Generator
from typing import Any

from torch import Tensor, no_grad

from ..experiment.randomness import own_generators
from .eval_mode import looking
from .losses import built_in, by_target, pair
from .metrics import Builtin
from .sampler import rows_in, to_device
from .training import Training, own_name


class _Mean:
    """Means of named numbers, weighted by rows; they stay on the device until they are read."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[Any, int]] = {}

    def add(self, numbers: dict[str, Any], rows: int) -> None:
        for name, number in numbers.items():
            if isinstance(number, Tensor):  # in float64 the mean of one batch is its own number
                number = number.detach() if number.device.type == "mps" else number.double()
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = total + number * rows, count + rows

    def result(self) -> dict[str, float]:
        return {name: float(total) / rows for name, (total, rows) in self._sums.items() if rows}


def validate(t: Training) -> Generator[tuple[int, int], None, dict[str, float]]:
    """Measure the held-out data with the present weights; yields (rows done, rows in all).

    A session may leave it at any yield (`close`): nothing of the training has changed.
    """
    held_out = t.parts.held_out
    if held_out is None:
        return {}
    means, built = _Mean(), Builtin(t.experiment.names.scale)
    batches, done = held_out.measured(t.batch_size, t.seed), 0
    try:
        while True:
            with looking(t.model):
                batch = next(batches, None)
                if batch is None:
                    break
                rows = measure(t, to_device(batch, t.device), means, built)
            done += rows
            yield done, held_out.size or 0
    finally:
        batches.close()
    found = means.result() | built.result()
    return {f"valid_{name}": number for name, number in found.items()}


def measure(t: Training, batch: Any, means: _Mean, built: Builtin) -> int:
    """Count one batch in; returns its rows."""
    rows = rows_in(batch)
    if t.has_step:
        with t.autocast:
            returned = t.experiment.call("step", t.model, batch)
        parts = returned if isinstance(returned, dict) else {}
        total = sum(parts.values()) if parts else returned
        means.add({"loss": total} | {own_name(name): part for name, part in parts.items()}, rows)
        return rows
    x, target = pair(batch)
    with t.autocast:
        prediction = t.model(x)
        criterion = t.criterion or built_in(by_target(target))
        loss = criterion(prediction, target)
    means.add({"loss": loss} | _own_metrics(t, prediction, target), rows)
    _judge(built, prediction, target)
    return rows


def _judge(built: Builtin, prediction: Any, target: Any) -> None:
    """Count a batch in, where model and data speak in tensors."""
    if isinstance(prediction, Tensor) and isinstance(target, Tensor):
        built.add(prediction.detach().float(), target)


def training_metrics(t: Training) -> dict[str, float]:
    """Metrics of the step just taken, from its own batch and prediction (before the update)."""
    if t.has_step or t.self_loss or t.prediction is None:
        return {}
    built = Builtin(t.experiment.names.scale)
    prediction = t.prediction.detach() if isinstance(t.prediction, Tensor) else t.prediction
    _judge(built, prediction, t.target)
    if "metrics" not in t.experiment.functions:
        return built.result()
    with own_generators(), no_grad():
        own = _own_metrics(t, prediction, t.target)
    return built.result() | {name: float(value) for name, value in own.items()}


def _own_metrics(t: Training, prediction: Any, target: Any) -> dict[str, Any]:
    if "metrics" not in t.experiment.functions:
        return {}
    found = t.experiment.call("metrics", prediction, target)
    if not isinstance(found, dict):
        raise TypeError(f"metrics() must return a dict of numbers, not a {type(found).__name__}")
    return {own_name(name): number for name, number in found.items()}
