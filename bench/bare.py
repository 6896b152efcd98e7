"""The same training in bare eager PyTorch, in a process of its own that works when told to.

    python -m bench.bare EXPERIMENT.py

Same data, order, gather, optimizer and threads as the engine, and no loss is read. Commands on
stdin, one answer each on stdout: `run SECONDS` → `STEPS SECONDS`, `to STEP` → the loss there.
"""

import importlib.util
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
STEPS_BETWEEN_LOOKS = 16  # at the clock
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


def run(steps: Iterator[Tensor], seconds: float) -> tuple[int, float]:
    """Steps taken in about `seconds`, and the seconds they took."""
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        for _ in range(STEPS_BETWEEN_LOOKS):
            next(steps)
        count += STEPS_BETWEEN_LOOKS
    return count, spent


def load(path: Path) -> ModuleType:
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def main(path: Path) -> None:
    steps, done = loop(load(path)), 0
    for line in sys.stdin:
        verb, number = line.split()
        if verb == "run":
            count, seconds = run(steps, float(number))
            done += count
            print(count, seconds, flush=True)
        else:
            loss = torch.zeros(())
            while done < int(number):
                loss, done = next(steps), done + 1
            print(repr(loss.item()), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
