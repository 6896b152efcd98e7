"""Built-in losses, chosen by the target's type or by the knob `loss`."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

_IGNORED = -100  # cross-entropy leaves such targets out
Loss = Callable[[Tensor, Tensor], Tensor]


class ShapeError(ValueError):
    """Prediction and target do not belong together; the sentence says how they differ."""


def by_target(target: Any) -> str:
    """`mse` for real targets, `cross_entropy` for classes."""
    if not isinstance(target, Tensor):
        raise ShapeError(
            f"the target is a {type(target).__name__}, not a tensor; "
            "write loss(prediction, target) to say what the loss is"
        )
    return "mse" if target.is_floating_point() else "cross_entropy"


def built_in(name: str) -> Loss:
    """Mean squared error, mean absolute error, Huber (1964, δ = 1), or cross-entropy."""
    return {
        "mse": _elementwise(F.mse_loss),
        "mae": _elementwise(F.l1_loss),
        "huber": _elementwise(F.huber_loss),
        "cross_entropy": _cross_entropy,
    }[name]


def pair(batch: Any) -> tuple[Any, Any]:
    """(x, target) of a batch; raises where an experiment needs a `step` of its own."""
    if isinstance(batch, tuple | list) and len(batch) == 2:
        return batch[0], batch[1]
    if isinstance(batch, dict):
        found = f"dicts with {', '.join(map(str, batch))}"
    else:
        found = f"{len(batch)} parts" if isinstance(batch, tuple | list) else "one tensor"
    raise ShapeError(
        f"batches are {found}, not (x, target); write step(model, batch) to say what the loss is"
    )


def scalar(loss: Any, what: str) -> Tensor:
    """A loss as a tensor without dimensions; `what` gave it."""
    if not isinstance(loss, Tensor):
        found = "None: does it return?" if loss is None else f"a {type(loss).__name__}"
        raise ShapeError(f"{what} must be a tensor, not {found}")
    if loss.numel() != 1:
        raise ShapeError(
            f"{what} has shape {shape(loss)}; a loss must be a single number: take its mean"
        )
    return loss.reshape(())


def shape(tensor: Tensor) -> str:
    """`64×10`; a single number has the shape `scalar`."""
    return "×".join(map(str, tensor.shape)) or "scalar"


def _one(prediction: Any) -> Tensor:
    if isinstance(prediction, Tensor):
        return prediction
    raise ShapeError(
        f"model() predicts a {type(prediction).__name__}, not a tensor; "
        "write loss(prediction, target) to say what the loss is"
    )


def matched(prediction: Tensor, target: Tensor) -> Tensor:
    """`target` in the prediction's shape where they differ only by a trailing 1."""
    if prediction.shape == target.shape:
        return target
    ours, theirs = tuple(prediction.shape), tuple(target.shape)
    if ours == (*theirs, 1) or theirs == (*ours, 1):
        return target.reshape(prediction.shape)
    raise ShapeError(
        f"the prediction has shape {shape(prediction)} but the target {shape(target)}; "
        "return them in the same shape"
    )


def _elementwise(loss: Loss) -> Loss:
    def of_prediction(prediction: Tensor, target: Tensor) -> Tensor:
        if _one(prediction).shape == target.shape and target.is_floating_point():
            return loss(prediction, target)
        whole = not target.is_floating_point()
        if whole and prediction.ndim == target.ndim + 1 and prediction.shape[-1] > 1:
            target = F.one_hot(target.long(), prediction.shape[-1]).to(prediction.dtype)
        target = matched(prediction, target)
        return loss(prediction, target.float() if whole else target)

    return of_prediction


def _cross_entropy(prediction: Tensor, target: Tensor) -> Tensor:
    if target.is_floating_point():
        raise ShapeError("cross_entropy needs whole-number classes; this target is real: use mse")
    if target.ndim == _one(prediction).ndim and target.shape[-1] == 1:
        target = target.squeeze(-1)
    if prediction.ndim < 2 or target.shape != prediction.shape[:1] + prediction.shape[2:]:
        raise ShapeError(
            f"classes need one score each: the prediction has shape {shape(prediction)}, "
            f"the target {shape(target)}; end the model with as many outputs as there are classes"
        )
    try:
        return F.cross_entropy(prediction, target if target.dtype == torch.long else target.long())
    except IndexError:
        scores = prediction.shape[1]
        outside = target[(target >= scores) | ((target < 0) & (target != _IGNORED))]
        raise ShapeError(
            f"the target has class {int(outside[0])} but the model gives {scores} scores; "
            "classes count from 0, and each needs an output of the model"
        ) from None
