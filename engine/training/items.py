"""Items of a `Dataset`, each drawn with a seed of its own. Runs in loader workers too."""

import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, default_collate, get_worker_info

from ..experiment.randomness import item_seed, own_generators


class SeededItems(Dataset[Any]):
    """`dataset` looked up by (epoch, index); what an item draws depends on those and the seed."""

    def __init__(self, dataset: "Dataset[Any]", seed: int) -> None:
        self.dataset = dataset
        self.seed = seed

    def __getitem__(self, key: tuple[int, int]) -> Any:
        return self.__getitems__([key])[0]

    def __getitems__(self, keys: list[tuple[int, int]]) -> list[Any]:
        if get_worker_info() is not None:  # a worker's generators are nobody else's
            return [self._item(epoch, index) for epoch, index in keys]
        with own_generators():
            return [self._item(epoch, index) for epoch, index in keys]

    def _item(self, epoch: int, index: int) -> Any:
        seed = item_seed(self.seed, epoch, index)
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        return self.dataset[index]


def item_loader(
    items: SeededItems, keys: Iterable[list[tuple[int, int]]], workers: int
) -> "DataLoader[Any]":
    """Batches of `items` in the order of `keys`, made by `workers` processes (0: here)."""
    return DataLoader(
        items,
        batch_sampler=keys,
        num_workers=workers,
        collate_fn=getattr(items.dataset, "collate_fn", default_collate),
        generator=torch.Generator(),  # the loader's own draw must not touch the global one
    )
