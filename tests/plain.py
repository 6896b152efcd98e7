"""A training from a file's text, and the plain PyTorch loop that it must equal bit for bit."""

import itertools
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from foghill.engine.experiment.experiment import load
from foghill.engine.experiment.randomness import generators
from foghill.engine.runs.directory import RunSpec
from foghill.engine.training.checkpoint import capture
from foghill.engine.training.loop import train
from foghill.engine.training.training import Training
from foghill.engine.training.validation import validate
from torch import Tensor, nn

_numbers = itertools.count()

REGRESSION = '''
"""Regression on 50 rows of three numbers."""
import torch
from torch import nn

settings = {"valid": 0.0}

def data(rows: int = 50):
    x = torch.randn(rows, 3)
    return x, (x @ torch.tensor([1.0, -2.0, 0.5]) + 0.1 * torch.randn(rows)).sin()

def model(hidden: int = 8, dropout: float = 0.0):
    return nn.Sequential(nn.Linear(3, hidden), nn.Tanh(), nn.Dropout(dropout),
                         nn.Linear(hidden, 1))
'''

RESTLESS = '''
"""Dropout, batch normalisation and augmentation draw and remember at every step."""
import random
import numpy as np
import torch
from torch import nn

settings = {"optimizer": "adam", "batch_size": 8, "valid": 0.3}

def data(rows: int = 50):
    x = torch.randn(rows, 3)
    return x, (x.sum(1) > 0).long()

def model(dropout: float = 0.4, width: int = 8):
    return nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width), nn.ReLU(),
                         nn.Dropout(dropout), nn.Linear(width, 2))

def augment(x, noise: float = 0.1):
    x += torch.randn_like(x) * noise + random.random() * 0.01 + np.random.rand() * 0.01
    return x
'''


def experiment(folder: Path, source: str, kind: str = "file", **typed: object) -> Any:
    """The experiment in `source`, with knobs as typed."""
    path = folder / f"users_{next(_numbers)}.py"
    path.write_text(source)
    folders = list(sys.path)
    try:
        settings = {name: str(value) for name, value in typed.items()}
        spec = RunSpec(
            name="run", directory="", experiment=path.name, kind=kind, path=str(path),
            settings={"threads": "1"} | settings,
        )  # fmt: skip
        return load(spec)
    finally:
        sys.path[:] = folders


def training(folder: Path, source: str = REGRESSION, **typed: object) -> Training:
    """A training of `source`, on one thread."""
    loaded = experiment(folder, source, **typed)
    return Training(loaded, False, "", {*loaded.settings, *typed})


def take(t: Training, steps: int) -> list[float]:
    """Losses of the next `steps`."""
    losses: list[float] = []
    loop = train(t)
    while len(losses) < steps:
        if next(loop) == "update":
            losses.append(t.value)
    return losses


def phases(t: Training, count: int, careful: bool = True) -> None:
    """Begin a step by hand and leave it after `count` phases."""
    t.careful = careful
    loop = train(t)
    for _ in range(count):
        next(loop)


def measured(t: Training) -> dict[str, float]:
    """What a whole validation finds."""
    going = validate(t)
    while True:
        try:
            next(going)
        except StopIteration as finished:
            return finished.value


def dismiss(t: Training) -> None:
    """Let loader workers go now: the garbage collector would wait 5 s for each of them."""
    t.parts = t.returned = t.feed = None  # type: ignore[assignment]


def seeded(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def order(seed: int, epoch: int, n: int) -> Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))


def functions(source: str) -> Any:
    """What `source` defines, run by itself."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)  # a test's own text
    return namespace


def plain_loop(
    source: str,
    optimizer: Callable[[Any], torch.optim.Optimizer],
    steps: int,
    batch: int,
    seed: int = 0,
    loss: Callable[[Tensor, Tensor], Tensor] = nn.functional.mse_loss,
    **more: Any,
) -> tuple[list[float], nn.Module]:
    """The ten lines, with the rules of order and seeds from DESIGN."""
    file = functions(source)
    torch.manual_seed(seed)
    x, y = file["data"]()
    torch.manual_seed(seed)
    model = file["model"]()
    descent = optimizer(model.parameters())
    base, losses, epoch, first, n = descent.param_groups[0]["lr"], [], 0, 0, len(x)
    for step in range(steps):
        if more.get("cosine"):
            t = step / more["cosine"]
            descent.param_groups[0]["lr"] = base * 0.5 * (1 + np.cos(np.pi * t))
        mixed = order(seed, epoch, n) if more.get("shuffle", True) else torch.arange(n)
        rows = slice(None) if batch >= n else mixed[first : first + batch]
        prediction = model(x[rows])
        target = y[rows].reshape(prediction.shape) if y.is_floating_point() else y[rows]
        error = loss(prediction, target)
        losses.append(error.item())
        if more.get("zero_grad", True):
            descent.zero_grad()
        error.backward()
        if more.get("clip"):
            nn.utils.clip_grad_norm_(model.parameters(), more["clip"])
        descent.step()
        first += batch
        if first >= n:
            first, epoch = 0, epoch + 1
    return losses, model


def everything(t: Training) -> list[tuple[str, bytes]]:
    """All that training changes, as bytes: two trainings are equal where these are."""
    return _leaves("", capture(t) | {"by_hand": sorted(t.set_by_hand), "batch": t.batch_size})


def drawn() -> list[tuple[str, bytes]]:
    """The global generators, as bytes."""
    return _leaves("", list(generators()))


def differing(one: list[tuple[str, bytes]], two: list[tuple[str, bytes]]) -> list[str]:
    """Names of what is not the same; a test shows these instead of bytes."""
    there, here = dict(one), dict(two)
    return [name for name in there | here if there.get(name) != here.get(name)]


def _leaves(name: str, value: Any) -> list[tuple[str, bytes]]:
    if isinstance(value, Tensor):
        content = value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        return [(name, f"{value.dtype} {tuple(value.shape)}".encode() + content)]
    if isinstance(value, np.ndarray):
        return [(name, value.tobytes())]
    if isinstance(value, dict):
        return [leaf for key in value for leaf in _leaves(f"{name}.{key}", value[key])]
    if isinstance(value, list | tuple):
        return [leaf for i, part in enumerate(value) for leaf in _leaves(f"{name}.{i}", part)]
    if type(value).__module__.startswith("foghill"):
        return _leaves(name, vars(value))
    return [(name, repr(value).encode())]
