"""The same training in bare eager PyTorch.

Same data, order, gather, optimizer and threads as the engine, and no loss is read.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
SEED = 0


def loop(experiment: ModuleType) -> Iterator[Tensor]:
    """Step after step; yields the loss, unread."""
    settings = experiment.settings
    torch.set_num_threads(int(settings["threads"]))
    torch.manual_seed(SEED)
    x, y = experiment.data()
    torch.manual_seed(SEED)
    model = experiment.model()
    optimizer = OPTIMIZERS[settings["optimizer"]](model.parameters(), lr=settings["lr"])
    criterion = F.mse_loss if y.is_floating_point() else F.cross_entropy
    n, size, epoch = len(x), int(settings["batch_size"]), 0
    while True:
        generator = torch.Generator().manual_seed(SEED * 1_000_003 + epoch)
        order = torch.randperm(n, generator=generator)
        for first in range(0, n, size):
            rows = order[first : first + size]
            loss = criterion(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss
        epoch += 1


def load(path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
