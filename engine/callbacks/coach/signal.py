"""Whether the labels of the training data can be told from the inputs at all, model or no model.

Three tests that need no training, and the loss of whoever always guesses the same. Pure functions
of tensors; `coach.py` asks once for each data set, when a verdict would rest on it.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

from ...training.losses import Loss, matched

ROWS = 1000
WIDEST = 4096  # numbers of one input
NEIGHBOURS = 5
SHUFFLES = 40
_FEWEST = 30  # examples


@dataclass(frozen=True)
class Signal:
    """What was found in `rows` examples. Each strength is a number of standard errors above what
    the same labels shuffled give: about 0 for those, 3 is rare, 5 is beyond doubt.

    `neighbours` is how often a near neighbour has the same class, `chance` how often any example
    has (for numbers: the correlation with the neighbours' mean, and 0).
    """

    rows: int
    classes: bool
    neighbours: float
    chance: float
    near: float  # strength, by the nearest neighbours
    straight: float  # strength, by a linear fit on one half judged on the other

    @property
    def strength(self) -> float:
        return max(self.near, self.straight)


def signal(x: Any, y: Any) -> Signal | None:
    """None where inputs are no real numbers, or where there are too few examples."""
    if not isinstance(x, Tensor) or not isinstance(y, Tensor) or not x.is_floating_point():
        return None
    if len(x) < _FEWEST or x[0].numel() > WIDEST or len(x) != len(y):
        return None
    rows = (torch.arange(min(len(x), ROWS)) * len(x)) // min(len(x), ROWS)
    x = x[rows].detach().cpu().double().flatten(1)
    x = (x - x.mean(0)) / x.std(0).clamp_min(1e-12)
    y = y[rows].detach().cpu()
    label = _classes(y)
    if label is None and not y.is_floating_point():
        return None
    targets = _standardised(y.double() if label is None else F.one_hot(label).double())
    if not targets.shape[1]:
        return None
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    x, targets = x[order], targets[order]
    generator = torch.Generator().manual_seed(1)
    shuffles = [torch.randperm(len(x), generator=generator) for _ in range(SHUFFLES)]
    near, same = _near(x, targets, shuffles)
    straight, chance = _straight(x, targets, shuffles), 0.0
    if label is not None:
        share = label.bincount().double() / len(label)
        chance, label = float((share**2).sum()), label[order]
        same = (label[_nearest(x, 1)[:, 0]] == label).double().mean().item()
    return Signal(len(x), label is not None, same, chance, near, straight)


def _classes(y: Tensor) -> Tensor | None:
    """Classes 0, 1, ... of whole-number targets, and of numbers that are only two; else None."""
    flat = y.reshape(len(y), -1)
    if flat.shape[1] != 1:
        return None
    values, label = flat[:, 0].unique(return_inverse=True)
    few = not y.is_floating_point() or len(values) == 2
    return label if few and 1 < len(values) <= len(y) // 2 else None


def _standardised(targets: Tensor) -> Tensor:
    """Columns with mean 0 and deviation 1; constant ones are left out."""
    columns = targets.reshape(len(targets), -1)
    spread = columns.std(0)
    return ((columns - columns.mean(0)) / spread.clamp_min(1e-12))[:, spread > 1e-12]


def _nearest(x: Tensor, count: int) -> Tensor:
    distance = torch.cdist(x, x)
    distance.fill_diagonal_(math.inf)
    return distance.topk(count, largest=False).indices


def _near(x: Tensor, targets: Tensor, shuffles: list[Tensor]) -> tuple[float, float]:
    """Strength and size of the correlation of targets with the mean of their neighbours'."""
    nearest = _nearest(x, min(NEIGHBOURS, len(x) - 1))

    def r(t: Tensor) -> float:
        guess = t[nearest].mean(1)
        return _correlation(t, guess)

    return _strength(r(targets), [r(targets[s]) for s in shuffles]), r(targets)


def _straight(x: Tensor, targets: Tensor, shuffles: list[Tensor]) -> float:
    """Strength of a ridge regression fitted on each half and judged on the other."""
    half = len(x) // 2
    cuts = (slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))
    ways = [(_fitted(x[train], x[test]), train, test) for train, test in cuts]

    def r(t: Tensor) -> float:
        return sum(_correlation(t[test], way @ t[train]) for way, train, test in ways) / 2

    return _strength(r(targets), [r(targets[s]) for s in shuffles])


def _fitted(train: Tensor, test: Tensor) -> Tensor:
    """The matrix that takes targets of the rows `train` to guesses for the rows `test`."""
    A, B = train, test
    λ = 0.1 * len(A)
    if A.shape[1] <= len(A):
        return B @ torch.linalg.solve(A.T @ A + λ * torch.eye(A.shape[1]).double(), A.T)
    return B @ A.T @ torch.linalg.inv(A @ A.T + λ * torch.eye(len(A)).double())


def _correlation(targets: Tensor, guess: Tensor) -> float:
    a, b = targets - targets.mean(0), guess - guess.mean(0)
    return float((a * b).sum() / (a.norm() * b.norm()).clamp_min(1e-12))


def _strength(found: float, shuffled: list[float]) -> float:
    """How many of their own standard deviations above those of shuffled labels."""
    null = torch.tensor(shuffled, dtype=torch.float64)
    return (found - null.mean().item()) / max(null.std().item(), 1e-12)


def trivial_loss(criterion: Loss | None, y: Any, prediction: Any) -> float | None:
    """The loss of always guessing the same: the classes' shares, or the mean or the median.

    `prediction` is what the model returns for the inputs of `y`, for its shape alone. None where
    that cannot be said, such as for a loss with a mind of its own.
    """
    if criterion is None or not isinstance(y, Tensor) or not isinstance(prediction, Tensor):
        return None
    y, shape = y.detach(), prediction
    try:
        if not y.is_floating_point() and shape.ndim == 2 and shape.shape[1] > 1:
            share = torch.bincount(y.long().reshape(-1), minlength=shape.shape[1]) / y.numel()
            guess = share.clamp_min(1e-12).log().to(shape).expand_as(shape)
            return criterion(guess, y).item()
        target = matched(shape, y).to(shape.dtype)
        means = (target.mean(0, keepdim=True), target.median(0, keepdim=True).values)
        return min(criterion(guess.expand_as(shape).contiguous(), y).item() for guess in means)
    except Exception:  # a loss of the user's, that wants something else
        return None
