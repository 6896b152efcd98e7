"""The mode a step has a model in, and nothing left behind by having asked."""

import pytest
import torch
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.modes import as_trained, in_train_mode
from torch import Tensor, nn


def net() -> nn.Sequential:
    """Its second batch norm is frozen."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.BatchNorm1d(4), nn.Linear(4, 1)
    )
    model[3].eval()
    return model


def test_inside_a_look_the_model_answers_as_in_a_step():
    model, x = net(), torch.randn(8, 3)
    with looking(model), as_trained(model):
        assert [module.training for module in model] == [True, True, True, False, True]
        seen = model(x)
    assert torch.equal(seen, model(x))


def test_neither_buffers_nor_generators_nor_marks_are_left_behind():
    model, x = net(), torch.randn(8, 3)
    buffers = list(model.buffers())
    before = [buffer.clone() for buffer in buffers]
    names, state = [set(vars(module)) for module in model], torch.get_rng_state()
    with looking(model):
        with as_trained(model):
            model(x)
        assert not any(module.training for module in model.modules())
        assert all(map(torch.equal, model.buffers(), before))
    assert all(now is then for now, then in zip(model.buffers(), buffers, strict=True))
    assert [set(vars(module)) for module in model] == names
    assert torch.equal(torch.get_rng_state(), state)


def test_a_graph_made_before_can_still_go_back():
    model, x = net(), torch.randn(8, 3)
    loss = model(x).sum()
    with looking(model), as_trained(model):
        model(x)
    loss.backward()
    assert model[0].weight.grad is not None


class Own(nn.Module):
    """Of the user's own, with dropout that is a function."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(x, 0.5, self.training)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (net(), ", in train mode (BatchNorm1d, Dropout)"),
        (nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.Dropout(0.0)), ""),
        (nn.Sequential(nn.LSTM(2, 2, 2, dropout=0.1)), ", in train mode (LSTM)"),
        (nn.Sequential(nn.LSTM(2, 2), nn.MultiheadAttention(2, 1)), ""),
        (nn.TransformerEncoderLayer(4, 1, dropout=0.0), ""),
        (nn.InstanceNorm1d(2), ""),
        (Own(), ", in train mode (Own)"),
        (nn.BatchNorm1d(2).eval(), ""),
    ],
    ids=range(8),
)
def test_which_modules_make_the_mode_matter(model: nn.Module, words: str):
    assert in_train_mode(model) == words
    with looking(model):
        assert in_train_mode(model) == words
