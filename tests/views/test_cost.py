"""What training costs against inference: memory counted exactly, the run undisturbed."""

from pathlib import Path

import pytest
import torch
from foghill.engine.views.cost import said
from pictured import column, picture, there
from plain import REGRESSION, RESTLESS, differing, everything, take, training
from training.test_training import OWN_LOSS

MLP = '''
"""A network whose graph one can count by hand."""
import torch
from torch import nn
settings = {"batch_size": 10, "optimizer": "adam", "valid": 0.0}
def data():
    return torch.randn(50, 64), torch.randint(0, 10, (50,))
def model():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
'''


def test_memory_is_counted_by_what_holds_it(tmp_path: Path):
    t = training(tmp_path, MLP)
    take(t, 1)
    table = picture(t, "cost")
    memory = {row[0]: row[1:] for row in table.rows}
    numbers = 64 * 32 + 32 + 32 * 10 + 10
    weights = said(4 * numbers)
    assert memory["weights"] == (weights,) * 4
    assert memory["gradients"] == (weights, "0 B", "0 B", "0 B")
    assert memory["optimizer state"] == (said(2 * 4 * numbers + 4 * 4), "0 B", "0 B", "0 B")
    assert memory["batch"] == (said(4 * 640 + 8 * 10),) * 4
    # ReLU's output 10×32, log-softmax 10×10, and the loss' total weight, one number
    held = said(4 * (320 + 100 + 1))
    assert memory["activations"] == (held, held, "0 B", "0 B")
    assert table.title == "one batch of 10 on cpu"


def test_time_and_throughput_belong_together(tmp_path: Path):
    rows = {row[0]: row[1:] for row in picture(training(tmp_path, MLP), "cost").rows}
    for time, pace in zip(rows["time per batch"], rows["examples a second"], strict=True):
        milliseconds = float(time.removesuffix(" ms"))
        assert milliseconds > 0
        assert float(pace.replace(",", "")) == pytest.approx(10 / (milliseconds / 1e3), rel=0.01)


def test_without_data_there_is_no_throughput(tmp_path: Path):
    table = picture(training(tmp_path, OWN_LOSS), "cost")
    assert "examples a second" not in column(table, "")
    assert table.title == "one step on cpu"


def test_measuring_changes_nothing(tmp_path: Path):
    losses = take(training(tmp_path, RESTLESS), 6)
    t = training(tmp_path, RESTLESS)
    found = take(t, 3)
    before, flags = everything(t), [m.training for m in t.model.modules()]
    picture(t, "cost")
    assert not differing(everything(t), before)
    assert flags == [m.training for m in t.model.modules()]
    assert found + take(t, 3) == losses


def test_it_is_there_for_models_small_enough_to_copy(tmp_path: Path):
    assert "cost" in there(training(tmp_path, REGRESSION))


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (640, "640 B"), (12_500, "12.5 kB"), (38_535_168, "38.5 MB")]
)
def test_bytes_in_words(size: int, words: str):
    assert said(size) == words


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_the_allocators_peaks_are_told_and_the_runs_own_is_kept(tmp_path: Path):
    from foghill.engine.training.device import memory

    t = training(tmp_path, MLP, device="cuda")
    take(t, 2)
    before = memory(t.device)
    rows = {row[0]: row[1:] for row in picture(t, "cost").rows}
    assert memory(t.device).peak == before.peak
    assert rows["allocator's peak"][0] != "0 B"
    assert rows["activations"][2:] == ("0 B", "0 B")
