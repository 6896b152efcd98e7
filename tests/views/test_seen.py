"""How often each example was seen, exactly; how noisy a batch's gradient is, by brute force."""

import itertools
from math import sqrt
from pathlib import Path

import pytest
import torch
from foghill.engine.training.copies import gradients
from foghill.engine.training.loop import train
from foghill.engine.views.seen import measured, seen
from pictured import column, picture, there
from plain import REGRESSION, differing, everything, take, training
from training.test_training import OWN_LOSS

from views.test_gradients import LINE


@pytest.mark.parametrize("steps", [0, 1, 5, 13, 14, 30])
@pytest.mark.parametrize("shuffle", ["on", "off"])
def test_counts_are_those_of_the_batches_taken(tmp_path: Path, steps: int, shuffle: str):
    t = training(tmp_path, REGRESSION, rows=50, batch_size=8, shuffle=shuffle)
    x, counted = t.parts.train.fields[0], torch.zeros(50, dtype=torch.long)
    loop = train(t)
    while t.step < steps:
        if next(loop) == "batch":
            rows = (t.batch[0][:, None] == x[None]).all(2).int().argmax(1)
            counted[rows] += 1
    now = seen(t)
    assert torch.equal(now.times, counted)
    next(loop)
    assert torch.equal(x[now.batch].sort(0).values, t.batch[0].sort(0).values)


def test_a_batch_size_turned_in_the_middle_is_counted(tmp_path: Path):
    from foghill.engine.training.reconfigure import turn

    t = training(tmp_path, REGRESSION, rows=50, batch_size=8)
    take(t, 2)
    turn(t, {"batch_size": 3})
    take(t, 4)
    now = seen(t)
    assert int(now.times.sum()) == 2 * 8 + 4 * 3
    assert int(now.batch.sum()) == 3


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 10])
def test_the_noise_is_that_of_every_possible_batch(tmp_path: Path, batch: int):
    t = training(tmp_path, LINE)
    noise = measured(t)
    x, y = t.parts.train.fields

    def gradient(rows: list[int]) -> torch.Tensor:
        found = gradients(t, (x[rows], y[rows]))
        return torch.stack([g.double() for g in found.values()])

    whole = gradient(list(range(10)))
    away = [
        (gradient(list(rows)) - whole).square().sum().item()
        for rows in itertools.combinations(range(10), batch)
    ]
    assert noise.of_batch(batch) == pytest.approx(sqrt(sum(away) / len(away)), rel=1e-4, abs=1e-6)
    assert noise.size == pytest.approx(whole.norm().item(), rel=1e-6)


def test_a_sample_stands_for_many(tmp_path: Path):
    t = training(tmp_path, REGRESSION, rows=1500)
    noise = measured(t)
    assert (noise.examples, noise.sampled) == (1500, 64)
    x, y = t.parts.train.fields
    singles = torch.stack(
        [
            torch.cat([g.reshape(-1) for g in gradients(t, (x[i : i + 1], y[i : i + 1])).values()])
            for i in range(1500)
        ]
    ).double()
    exact = singles.var(0).sum().item()
    assert noise.scatter == pytest.approx(exact, rel=0.5)
    assert noise.of_batch(1500) == 0


def test_the_picture_says_counts_and_marks_the_batch_size_in_use(tmp_path: Path):
    t = training(tmp_path, REGRESSION, rows=50, batch_size=8)
    take(t, 9)  # one epoch of seven, two of the next
    drawing = picture(t, "seen")
    (_, said), (_, signs) = drawing.texts
    assert said.startswith("Epoch 1, 16 of 50 examples into it: 16 seen twice, 34 once.")
    assert (signs.count("■"), signs.count("●"), signs.count("·")) == (8, 16, 26)
    (table,) = drawing.tables
    assert column(table, "batch size") == ["1", "2", "4", "8", "16", "32", "50"]
    assert column(table, "steps an epoch") == ["50", "25", "13", "7", "4", "2", "1"]
    assert table.marked == (3,)
    inside = picture(t, "seen", phase="batch")
    assert "in this step's batch (8)" in inside.texts[0][1]


def test_where_the_gradient_is_next_to_nothing_it_says_so(tmp_path: Path):
    t = training(tmp_path, LINE, batch_size=2)
    away = picture(t, "seen").tables[0]
    assert not any("nearly 0" in note for note in away.notes)
    assert all(word.endswith("%") for word in column(away, "of the gradient"))
    x, y = t.parts.train.fields
    y += 0.3 * (-1.0) ** torch.arange(10)  # off the line
    with torch.no_grad():  # least squares: there the gradient of all is 0
        best = torch.linalg.lstsq(
            torch.stack([x.reshape(-1), torch.ones(len(x))], 1), y.reshape(-1, 1)
        ).solution
        for parameter, value in zip(t.model.parameters(), best, strict=True):
            parameter.copy_(value.reshape(parameter.shape))
    table = picture(t, "seen").tables[0]
    assert table.notes[-1].startswith("The gradient of all is nearly 0 here")
    assert column(table, "of the gradient")[0].endswith(" ×")


def test_it_is_there_where_the_order_is_ours_and_changes_nothing(tmp_path: Path):
    assert "seen" not in there(training(tmp_path, OWN_LOSS))
    t = training(tmp_path, REGRESSION, batch_size=8)
    assert "seen" in there(t)
    take(t, 3)
    before = everything(t)
    picture(t, "seen")
    assert not differing(everything(t), before)
