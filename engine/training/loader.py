"""Batches of the user's own `DataLoader`, or of an `IterableDataset`: their order is kept.

Made by `dataset.interpret`; a feed as `sampler.py` describes it.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, cast

from torch.utils.data import DataLoader, IterableDataset

from ..experiment.randomness import Generators, generators, set_generators
from .sampler import Batch, DataError, Place, evenly, length, rows_in


class Loader:
    """The user's own `DataLoader`: its batching and its order are kept."""

    size: int | None = None

    def __init__(self, loader: "DataLoader[Any]") -> None:
        self.loader = loader
        self.place = Place()
        self._batches: Iterator[Batch] | None = None
        self._taken: Batch | None = None
        self._failed: Exception | None = None  # what fetching the batch to come raised
        self._after: Generators | None = None  # where a pass begun in this step left them

    def take(self, batch_size: int, shuffle: bool, seed: int) -> Batch:
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        if self._taken is None:
            self._begin_pass()
        elif self._after is not None:  # a step that begins again; what was drawn stays drawn
            set_generators(self._after)
        return self._taken

    def _begin_pass(self) -> None:
        """The first batch of a pass, or the next one after a batch that failed."""
        if self._batches is None:
            self._batches = iter(self.loader)
        self._taken = next(self._batches, None)
        if self._taken is None and self.place.position:
            self.place = Place(self.place.epoch + 1, 0)
            self._batches = iter(self.loader)
            self._taken = next(self._batches, None)
        if self._taken is None:
            self._batches = None
            raise DataError("data() returned a DataLoader without a single batch")
        self._after = generators()

    def advance(self) -> None:
        self.place = Place(self.place.epoch, self.place.position + rows_in(self._taken))
        self._taken, self._after = None, None
        # The pass is over when the loader says so; look ahead, so that an epoch ends with its step.
        try:
            self._taken = next(cast(Iterator[Batch], self._batches), None)
        except Exception as error:  # it belongs to the step that needs the batch
            self._failed = error
            return
        if self._taken is None:
            self._batches, self.place = None, Place(self.place.epoch + 1, 0)

    def steps_per_epoch(self, batch_size: int) -> int:
        try:
            return len(self.loader)
        except TypeError:
            return 0

    def measured(self, batch_size: int, seed: int) -> Generator[Batch]:
        with _own_draws(self.loader):
            yield from self.loader

    def rows(self, limit: int) -> Batch | None:
        """Fetched beside the loader: to iterate it would disturb its order and its workers."""
        loader: Any = self.loader
        dataset = loader.dataset
        if isinstance(dataset, IterableDataset) or loader.batch_sampler is None:
            return None
        own: Any = getattr(loader.sampler, "indices", None)  # of a SubsetRandomSampler
        indices = range(length(dataset)) if own is None else own
        items = [dataset[int(indices[i])] for i in evenly(len(indices), limit).tolist()]
        return loader.collate_fn(items)


@contextmanager
def _own_draws(loader: Any) -> Generator[None]:
    """What iterating `loader` draws from generators of its own is put back."""
    samplers = (loader, loader.sampler, loader.batch_sampler)
    own = {id(g): g for s in samplers if (g := getattr(s, "generator", None)) is not None}
    before = [(generator, generator.get_state()) for generator in own.values()]
    try:
        yield
    finally:
        for generator, state in before:
            generator.set_state(state)
