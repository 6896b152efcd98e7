"""Measuring the held-out data against plain torch, and that it never changes training."""

from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.training.validation import training_metrics, validate
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    drawn,
    everything,
    measured,
    order,
    phases,
    take,
    training,
)
from torch import nn
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

from training.test_items import NOISY
from training.test_training import OWN_LOSS, STEP

METRICS = (
    REGRESSION
    + """
def metrics(prediction, target):
    torch.rand(3)
    error = (prediction[:, 0] - target).abs()
    return {"worst": error.max(), "rows": len(target), "loss": 7}
"""
)


def held_out(t: Any) -> tuple[torch.Tensor, torch.Tensor]:
    n = len(t.returned[0])
    rows = sorted(order(t.data_seed, -1, n)[: round(float(t.values["valid"]) * n)].tolist())
    return t.returned[0][rows], t.returned[1][rows]


@pytest.mark.parametrize("source", [RESTLESS, NOISY], ids=["dropout and batch norm", "items"])
def test_validation_never_changes_training(tmp_path: Path, source: str):
    free = training(tmp_path, source)
    losses, after = take(free, 20), everything(free)
    watched = training(tmp_path, source)
    found: list[float] = []
    for step in range(20):
        found += take(watched, 1)
        measured(watched)
        training_metrics(watched)
        if step % 3 == 0:  # and one that is left half-way
            going = validate(watched)
            next(going)
            going.close()
    assert found == losses
    assert not differing(everything(watched), after)


@pytest.mark.parametrize("begun", range(1, 6))
def test_nor_does_it_in_the_middle_of_a_step(tmp_path: Path, begun: int):
    from foghill.engine.training.loop import train

    free = training(tmp_path, RESTLESS)
    losses = take(free, 3)
    after = everything(free)
    watched = training(tmp_path, RESTLESS)
    found: list[float] = []
    for _ in range(3):
        loop = train(watched)
        for _ in range(begun):
            next(loop)
        measured(watched)
        while next(loop) != "update":
            pass
        found.append(watched.value)
    assert found == losses
    assert not differing(everything(watched), after)


def test_each_modules_own_flag_comes_back(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    t.model[1].eval()  # type: ignore[index, union-attr, operator]
    flags = [module.training for module in t.model.modules()]
    going = validate(t)
    next(going)
    assert [module.training for module in t.model.modules()] == flags
    going.close()
    assert flags.count(False) == 1


def test_loss_and_metrics_are_those_of_the_held_out_rows(tmp_path: Path):
    t = training(tmp_path, METRICS, valid=0.3)
    take(t, 5)
    x, y = held_out(t)
    with torch.no_grad():
        prediction = t.model(x)[:, 0]
    found = measured(t)
    assert found["valid_loss"] == F.mse_loss(prediction, y).item()
    assert found["valid_worst"] == (prediction - y).abs().max().item()
    assert (found["valid_rows"], found["valid_own_loss"]) == (15, 7)
    assert found["valid_mae"] == pytest.approx((prediction - y).abs().mean().item())


def test_batch_norm_and_dropout_are_in_eval_mode(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    take(t, 9)
    x, y = held_out(t)
    t.model.eval()
    with torch.no_grad():
        scores = t.model(x)
    t.model.train()
    found = measured(t)
    assert found["valid_loss"] == F.cross_entropy(scores, y).item()
    assert found["valid_accuracy"] == (scores.argmax(1) == y).double().mean().item()


def test_batches_count_by_their_rows(tmp_path: Path):
    t = training(tmp_path, REGRESSION, rows=5000, valid=0.5)
    x, y = held_out(t)
    parts = x.split(1024), y.split(1024)
    with torch.no_grad():
        losses = [F.mse_loss(t.model(a)[:, 0], b) for a, b in zip(*parts, strict=True)]
    counts = [1024, 1024, 452]
    expected = sum(loss.double() * n for loss, n in zip(losses, counts, strict=True)) / 2500
    assert measured(t)["valid_loss"] == float(expected)
    assert [done for done, _ in validate(t)] == [1024, 2048, 2500]


def test_parts_of_a_steps_loss_are_measured_by_name(tmp_path: Path):
    t = training(tmp_path, STEP, valid=0.2)
    rows = sorted(order(0, -1, 30)[:6].tolist())
    batch = {name: column[rows] for name, column in t.returned.items()}
    with torch.no_grad():
        parts = t.experiment.functions["step"](t.model, batch)
    assert measured(t) == {
        "valid_loss": (parts["near"] + parts["small"]).item(),
        "valid_near": parts["near"].item(),
        "valid_small": parts["small"].item(),
    }


def test_a_part_that_only_some_batches_have_is_their_mean(tmp_path: Path):
    source = NOISY.replace(
        'return {"square"', 'few = len(error) < 4\n    return {"square"'
    ).replace(
        "error.abs().mean()}", "error.abs().mean()} | ({'few': error.sum() * 0 + 2} if few else {})"
    )
    assert measured(training(tmp_path, source))["valid_few"] == 2  # 10 held out, 7 and 3


def test_training_metrics_are_of_the_steps_own_batch_and_prediction(tmp_path: Path):
    t = training(tmp_path, METRICS, batch_size=8)
    before = drawn()
    phases(t, 3)
    prediction, target = t.prediction.detach()[:, 0].clone(), t.target.clone()
    take(t, 1)
    found = training_metrics(t)
    assert found["worst"] == (t.prediction.detach()[:, 0] - t.target).abs().max().item()
    assert (found["rows"], found["own_loss"]) == (8, 7)
    assert "mae" in found
    assert torch.equal(prediction, t.prediction.detach()[:, 0])
    assert torch.equal(target, t.target)
    assert not differing(before, drawn())


def test_without_held_out_data_there_is_nothing_to_measure(tmp_path: Path):
    for source in (REGRESSION, OWN_LOSS):
        t = training(tmp_path, source)
        assert list(validate(t)) == []
        assert measured(t) == {}
    assert training_metrics(t) == {}


def test_models_and_targets_that_are_no_tensors_have_a_loss_and_no_metrics(tmp_path: Path):
    source = (
        REGRESSION
        + """
class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 1)
    def forward(self, x):
        return self.line(x)[:, 0], x

def model():
    return Twice()

def loss(prediction, target):
    return (prediction[0] - target).square().mean()
"""
    )
    t = training(tmp_path, source, valid=0.2)
    take(t, 1)
    assert list(measured(t)) == ["valid_loss"]
    assert training_metrics(t) == {}


def test_inputs_may_be_dicts(tmp_path: Path):
    source = NOISY.replace('return {"x": self.x[i] + 0.1 * noise, "y": self.x[i].sum()[None]}',
                           'return {"x": self.x[i]}, self.x[i].sum()')  # fmt: skip
    source = (
        source.replace("def step", "def other").replace("nn.Linear(3, 4)", "Inner()")
        + """
class Inner(nn.Linear):
    def __init__(self):
        super().__init__(3, 4)
    def forward(self, batch):
        return super().forward(batch["x"])
"""
    )
    t = training(tmp_path, source)
    assert [done for done, _ in validate(t)] == [7, 10]
    found = measured(t)
    x = t.parts.held_out.rows(99)  # type: ignore[union-attr]
    t.model.eval()
    with torch.no_grad():
        expected = nn.functional.mse_loss(t.model(x[0])[:, 0], x[1]).item()
    assert found["valid_loss"] == pytest.approx(expected)


def test_validation_computes_in_the_runs_precision(tmp_path: Path):
    t = training(tmp_path, REGRESSION, valid=0.3, precision="bf16")
    x, y = held_out(t)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        expected = F.mse_loss(t.model(x)[:, 0], y).item()
    assert measured(t)["valid_loss"] == expected


def test_metrics_that_are_no_dict_say_so(tmp_path: Path):
    t = training(tmp_path, REGRESSION + "\ndef metrics(p, t):\n    return 3\n", valid=0.2)
    with pytest.raises(TypeError, match="must return a dict of numbers, not a int"):
        measured(t)
