"""The built-in metrics against scikit-learn's definitions, written out in plain torch."""

import pytest
import torch
from foghill.engine.training.metrics import Builtin, task


def batches(*tensors: torch.Tensor, size: int = 7):
    return zip(*(tensor.split(size) for tensor in tensors), strict=True)


@pytest.mark.parametrize(
    ("prediction", "target", "expected"),
    [
        (torch.zeros(4, 3), torch.zeros(4, dtype=torch.long), "classification"),
        (torch.zeros(4, 3), torch.zeros(4, dtype=torch.uint8), "classification"),
        (torch.zeros(4, 3, 5, 6), torch.zeros(4, 5, 6, dtype=torch.long), "classification"),
        (torch.zeros(4), torch.zeros(4), "regression"),
        (torch.zeros(4, 1), torch.zeros(4), "regression"),
        (torch.zeros(4), torch.zeros(4, 1), "regression"),
        (torch.zeros(4, 3), torch.zeros(4, 3), "regression"),
        (torch.zeros(1, 1), torch.zeros(1), "regression"),
        (torch.zeros(4, 3), torch.zeros(4), "other"),
        (torch.zeros(4, 1), torch.zeros(4, dtype=torch.long), "other"),
        (torch.zeros(4), torch.zeros(4, dtype=torch.long), "other"),
        (torch.zeros(4, 3), torch.zeros(5, dtype=torch.long), "other"),
        (torch.zeros(4, dtype=torch.long), torch.zeros(4), "other"),
        (torch.tensor(0.0), torch.zeros(4), "other"),
    ],
)
def test_task_follows_from_shapes_and_types(prediction, target, expected):
    assert task(prediction, target) == expected


def test_accuracy_counts_every_row_once_whatever_the_batches():
    logits = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    target = torch.arange(50) % 4
    metric = Builtin()
    for prediction, answer in batches(logits, target):
        metric.add(prediction, answer)
    right = sum(int(row.argmax()) == int(t) for row, t in zip(logits, target, strict=True))
    assert metric.result() == {"accuracy": right / 50}


def test_accuracy_of_a_segmentation_is_by_pixel():
    target = torch.randint(0, 3, (2, 4, 5), generator=torch.Generator().manual_seed(0))
    logits = torch.nn.functional.one_hot(target, 3).permute(0, 3, 1, 2).float()
    logits[0, :, 0, 0] = torch.eye(3)[(target[0, 0, 0] + 1) % 3]
    metric = Builtin()
    metric.add(logits, target)
    assert metric.result() == {"accuracy": 39 / 40}


def test_ignored_targets_and_broken_answers_are_not_right():
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [float("nan"), 0.0], [0.0, 1.0]])
    metric = Builtin()
    metric.add(logits, torch.tensor([0, -100, 0, 0]))
    assert metric.result() == {"accuracy": 1 / 3}


def test_r2_and_mae_over_uneven_batches_equal_the_formula_at_once():
    generator = torch.Generator().manual_seed(2)
    y = torch.randn(45, generator=generator) * 3 + 1
    p = y + torch.randn(45, generator=generator)
    metric = Builtin(scale=20.0)
    for prediction, target in batches(p[:, None], y):
        metric.add(prediction, target)
    y, p = y.double(), p.double()
    r2 = 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    assert metric.result()["r2"] == pytest.approx(float(r2), rel=1e-12)
    assert metric.result()["mae"] == pytest.approx(float((y - p).abs().mean()) * 20, rel=1e-12)


def test_r2_keeps_its_digits_for_a_target_far_from_zero():
    y = torch.arange(64, dtype=torch.float64) + 1e9
    p = y + torch.where(torch.arange(64) % 2 == 0, 0.5, -0.5)
    metric = Builtin()
    for prediction, target in batches(p, y, size=5):
        metric.add(prediction, target)
    spread = sum((i - 31.5) ** 2 for i in range(64))
    assert metric.result()["r2"] == pytest.approx(1 - 64 * 0.25 / spread, rel=1e-9)


def test_r2_of_several_outputs_is_one_with_both_sums_over_all():
    y = torch.tensor([[1.0, 100.0, 5.0], [2.0, 300.0, 5.0], [6.0, 200.0, 5.0]])
    p = y + torch.tensor([[1.0, -10.0, 0.0], [0.0, 0.0, 0.0], [0.0, 10.0, 1.0]])
    metric = Builtin()
    metric.add(p, y)
    spread = (4.0 + 1.0 + 9.0) + (1e4 + 1e4) + 0.0
    assert metric.result()["r2"] == pytest.approx(1 - 202.0 / spread)
    assert metric.result()["mae"] == pytest.approx(22 / 9)


def test_what_is_not_defined_is_absent():
    assert Builtin().result() == {}
    constant = Builtin()
    constant.add(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 3.0]))
    assert constant.result() == {"mae": 1.5}
    other = Builtin()
    other.add(torch.zeros(4, 3), torch.zeros(4))
    assert other.result() == {}
    empty = Builtin()
    empty.add(torch.zeros(0), torch.zeros(0))
    empty.add(torch.zeros(0, 3), torch.zeros(0, dtype=torch.long))
    assert empty.result() == {}


def test_measuring_keeps_no_graph():
    weight = torch.ones(3, requires_grad=True)
    metric = Builtin()
    metric.add(weight * 2, torch.tensor([1.0, 2.0, 3.0]))
    assert isinstance(metric.result()["mae"], float)
    assert weight.grad is None
