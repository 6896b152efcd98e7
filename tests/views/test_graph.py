"""The graph of the loss as a tree, with the gradients that really flow."""

from pathlib import Path

import pytest
import torch
from foghill.engine.views.graph import MOST
from pictured import column, picture, there
from plain import REGRESSION, differing, everything, take, training
from training.test_training import OWN_LOSS

from views.test_gradients import LINE


def test_the_line_from_the_loss_down_to_its_parameters(tmp_path: Path):
    t = training(tmp_path, LINE)
    table = picture(t, "graph")
    assert column(table, "operation") == ["MseLoss", "└ Add", "  ├ Mul", "  │ └ w", "  └ b"]
    assert column(table, "shape") == ["number", "10", "10", "number", "number"]
    assert table.marked == (3, 4)
    x = torch.linspace(-1, 1, 10)
    prediction = t.model(x)
    prediction.retain_grad()
    ((prediction - 2 * x - 1) ** 2).mean().backward()
    norms = [1.0, *[prediction.grad.norm().item()] * 2]
    norms += [t.model.w.grad.abs().item(), t.model.b.grad.abs().item()]
    found = [float(word) for word in column(table, "|gradient|")]
    assert found == pytest.approx(norms, rel=1e-3)


def test_an_operation_used_twice_is_shown_once(tmp_path: Path):
    source = LINE.replace("return self.w * x + self.b", "h = self.w * x; return h * h")
    table = picture(training(tmp_path, source), "graph")
    operations = [word.strip(" ├└│") for word in column(table, "operation")]
    assert operations == ["MseLoss", "Mul", "Mul", "w", "↑ as in row 3"]


def test_a_long_graph_is_cut_and_says_so(tmp_path: Path):
    source = LINE.replace(
        "return self.w * x + self.b", "return sum(self.w * x for _ in range(150)) + self.b"
    )
    table = picture(training(tmp_path, source), "graph")
    assert len(table.rows) <= 2 * MOST
    assert "more operations are not shown" in table.notes[-1]


def test_it_is_there_for_small_models(tmp_path: Path):
    assert "graph" in there(training(tmp_path, REGRESSION))
    assert "graph" in there(training(tmp_path, OWN_LOSS))
    assert "graph" not in there(training(tmp_path, REGRESSION, hidden=300_000))


def test_looking_changes_nothing(tmp_path: Path):
    t = training(tmp_path, LINE)
    take(t, 3)
    before = everything(t)
    picture(t, "graph")
    assert not differing(everything(t), before)
