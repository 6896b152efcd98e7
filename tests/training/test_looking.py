"""Looking at a model for pictures never changes its training."""

from pathlib import Path

import pytest
import torch
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.losses import ShapeError
from foghill.engine.views.subject import subject
from plain import REGRESSION, RESTLESS, differing, drawn, everything, take, training
from torch import nn

from training.test_items import NOISY
from training.test_training import OWN_LOSS


def test_inside_it_is_eval_without_gradients_and_outside_all_is_as_before():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2)).eval())
    flags = [module.training for module in model.modules()]
    before = drawn()

    def look() -> None:
        with looking(model):
            assert not any(module.training for module in model.modules())
            assert not model(torch.randn(3, 2)).requires_grad
            raise KeyError

    with pytest.raises(KeyError):
        look()
    assert (
        [module.training for module in model.modules()]
        == flags
        == [True, True, False, False, False]
    )
    assert torch.is_grad_enabled()
    assert not differing(before, drawn())


@pytest.mark.parametrize("source", [RESTLESS, NOISY.replace("def step", "def other")])
def test_pictures_between_steps_change_nothing(tmp_path: Path, source: str):
    source += "\ndef view(model, x, y):\n    return {'noise': torch.rand(3)}\n"
    if "Noisy" in source:
        source = source.replace('return {"x": self.x[i] + 0.1 * noise, "y": self.x[i].sum()[None]}',
                                "return self.x[i] + 0.1 * noise, self.x[i].sum()")  # fmt: skip
    free, watched = training(tmp_path, source), None
    losses, after = take(free, 10), everything(free)
    watched = training(tmp_path, source)
    found: list[float] = []
    for _ in range(10):
        found += take(watched, 1)
        with looking(watched.model):
            seen = subject(watched)
            assert seen.train is not None
            seen.predict(seen.train[0])
            seen.draws["own"]()
    assert found == losses
    assert not differing(everything(watched), after)


def test_a_subject_has_the_rows_of_both_parts(tmp_path: Path):
    t = training(tmp_path, REGRESSION, rows=4000, valid=0.1)
    seen = subject(t)
    assert seen.train is not None
    assert seen.valid is not None
    assert (len(seen.train[0]), len(seen.valid[0])) == (2000, 400)
    assert (seen.names, seen.draws) == (t.experiment.names, {})
    assert seen.training is t


def test_predictions_are_float32_even_in_bf16(tmp_path: Path):
    t = training(tmp_path, REGRESSION, precision="bf16")
    with looking(t.model):
        assert subject(t).predict(t.returned[0]).dtype == torch.float32


def test_what_is_no_pair_of_tensors_has_no_rows(tmp_path: Path):
    assert subject(training(tmp_path, OWN_LOSS)).train is None
    assert subject(training(tmp_path, NOISY)).train is None


def test_an_answer_that_is_no_tensor_is_told_in_words(tmp_path: Path):
    source = (
        REGRESSION.replace("return nn.Sequential(", "return Pair(")
        + """
class Pair(nn.Sequential):
    def forward(self, x):
        return super().forward(x), x
def step(model, batch): return (model(batch[0])[0][:, 0] - batch[1]).square().mean()
"""
    )
    t = training(tmp_path, source)
    with looking(t.model):
        seen = subject(t)
        assert seen.train is not None
        with pytest.raises(ShapeError, match="the model returns a tuple, not one tensor"):
            seen.predict(seen.train[0])


def test_what_a_forward_writes_into_a_model_is_put_back():
    class Counting(nn.Linear):
        def __init__(self) -> None:
            super().__init__(2, 2)
            self.register_buffer("seen", torch.zeros(()))
            self.calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.seen += 1
            self.calls += 1
            self.last = x
            return super().forward(x)

    model = Counting()
    living = model.seen
    with looking(model):
        model(torch.ones(1, 2))
        assert (int(model.seen), model.calls) == (1, 1)
    assert model.seen is living
    assert (int(model.seen), model.calls, hasattr(model, "last")) == (0, 0, False)


def test_a_look_between_predict_and_backward_leaves_the_graph_sound():
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4))
    loss = model(torch.randn(8, 2)).square().mean()
    with looking(model):
        model(torch.randn(8, 2))
    loss.backward()
    assert model[0].weight.grad is not None
