"""Reads what `data()` returned: which part trains, which is held out, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from ..experiment.randomness import held_out_rows
from .loader import Loader
from .sampler import DataError, Feed, Items, Tensors, gather, is_fields

FORMS = "(x, y), (train, valid), a Dataset or a DataLoader"


@dataclass(frozen=True)
class Parts:
    """The training feed, the held-out data (or none) and remarks for the screen."""

    train: Feed
    held_out: Feed | None
    notes: tuple[str, ...] = ()
    splits: bool = False  # `valid` decides what is held out

    def describe(self) -> str:
        """What validation is measured on, in words."""
        if self.held_out is None:
            return "no validation"
        size, train = self.held_out.size, self.train.size
        if size is None or train is None:
            return "own validation data"
        return f"{size} held out, {train} train"


def interpret(
    returned: Any, device: torch.device, valid: float, seed: int, batch_size: int, workers: int
) -> Parts:
    """Training and held-out data from what `data()` returned; raises `DataError`."""
    if is_pair_of_parts(returned):
        train, held_out = returned
        feed, notes = _feed(train, device, batch_size, workers, "train")
        other = None if held_out is None else _feed(held_out, device, batch_size, workers, "valid")
        return Parts(feed, other[0] if other else None, notes)
    if is_fields(returned):
        fields = _checked(returned, "data()")
        n = len(_tensors(fields)[0])
        train_rows, held_out = _rows(n, valid, seed)
        if held_out is None:
            return Parts(Tensors(fields, device), None, splits=True)
        train, measured = (Tensors(gather(fields, r), device) for r in (train_rows, held_out))
        return Parts(train, measured, splits=True)
    if isinstance(returned, Dataset) and not isinstance(returned, IterableDataset):
        feed = Items(returned, workers)
        _not_empty(feed.size)
        train_rows, held_out = _rows(feed.size, valid, seed)
        if held_out is None:
            return Parts(feed, None, splits=True)
        return Parts(
            Items(returned, workers, train_rows), Items(returned, workers, held_out), splits=True
        )
    feed, notes = _feed(returned, device, batch_size, workers, "data()")
    return Parts(feed, None, notes)


def _rows(n: int, valid: float, seed: int) -> tuple[Tensor, Tensor | None]:
    train, held_out = held_out_rows(n, valid, seed)
    if len(train) == 0:
        raise DataError(f"valid={valid:g} holds out all {n} examples; nothing is left to train on")
    return train, held_out if len(held_out) else None


def is_pair_of_parts(returned: Any) -> bool:
    """Whether `data()` returned (train, valid), rather than (x, y)."""
    if not isinstance(returned, list | tuple) or len(returned) != 2:
        return False
    return all(
        part is None
        or isinstance(part, Dataset | DataLoader)
        or (not isinstance(part, Tensor | np.ndarray) and is_fields(part))
        for part in returned
    )


def _feed(
    part: Any, device: torch.device, batch_size: int, workers: int, what: str
) -> tuple[Feed, tuple[str, ...]]:
    if isinstance(part, DataLoader):
        own = "the file's own DataLoader decides batches and order"
        if isinstance(part.dataset, IterableDataset):
            own += "; an IterableDataset's order cannot be promised"
        return Loader(part), (own,)
    if isinstance(part, IterableDataset):
        note = "an IterableDataset decides its own order, which cannot be promised"
        return Loader(DataLoader(part, batch_size, num_workers=workers)), (note,)
    if isinstance(part, Dataset):
        feed = Items(part, workers)
        _not_empty(feed.size)
        return feed, ()
    if is_fields(part):
        return Tensors(_checked(part, what), device), ()
    raise DataError(f"data() must return {FORMS}; {what} is {_described(part)}")


def _described(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of " + ", ".join(type(v).__name__ for v in value)
    return f"a {type(value).__name__}" if value is not None else "None"


def _not_empty(n: int) -> None:
    if n == 0:
        raise DataError("data() returned no examples")


def _tensors(fields: Any) -> list[Tensor]:
    if isinstance(fields, Tensor):
        return [fields]
    return list(fields.values()) if isinstance(fields, Mapping) else list(fields)


def _named(fields: Any) -> list[tuple[str, Tensor]]:
    if isinstance(fields, Tensor):
        return [("x", fields)]
    if isinstance(fields, Mapping):
        return list(fields.items())
    return list(
        zip(("x", "y", *(f"part {i}" for i in range(2, len(fields)))), fields, strict=False)
    )


def _as_tensor(value: Any) -> Tensor:
    if isinstance(value, np.ndarray):  # NumPy's default is float64, torch's float32
        tensor = torch.from_numpy(np.ascontiguousarray(value))
        return tensor.float() if tensor.is_floating_point() else tensor
    return value


def _checked(fields: Any, what: str) -> Any:
    """`fields` as tensors of equal length without a value that is not finite."""
    if isinstance(fields, Mapping):
        fields = {name: _as_tensor(value) for name, value in fields.items()}
    elif isinstance(fields, Tensor | np.ndarray):
        fields = _as_tensor(fields)
    else:
        fields = tuple(_as_tensor(value) for value in fields)
    named = _named(fields)
    for name, tensor in named:
        if tensor.ndim == 0:
            raise DataError(f"{what}: {name} is a single number; give it one row per example")
    lengths = {name: len(tensor) for name, tensor in named}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise DataError(f"{what} returned parts of unequal length: {listed} rows")
    _not_empty(named[0][1].shape[0])
    for name, tensor in named:
        _finite(name, tensor, what)
    return fields


def _finite(name: str, tensor: Tensor, what: str) -> None:
    if not tensor.is_floating_point():
        return
    bad = ~torch.isfinite(tensor)
    count = int(bad.sum())
    if count:
        first = bad.nonzero()[0].tolist()
        value = tensor[tuple(first)].item()
        where = f"row {first[0]}" + (f", column {first[1]}" if len(first) == 2 else "")
        raise DataError(
            f"{what} returned {name} with {count} value{'s' if count > 1 else ''} that "
            f"{'are' if count > 1 else 'is'} not finite (first: {value} in {where}, counted "
            "from 0); clean or drop those rows"
        )
