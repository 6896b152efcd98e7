"""What hooks see of each module, against the same computed by hand; the hooks are gone after."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from foghill.engine.views.layers import kind, listed, walk, weight_std
from torch import Tensor, nn


class Own(nn.Module):
    """A user's network: functions between its modules, one module used twice, one never."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.first = nn.Conv2d(1, 3, 3)
        self.again = nn.Dropout(0.5)
        self.last = nn.Linear(3 * 2 * 2, 2)
        self.spare = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        return self.last(self.again(self.again(x).flatten(1))) * self.scale


def hooked(model: nn.Module) -> int:
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules())


@torch.no_grad()
def test_modules_come_in_the_order_of_their_calls_with_their_outputs():
    torch.manual_seed(0)
    model, x = Own().eval(), torch.randn(5, 1, 6, 6)
    seen = walk(model, lambda: model(x))
    assert [one.name for one in seen] == ["first", "again", "last", "", "spare"]
    first = model.first(x)
    assert seen[0].shape == (5, 3, 4, 4)
    assert seen[0].mean == pytest.approx(first.mean().item())
    assert seen[0].std == pytest.approx(first.std(correction=0).item())
    assert [name for name, _ in seen[3].parameters] == ["scale"]
    assert seen[4].shape == ()
    assert not hooked(model)


@torch.no_grad()
def test_dead_units_are_those_that_are_zero_for_every_example():
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)).eval()
    model[0].weight.copy_(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    model[0].bias.zero_()
    x = torch.tensor([[1.0, 1.0], [2.0, -1.0]])  # the second unit never fires
    linear, relu, _ = walk(model, lambda: model(x))
    assert relu.dead == 0.25
    assert linear.dead is None or linear.dead == 0.25


@torch.no_grad()
def test_a_rectifier_that_is_a_function_is_seen_by_what_the_next_module_is_given():
    torch.manual_seed(0)
    model, x = Own().eval(), torch.randn(5, 1, 6, 6)
    model.first.bias[1] = -100.0
    seen = walk(model, lambda: model(x))
    assert seen[0].dead == pytest.approx(1 / 3)
    model.first.bias[1] = 0.0
    assert walk(model, lambda: model(x))[0].dead == 0


@torch.no_grad()
def test_without_a_rectifier_nothing_is_called_dead():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).eval()
    assert all(one.dead is None for one in walk(model, lambda: model(torch.randn(4, 2))))


@torch.no_grad()
def test_an_activation_in_place_does_not_change_what_was_seen_before_it():
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True)).eval(), torch.randn(9, 2)
    before = model[0](x).mean().item()
    linear, relu = walk(model, lambda: model(x))
    assert linear.mean == pytest.approx(before)
    assert relu.mean == pytest.approx(model(x).mean().item())


def test_the_hooks_are_taken_off_where_the_model_fails():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))
    with pytest.raises(RuntimeError):
        walk(model, lambda: model(torch.randn(1, 2)))
    assert not hooked(model)
    assert [one.name for one in listed(model)] == ["0", "1"]


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.Linear(2, 4), "Linear 2→4"),
        (nn.Conv2d(1, 8, (3, 5)), "Conv2d 1→8 3×5"),
        (nn.Embedding(10, 3), "Embedding 10→3"),
        (nn.Dropout(0.25), "Dropout 0.25"),
        (nn.GELU(), "GELU"),
    ],
)
def test_a_module_in_a_few_words(module: nn.Module, words: str):
    assert kind(module) == words


def test_weights_spread_without_their_biases():
    layer = nn.Linear(3, 2)
    assert weight_std(list(layer.named_parameters())) == pytest.approx(
        layer.weight.std(correction=0).item()
    )
    assert weight_std([]) is None


def test_lstms_and_attention_are_walked_too():
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 4, batch_first=True)
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            y, _ = self.lstm(x)
            return self.attention(y, y, y)[0]

    model = Both().eval()
    with torch.no_grad():
        seen = walk(model, lambda: model(torch.randn(2, 5, 3)))
    by_name = {one.name: one for one in seen}
    assert by_name["lstm"].shape == by_name["attention"].shape == (2, 5, 4)
    assert sum(p.numel() for one in seen for _, p in one.parameters) == sum(
        p.numel() for p in model.parameters()
    )
