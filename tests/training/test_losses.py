"""Built-in losses against torch's own, and shapes that are never broadcast."""

from typing import Any

import pytest
import torch
from foghill.engine.training.losses import (
    ShapeError,
    built_in,
    by_target,
    matched,
    pair,
    scalar,
)
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

P, T = torch.randn(6), torch.randn(6)
SCORES, CLASSES = torch.randn(6, 4), torch.tensor([0, 3, 1, 2, 2, 0])


@pytest.mark.parametrize(
    ("name", "oracle"), [("mse", F.mse_loss), ("mae", F.l1_loss), ("huber", F.huber_loss)]
)
def test_losses_of_numbers_are_torchs(name: str, oracle: Any):
    loss = built_in(name)
    assert torch.equal(loss(P, T), oracle(P, T))
    assert torch.equal(loss(P[:, None], T), oracle(P, T))
    assert torch.equal(loss(P, T[:, None]), oracle(P, T))
    assert torch.equal(loss(P, CLASSES), oracle(P, CLASSES.float()))
    assert torch.equal(loss(P[:, None], CLASSES), oracle(P, CLASSES.float()))
    assert torch.equal(loss(SCORES, CLASSES), oracle(SCORES, F.one_hot(CLASSES, 4).float()))


def test_cross_entropy_is_torchs():
    loss = built_in("cross_entropy")
    assert torch.equal(loss(SCORES, CLASSES), F.cross_entropy(SCORES, CLASSES))
    assert torch.equal(loss(SCORES, CLASSES[:, None]), F.cross_entropy(SCORES, CLASSES))
    assert torch.equal(loss(SCORES, CLASSES.byte()), F.cross_entropy(SCORES, CLASSES))
    pixels, labels = torch.randn(2, 3, 5, 5), torch.randint(3, (2, 5, 5))
    assert torch.equal(loss(pixels, labels), F.cross_entropy(pixels, labels))


@pytest.mark.parametrize(
    ("target", "name"),
    [(T, "mse"), (T.double(), "mse"), (CLASSES, "cross_entropy"), (CLASSES > 1, "cross_entropy")],
)
def test_the_targets_type_chooses(target: torch.Tensor, name: str):
    assert by_target(target) == name


@pytest.mark.parametrize(
    ("one", "two"),
    [((6,), (3,)), ((6, 1), (1, 6)), ((6, 2), (6,)), ((6, 2), (2,)), ((1,), (6,)), ((), (6,)),
     ((6, 1, 1), (6,)), ((6, 3), (1, 3))],
)  # fmt: skip
@pytest.mark.parametrize("name", ["mse", "mae", "huber"])
def test_shapes_are_never_broadcast(name: str, one: tuple[int, ...], two: tuple[int, ...]):
    for ours, theirs in ((one, two), (two, one)):
        with pytest.raises(ShapeError, match=r"the prediction has shape .* but the target"):
            built_in(name)(torch.zeros(ours), torch.zeros(theirs))


def test_a_trailing_one_is_the_only_difference_allowed():
    assert matched(torch.zeros(6, 1), T).shape == (6, 1)
    assert matched(torch.zeros(6), T[:, None]).shape == (6,)
    assert matched(P, T) is T


@pytest.mark.parametrize(
    ("prediction", "target", "said"),
    [
        (SCORES, T, "this target is real: use mse"),
        (SCORES, CLASSES[:5], "prediction has shape 6×4, the target 5"),
        (SCORES, torch.stack([CLASSES, CLASSES], 1), "the target 6×2"),
        (P, CLASSES, "as many outputs as there are classes"),
        (SCORES[:, :2], CLASSES, "class 3 but the model gives 2 scores"),
        (SCORES, CLASSES - 1, "class -1 but the model gives 4 scores"),
        (SCORES[:, :1], CLASSES, "class 3 but the model gives 1 scores"),
        ((SCORES, SCORES), CLASSES, "model.. predicts a tuple"),
    ],
)
def test_scores_that_do_not_fit_the_classes_say_so(prediction: Any, target: Any, said: str):
    with pytest.raises(ShapeError, match=said):
        built_in("cross_entropy")(prediction, target)


def test_classes_that_cross_entropy_ignores_are_no_error():
    ignored = CLASSES.clone()
    ignored[0] = -100
    loss = built_in("cross_entropy")
    assert torch.equal(loss(SCORES, ignored), F.cross_entropy(SCORES, ignored))
    with pytest.raises(ShapeError, match="class 9 but"):
        loss(SCORES, torch.where(ignored == 3, 9, ignored))


def test_targets_and_predictions_that_are_no_tensors_ask_for_a_loss():
    with pytest.raises(ShapeError, match="target is a dict, not a tensor; write loss"):
        by_target({"boxes": T})
    with pytest.raises(ShapeError, match="predicts a dict, not a tensor; write loss"):
        built_in("mse")({"out": P}, T)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ({"a": P, "b": T}, "dicts with a, b"),
        ((P, T, T), "3 parts"),
        (P, "one tensor"),
    ],
)
def test_batches_that_are_no_pairs_ask_for_a_step(batch: Any, said: str):
    with pytest.raises(ShapeError, match=f"batches are {said}, not .* write step"):
        pair(batch)
    assert pair([P, T]) == (P, T)


def test_a_loss_is_one_number():
    assert scalar(torch.ones(1, 1), "loss()").shape == ()
    with pytest.raises(ShapeError, match=r"loss\(\) has shape 6; a loss must be a single number"):
        scalar(P, "loss()")
    with pytest.raises(ShapeError, match=r"loss\(\) must be a tensor, not a float"):
        scalar(1.0, "loss()")
