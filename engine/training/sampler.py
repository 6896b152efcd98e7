"""Where batches come from: tensors in memory, the items of a `Dataset`, or no data at all.

`dataset.interpret` makes a training feed of what `data()` returned and, where there is one, of
the held-out data; `loader.py` has the feed of the user's own `DataLoader`. A feed's `take` may be
called again for the same step (a step that was abandoned begins again with the same batch); only
`advance` moves the position, counted in examples.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..experiment.randomness import order
from .items import SeededItems, item_loader

Batch = Any  # a tensor, or a tuple, list or dict of them
VALIDATION_ROWS = 1024  # rows at once when held-out tensors are measured


class DataError(ValueError):
    """`data()` returned something that cannot be trained on; the sentence says what."""


@dataclass
class Place:
    """Where in the data the training stands. `position` counts examples of the present pass."""

    epoch: int = 0
    position: int = 0


class Feed(Protocol):
    """A source of training batches."""

    place: Place

    @property
    def size(self) -> int | None:
        """Examples in one pass, where known."""
        ...

    def take(self, batch_size: int, shuffle: bool, seed: int) -> Batch: ...
    def advance(self) -> None: ...
    def steps_per_epoch(self, batch_size: int) -> int: ...
    def measured(self, batch_size: int, seed: int) -> Generator[Batch]:
        """Every example once, in the data's own order, for validation."""
        ...

    def rows(self, limit: int) -> Batch | None:
        """At most `limit` examples, evenly spaced, as one batch of copies, to look at."""
        ...


def gather(fields: Any, index: Tensor | slice) -> Batch:
    """The rows `index` of a tensor, or of a tuple or dict of tensors."""
    if type(fields) is tuple:
        return tuple([field[index] for field in fields])
    if isinstance(fields, Tensor):
        return fields[index]
    if isinstance(fields, Mapping):
        return {name: field[index] for name, field in fields.items()}
    return tuple(field[index] for field in fields)  # a list, or a loader's own tuple


def to_device(batch: Any, device: torch.device, copy: bool = False) -> Batch:
    """`batch` with every tensor in it on `device`; lists become tuples."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True, copy=copy)
    if isinstance(batch, Mapping):
        return {name: to_device(value, device, copy) for name, value in batch.items()}
    if isinstance(batch, list | tuple):
        moved = [to_device(value, device, copy) for value in batch]
        return type(batch)(*moved) if hasattr(batch, "_fields") else tuple(moved)
    return batch


def cloned(batch: Any) -> Batch:
    """`batch` with every tensor in it a copy: a model may write into what it is given."""
    if isinstance(batch, Tensor):
        return batch.clone()
    if isinstance(batch, Mapping):
        return {name: cloned(value) for name, value in batch.items()}
    return tuple(cloned(value) for value in batch)


def in_double(batch: Any) -> Batch:
    """`batch` with every real tensor in it in double precision; lists become tuples."""
    if isinstance(batch, Tensor):
        return batch.double() if batch.is_floating_point() else batch
    if isinstance(batch, Mapping):
        return {name: in_double(value) for name, value in batch.items()}
    return tuple(map(in_double, batch)) if isinstance(batch, list | tuple) else batch


def rows_in(batch: Any) -> int:
    """Examples in a batch: the length of the first tensor found in it; 1 where there is none."""
    if isinstance(batch, Tensor):
        return len(batch) if batch.ndim else 1
    if isinstance(batch, Mapping | list | tuple):
        parts = batch.values() if isinstance(batch, Mapping) else batch
        return next((rows_in(part) for part in parts if _has_rows(part)), 1)
    return 1


def _has_rows(part: Any) -> bool:
    if isinstance(part, Mapping | list | tuple):
        return any(map(_has_rows, part.values() if isinstance(part, Mapping) else part))
    return isinstance(part, Tensor) and part.ndim > 0


def evenly(size: int, limit: int) -> Tensor:
    """At most `limit` indices below `size`, evenly spaced from the first to the last."""
    return torch.linspace(0, size - 1, min(limit, size), dtype=torch.float64).long()


class Tensors:
    """Rows of tensors that lie in memory: `fields` is one tensor, a tuple or a dict of them."""

    def __init__(self, fields: Any, device: torch.device) -> None:
        self.fields = to_device(fields, device)
        self.size: int = len(_leaves(fields)[0])
        self.place = Place()
        self._last = 0  # where the batch taken ends
        self._order: Tensor | None = None
        self._order_of: tuple[int, int] | None = None

    def take(self, batch_size: int, shuffle: bool, seed: int) -> Batch:
        place = self.place
        first = place.position
        self._last = last = first + batch_size
        if batch_size >= self.size:
            return self.fields
        if not shuffle:
            return gather(self.fields, slice(first, last))
        if self._order_of != (seed, place.epoch) or self._order is None:
            self._order = order(seed, place.epoch, self.size).to(_leaves(self.fields)[0].device)
            self._order_of = (seed, place.epoch)
        return gather(self.fields, self._order[first:last])

    def advance(self) -> None:
        if self._last < self.size:
            self.place.position = self._last
        else:
            self.place.epoch += 1
            self.place.position = 0

    def steps_per_epoch(self, batch_size: int) -> int:
        return ceil(self.size / batch_size)

    def measured(self, batch_size: int, seed: int) -> Generator[Batch]:
        for first in range(0, self.size, VALIDATION_ROWS):
            yield cloned(gather(self.fields, slice(first, first + VALIDATION_ROWS)))

    def rows(self, limit: int) -> Batch:
        if self.size <= limit:
            return cloned(self.fields)
        return gather(self.fields, evenly(self.size, limit))


class Items:
    """A map-style `Dataset`. Items are seeded by (seed, epoch, index): workers change nothing."""

    def __init__(self, dataset: "Dataset[Any]", workers: int, indices: Tensor | None = None):
        self.dataset = dataset
        self.workers = workers
        self.indices = torch.arange(length(dataset)) if indices is None else indices
        self.size: int = len(self.indices)
        self.place = Place()
        self._next = Place()
        self._stands: tuple[int, bool, int, int, int] | None = None  # what the batch depends on
        self._batches: Iterator[Batch] = iter(())
        self._taken: Batch | None = None

    def take(self, batch_size: int, shuffle: bool, seed: int) -> Batch:
        place = self.place
        stands = (batch_size, shuffle, seed, place.epoch, place.position)
        if self._stands != stands:
            keys = _keys(self.indices, *stands)
            self._batches = iter(item_loader(SeededItems(self.dataset, seed), keys, self.workers))
            self._taken = None
        if self._taken is None:
            self._stands = None  # an item that raises is fetched again
            self._taken = next(self._batches)
            self._stands = stands
        last = place.position + min(batch_size, self.size)
        over = last >= self.size
        self._next = Place(place.epoch + 1, 0) if over else Place(place.epoch, last)
        return self._taken

    def advance(self) -> None:
        self.place, self._taken = self._next, None
        if self._stands is not None:
            self._stands = (*self._stands[:3], self.place.epoch, self.place.position)

    def steps_per_epoch(self, batch_size: int) -> int:
        return ceil(self.size / batch_size)

    def measured(self, batch_size: int, seed: int) -> Generator[Batch]:
        indices = self.indices.tolist()
        keys = [
            [(-1, index) for index in indices[first : first + batch_size]]
            for first in range(0, self.size, batch_size)
        ]
        yield from item_loader(SeededItems(self.dataset, seed), keys, self.workers)

    def rows(self, limit: int) -> Batch:
        keys = [[(-1, int(index)) for index in self.indices[evenly(self.size, limit)]]]
        return next(iter(item_loader(SeededItems(self.dataset, 0), keys, 0)))


def _keys(
    rows: Tensor, batch_size: int, shuffle: bool, seed: int, epoch: int, position: int
) -> Iterator[list[tuple[int, int]]]:
    """Batches of (epoch, index) without end, from that place on.

    No method: workers fetch from it, and a cycle through them would be collected late, at 5 s each.
    """
    n = len(rows)
    while True:
        indices = (rows[order(seed, epoch, n)] if shuffle and batch_size < n else rows).tolist()
        for first in range(position if batch_size < n else 0, n, batch_size):
            yield [(epoch, index) for index in indices[first : first + batch_size]]
        epoch, position = epoch + 1, 0


class NoData:
    """The feed of a model that returns its own loss: no data, and a step is an epoch."""

    size: int | None = None

    def __init__(self) -> None:
        self.place = Place()

    def take(self, batch_size: int, shuffle: bool, seed: int) -> Batch:
        return ()

    def advance(self) -> None:
        self.place = Place(self.place.epoch + 1, 0)

    def steps_per_epoch(self, batch_size: int) -> int:
        return 1

    def measured(self, batch_size: int, seed: int) -> Generator[Batch]:
        yield from ()

    def rows(self, limit: int) -> Batch | None:
        return None


def length(dataset: Any) -> int:
    try:
        return len(dataset)
    except TypeError:
        raise DataError("data() returned a Dataset without a length (__len__)") from None


def _leaves(fields: Any) -> list[Tensor]:
    if isinstance(fields, Tensor):
        return [fields]
    values = list(fields.values()) if isinstance(fields, Mapping) else list(fields)
    return [value for value in values if isinstance(value, Tensor)]


def is_fields(value: Any) -> bool:
    """One tensor or array, or a non-empty tuple, list or dict of them."""
    if isinstance(value, Tensor | np.ndarray):
        return True
    if isinstance(value, Mapping):
        return bool(value) and all(isinstance(v, Tensor | np.ndarray) for v in value.values())
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(v, Tensor | np.ndarray) for v in value)
    return False
