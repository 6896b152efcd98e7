"""The gradient four ways: the same numbers, and the loss moves as they say."""

import re
from pathlib import Path

import pytest
import torch
from pictured import column, numbers, picture, there
from plain import REGRESSION, differing, everything, phases, take, training
from training.test_training import OWN_LOSS

LINE = '''
"""A line."""
import numpy as np
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 5, "valid": 0.0}
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.tensor(0.5)), nn.Parameter(torch.tensor(-1.0))
    def forward(self, x): return self.w * x + self.b
def data():
    x = torch.linspace(-1, 1, 10)
    return x, 2 * x + 1
def model(): return Line()
def gradient(model, x, y, wrong: bool = False):
    error = model(x) - y
    return {"w": (2 * error * x).mean(), "b": (2 * error).mean() * (-1 if wrong else 1)}
def gradient_numpy(model, x, y):
    error = np.float64(model.w.item()) * x.numpy() + model.b.item() - y.numpy()
    return {"w": np.mean(2 * error * x.numpy()), "b": np.mean(2 * error)}
'''


def closed_form(t: object, w: float, b: float) -> tuple[float, float]:
    x = torch.linspace(-1, 1, 10, dtype=torch.float64)
    error = w * x + b - (2 * x + 1)
    return (2 * error * x).mean().item(), (2 * error).mean().item()


def test_all_four_agree_with_the_closed_form_and_say_so(tmp_path: Path):
    t = training(tmp_path, LINE)
    take(t, 3)
    table = picture(t, "gradients")
    assert table.columns == ("", "by hand", "NumPy", "autograd", "nudging", ".grad", "value")
    assert column(table, "") == ["w", "b"]
    expected = closed_form(t, t.model.w.item(), t.model.b.item())
    for way in ("by hand", "NumPy", "autograd", "nudging"):
        assert numbers(table, way) == pytest.approx(expected, rel=1e-3)
    assert re.search(r"They agree: at most \S+e-0[678] apart \(0.00022 ", table.notes[0])
    assert (table.at, table.total, table.marked) == (0, 2, ())


def test_a_wrong_formula_is_found_and_marked(tmp_path: Path):
    table = picture(training(tmp_path, LINE, wrong="on"), "gradients")
    assert table.marked == (1,)
    assert table.notes[0].startswith("They do not agree where marked: at most ")


def test_the_chosen_number_is_nudged_and_the_loss_moves_by_the_gradient(tmp_path: Path):
    t = training(tmp_path, LINE)
    table = picture(t, "gradients", index=1)
    assert table.at == 1
    (said,) = (note for note in table.notes if note.startswith("Nudge b by 0.001"))
    here, above, below = (
        float(v) for v in re.findall(r"(?:loss|goes to|0\.001:) (\d[\d.]*)", said)
    )
    x = torch.linspace(-1, 1, 10, dtype=torch.float64)
    loss = [((0.5 * x + b - 2 * x - 1) ** 2).mean().item() for b in (-1, -0.999, -1.001)]
    assert (here, above, below) == pytest.approx(tuple(loss), rel=1e-5)
    assert said.endswith("The gradient said -0.004 and +0.004.")
    assert picture(t, "gradients", index=99).at == 1


STEEP = LINE.replace("linspace(-1, 1, 10)", "linspace(-99, 99, 10)")


def test_where_the_loss_is_strongly_bent_the_nudge_is_so_small_that_the_slope_is_seen(
    tmp_path: Path,
):
    t = training(tmp_path, STEEP)
    with torch.no_grad():
        t.model.w.fill_(2.005)
    (said,) = (n for n in picture(t, "gradients").notes if n.startswith("Nudge w by 0.0002"))
    here, above, up, below, down, promised = (
        float(v)
        for v in re.findall(
            r"loss (\S+) goes to (\S+), \+(\S+); by \S+: (\S+), -(\S+)\. .* said \+(\S+)", said
        )[0]
    )
    assert (up, down) == pytest.approx((promised, promised), rel=0.1)
    assert (above - here, here - below) == pytest.approx((up, down), rel=0.1)


def test_at_the_bottom_of_a_bend_it_is_said_what_makes_the_difference(tmp_path: Path):
    t = training(tmp_path, STEEP)
    with torch.no_grad():
        t.model.w.fill_(2.0)
    (said,) = (n for n in picture(t, "gradients").notes if n.startswith("Nudge w by 0.002"))
    assert said.endswith("The rest is the bend of the loss along w: its curvature is 7.99e+03.")


def test_grad_is_what_backward_wrote_and_piles_up_without_zeroing(tmp_path: Path):
    t = training(tmp_path, LINE)
    assert ".grad is empty" in " ".join(picture(t, "gradients").notes)
    phases(t, 5)
    table = picture(t, "gradients", phase="backward")
    assert numbers(table, ".grad") == pytest.approx(numbers(table, "autograd"), rel=1e-3)
    assert table.title == "the gradient over the 5 examples of this step's batch"
    t = training(tmp_path, LINE, zero_grad="off", batch_size=10)
    take(t, 2)
    phases(t, 5)
    table = picture(t, "gradients", phase="backward")
    kept = [p.grad.item() for p in t.parameters]
    assert numbers(table, ".grad") == pytest.approx(kept, rel=1e-3)
    assert abs(numbers(table, ".grad")[1]) > 2 * abs(numbers(table, "autograd")[1])
    assert "piled up" in " ".join(table.notes)


RANDOM = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 5, "valid": 0.0}
def data():
    x = torch.linspace(-1, 1, 10)[:, None]
    return x, 2 * x + 1
def model():
    return nn.Sequential(nn.Linear(1, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1))
"""


def test_it_is_that_of_train_mode_with_the_same_units_dropped_each_time(tmp_path: Path):
    t = training(tmp_path, RANDOM)
    take(t, 3)
    table = picture(t, "gradients")
    assert table.title.endswith("all 10 training examples, in train mode (BatchNorm1d, Dropout)")
    assert table.notes[0].startswith("They agree")
    x = torch.linspace(-1, 1, 10)[:, None]
    loss = torch.nn.functional.mse_loss(t.model(x), 2 * x + 1)  # draws as the picture did
    found = torch.autograd.grad(loss, t.parameters)
    expected = torch.cat([g.reshape(-1) for g in found]).tolist()
    assert numbers(table, "autograd") == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_grad_of_another_draw_is_not_compared(tmp_path: Path):
    t = training(tmp_path, RANDOM)
    phases(t, 5)
    assert ".grad is what backward wrote." in picture(t, "gradients", phase="backward").notes


def test_a_grad_that_was_clipped_says_how_long_it_was(tmp_path: Path):
    t = training(tmp_path, LINE, clip=0.5)
    take(t, 1)
    expected = f"from before its update, clipped from length {t.norm.item():.4g} to 0.5."
    assert picture(t, "gradients").notes[-1].endswith(expected)


def test_it_is_there_for_small_models_of_any_kind(tmp_path: Path):
    assert "gradients" in there(training(tmp_path, REGRESSION))
    assert "gradients" not in there(training(tmp_path, REGRESSION, hidden=13))
    own = training(tmp_path, OWN_LOSS)
    table = picture(own, "gradients")
    assert table.title == "the gradient over the model's own loss"
    assert numbers(table, "autograd") == pytest.approx(numbers(table, "nudging"), rel=1e-3)


def test_a_formula_that_lacks_a_parameter_is_one_sentence(tmp_path: Path):
    source = LINE.replace('return {"w": (2', 'return {"v": (2')
    with pytest.raises(ValueError, match=r"gradient\(\) should return a dict with the gradients"):
        picture(training(tmp_path, source), "gradients")


def test_looking_changes_nothing(tmp_path: Path):
    t = training(tmp_path, LINE, zero_grad="off")
    take(t, 3)
    before = everything(t)
    picture(t, "gradients")
    assert not differing(everything(t), before)
