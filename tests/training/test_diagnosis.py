"""What went wrong, told in one sentence that names step, tensor, file and line."""

from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.experiment.experiment import UserError
from foghill.engine.training.diagnosis import describe, full_memory, not_finite, problem_of
from foghill.engine.training.training import Training
from plain import REGRESSION, dismiss, phases, take, training

from training.test_items import NOISY
from training.test_training import STEP


def until_bad(t: Training) -> Any:
    """The problem as the session finds it: before the update of the step that went bad."""
    for _ in range(300):
        phases(t, 3)
        if not torch.isfinite(t.loss):
            return not_finite(t, t.step + 1, t.value)
        t.abandon_step()
        take(t, 1)
    raise AssertionError("it stayed finite")


def test_a_learning_rate_too_large_names_step_and_parameter(tmp_path: Path):
    t = training(tmp_path, REGRESSION.replace("nn.Tanh()", "nn.Identity()"), lr=50.0)
    sentence = until_bad(t).sentence
    assert sentence.startswith(f"loss is {t.value:g} at step {t.step + 1}: ")
    assert all(torch.isfinite(p).all() for p in t.parameters)
    assert "all parameters are still finite" in sentence
    assert "this update was not made" in sentence


def test_the_first_bad_parameter_is_named_with_its_place(tmp_path: Path):
    t = training(tmp_path)
    phases(t, 3)
    with torch.no_grad():
        t.model[0].bias[4] = nan  # type: ignore[index, union-attr, operator]
        t.model[3].weight[0, 2] = inf  # type: ignore[index, union-attr, operator]
    sentence = not_finite(t, 8, nan).sentence
    assert "loss is nan at step 8: parameter 0.bias went bad first (nan at [4])" in sentence


def test_a_batch_that_is_not_finite_is_named(tmp_path: Path):
    t = training(
        tmp_path, STEP + "\ndef augment(b):\n    b['right'][3, 1] = float('inf')\n    return b\n"
    )
    phases(t, 3)
    sentence = not_finite(t, 1, t.value).sentence
    assert "the batch itself is not finite (right: inf at [3, 1])" in sentence


def test_a_gradient_that_goes_bad_is_named(tmp_path: Path):
    source = (
        REGRESSION
        + """
def loss(prediction, target):
    return (prediction * 0).sqrt().sum() + float("nan")
"""
    )
    t = training(tmp_path, source)
    phases(t, 3)
    sentence = not_finite(t, 1, t.value).sentence
    assert "the gradient of 0.weight goes bad first" in sentence


def test_a_loss_without_gradient_names_the_largest_parameter(tmp_path: Path):
    t = training(tmp_path)
    with torch.no_grad():
        t.model[3].bias[0] = 1e30  # type: ignore[index, union-attr, operator]
    t.loss, t.batch = torch.tensor(inf), ()
    assert "the largest is 3.bias (1e+30)" in not_finite(t, 1, inf).sentence


def test_looking_for_the_culprit_changes_nothing(tmp_path: Path):
    t = training(tmp_path)
    phases(t, 3)
    not_finite(t, 1, nan)
    assert all(p.grad is None for p in t.parameters)
    t.loss.backward()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.zeros(64, 1, 8, 8), "64×1×8×8 f32"),
        ((torch.zeros(3), torch.zeros(3, dtype=torch.long)), "3 f32, 3 i64"),
        ({"a": torch.zeros(2, dtype=torch.bfloat16)}, "a 2 bf16"),
        (torch.tensor(1.0, dtype=torch.float64), "scalar f64"),
        (torch.zeros(1, dtype=torch.complex64), "1 complex64"),
        (None, ""),
        (["text", torch.zeros(2)], "str, 2 f32"),
    ],
)
def test_batches_are_described(value: Any, words: str):
    assert describe(value) == words


def raised(t: Training) -> Any:
    with pytest.raises(Exception) as error:
        take(t, 1)
    return problem_of(error.value, t.experiment.path, "a training step", t.batch, t.step)


def test_wrong_shapes_inside_the_model_name_line_and_batch(tmp_path: Path):
    source = (
        REGRESSION
        + """
class Wrong(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(4, 1)
    def forward(self, x):
        return self.line(x)

def model():
    return Wrong()
"""
    )
    problem = raised(training(tmp_path, source))
    assert problem.source == "return self.line(x)"
    assert "cannot be multiplied" in problem.sentence
    assert "the batch is 32×3 f32, 32 f32" in problem.sentence
    assert problem.before_first_step


def test_our_own_sentences_stand_alone(tmp_path: Path):
    problem = raised(training(tmp_path, REGRESSION.replace("(hidden, 1)", "(hidden, 5)")))
    assert problem.sentence.startswith("the prediction has shape 32×5 but the target 32")


@pytest.mark.parametrize("workers", [0, 1])
def test_an_item_that_fails_names_its_line_wherever_it_is_fetched(tmp_path: Path, workers: int):
    source = NOISY.replace("        noise = ", "        missing = {}[i]\n        noise = ")
    t = training(tmp_path, source, num_workers=workers)
    problem = raised(t)
    assert problem.source == "missing = {}[i]"
    assert "KeyError" in problem.sentence
    assert f"line {problem.line}: missing = {{}}[i])" in problem.sentence
    assert "Traceback" not in problem.sentence
    dismiss(t)


def test_memory_that_ran_out_is_recognised_whoever_asked_for_it():
    full = torch.OutOfMemoryError("CUDA out of memory")
    assert full_memory(full)
    wrapped = UserError(problem_of(ValueError("x"), Path("a.py"), "step()", None, 0))
    wrapped.__cause__ = MemoryError()
    assert full_memory(wrapped)
    assert not full_memory(ValueError("no"))
    said = problem_of(full, Path("a.py"), "a training step", None, 3)
    assert said.sentence.startswith("out of memory in a training step: choose a smaller batch_size")
    assert not said.before_first_step
