"""What the engine measures of its own accord: accuracy, R², mean absolute error.

The session feeds a `Builtin` the batches of a validation (or of an epoch) and charts the result.
"""

from typing import Literal

import torch
from torch import Tensor

Task = Literal["classification", "regression", "other"]


def task(prediction: Tensor, target: Tensor) -> Task:
    """What is being learned, by the shapes and types of one batch.

    Classification: whole-number targets [n, ...] with logits [n, C, ...], C ≥ 2. Regression:
    real targets of the prediction's shape, but for a trailing 1. Anything else is "other".
    """
    if not prediction.is_floating_point():
        return "other"
    if target.is_floating_point():
        return "regression" if _trimmed(prediction.shape) == _trimmed(target.shape) else "other"
    if target.is_complex() or prediction.ndim < 2 or prediction.shape[1] < 2:
        return "other"
    without_classes = (prediction.shape[0], *prediction.shape[2:])
    return "classification" if without_classes == tuple(target.shape) else "other"


def _trimmed(shape: torch.Size) -> tuple[int, ...]:
    """The shape [n, ...] without a trailing 1 behind the batch dimension."""
    return tuple(shape[:-1]) if len(shape) > 1 and shape[-1] == 1 else tuple(shape)


class Builtin:
    """Accuracy, or R² and mean absolute error, added up over batches of any size.

    R² is 1 − Σ(y − ŷ)² / Σ(y − ȳ)², over several outputs with both sums taken over all of them
    and ȳ for each by itself; means are merged batch by batch (Chan, Golub, LeVeque 1979), so a
    target far from zero costs no digits. Sums stay on the device until `result` reads them.
    `scale` is one unit of the target in the unit a person knows it in, for the absolute error.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._classification = _Accuracy()
        self._regression = _Residuals()

    def add(self, prediction: Tensor, target: Tensor) -> None:
        """Count a batch in; one that is neither classification nor regression adds nothing."""
        prediction, target = prediction.detach(), target.detach().to(prediction.device)
        match task(prediction, target):
            case "classification":
                self._classification.add(prediction, target)
            case "regression":
                self._regression.add(prediction, target)
            case "other":
                pass

    def result(self) -> dict[str, float]:
        """`accuracy`, or `r2` and `mae`; what is not defined (no rows, equal targets) is absent."""
        return self._classification.result() | self._regression.result(self._scale)


class _Accuracy:
    """Share of right answers. Targets below 0 are not counted: cross-entropy ignores −100."""

    def __init__(self) -> None:
        self._right: Tensor | int = 0
        self._counted: Tensor | int = 0

    def add(self, prediction: Tensor, target: Tensor) -> None:
        # argmax takes a NaN for the largest; no answer is not a right one
        right = (prediction.argmax(1) == target) & ~prediction.isnan().any(1)
        self._right = self._right + right.sum()
        self._counted = self._counted + (target >= 0).sum()

    def result(self) -> dict[str, float]:
        counted = int(self._counted)
        return {"accuracy": int(self._right) / counted} if counted else {}


class _Residuals:
    """Sums for R² and the absolute error, for outputs of one shape."""

    def __init__(self) -> None:
        self._rows = 0
        self._numbers = 0
        self._mean: Tensor | None = None  # ȳ of each output
        self._spread: Tensor | None = None  # Σ(y − ȳ)² of each output
        self._squares: Tensor | float = 0.0
        self._absolute: Tensor | float = 0.0

    def add(self, prediction: Tensor, target: Tensor) -> None:
        rows = len(target)
        if not rows:
            return
        exact = torch.float32 if prediction.device.type == "mps" else torch.float64
        y = target.reshape(rows, -1).to(exact)
        residual = y - prediction.reshape(rows, -1).to(exact)
        self._squares = self._squares + (residual * residual).sum()
        self._absolute = self._absolute + residual.abs().sum()
        self._numbers += y.numel()
        self._merge(rows, y.mean(0), (y - y.mean(0)).square().sum(0))

    def _merge(self, rows: int, mean: Tensor, spread: Tensor) -> None:
        if self._mean is None or self._spread is None:
            self._rows, self._mean, self._spread = rows, mean, spread
            return
        total = self._rows + rows
        delta = mean - self._mean
        self._spread = self._spread + spread + delta * delta * (self._rows * rows / total)
        self._mean = self._mean + delta * (rows / total)
        self._rows = total

    def result(self, scale: float) -> dict[str, float]:
        if self._spread is None or not self._numbers:
            return {}
        spread = float(self._spread.sum())
        r2 = {} if spread == 0 else {"r2": 1 - float(self._squares) / spread}
        return r2 | {"mae": float(self._absolute) / self._numbers * abs(scale)}
