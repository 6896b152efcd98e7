"""The field's grid against functions in closed form."""

import pytest
import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.field import paint
from sitter import Fixed, Sitter
from torch import Tensor

CORNERS = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 20.0], [10.0, 20.0]])
REQUEST = PictureRequest(name="boundary", columns=12, rows=5)


def coordinates(field) -> tuple[Tensor, Tensor]:
    x = torch.linspace(*field.x_range, len(field.values[0]))
    y = torch.linspace(*field.y_range, len(field.values)).flip(0)
    return x, y


def test_a_surface_is_the_model_on_a_grid_with_the_largest_y_on_top():
    names = Names(offset=1.0, scale=2.0)
    model = Fixed(lambda x: x[:, :1] + 100 * x[:, 1:])
    train = CORNERS, torch.tensor([0.0, 1.0, 2.0, 3.0])
    field = paint(Sitter(model, train, names=names).subject, REQUEST)
    assert (field.x_range, field.y_range) == ((-0.5, 10.5), (-1.0, 21.0))
    assert (len(field.values), len(field.values[0])) == (10, 12)
    x, y = coordinates(field)
    expected = (x[None] + 100 * y[:, None]) * 2 + 1
    assert torch.allclose(torch.tensor(field.values), expected)
    assert field.classes == ()
    assert field.certainty == []
    assert field.points == ([0.0, 10.0, 0.0, 10.0], [0.0, 0.0, 20.0, 20.0], [1.0, 3.0, 5.0, 7.0])
    assert (field.x_name, field.y_name) == ("x1", "x2")


def test_classes_are_the_winner_and_its_probability():
    model = Fixed(lambda x: torch.stack([x[:, 0] - 5, x[:, 1] - 10, 0 * x[:, 0]], 1))
    train, valid = (CORNERS[:3], torch.tensor([0, 1, 2])), (CORNERS[3:], torch.tensor([1]))
    names = Names(x=("width", "height"), classes=("a", "b", "c"))
    field = paint(Sitter(model, train, valid, names).subject, REQUEST)
    x, y = coordinates(field)
    logits = torch.stack(torch.broadcast_tensors(x[None] - 5, y[:, None] - 10, torch.zeros(())), 2)
    assert field.values == logits.argmax(2).float().tolist()
    expected = logits.exp().amax(2) / logits.exp().sum(2)
    assert torch.allclose(torch.tensor(field.certainty), expected, atol=1e-5)
    assert field.classes == ("a", "b", "c")
    assert field.points[2] == [0.0, 1.0, 2.0]
    assert field.held_out == ([10.0], [20.0], [1.0])
    assert (field.x_name, field.y_name) == ("width", "height")


def test_one_score_for_two_classes_splits_at_zero():
    sitter = Sitter(Fixed(lambda x: x[:, 0] - 5), (CORNERS, torch.tensor([False, True] * 2)))
    field = paint(sitter.subject, REQUEST)
    assert field.classes == ("0", "1")
    assert field.values[0] == [0.0] * 6 + [1.0] * 6


@pytest.mark.parametrize(("columns", "rows", "size"), [(500, 300, (80, 120)), (3, 1, (2, 3))])
def test_the_grid_is_asked_in_one_batch_and_never_grows(columns, rows, size):
    sitter = Sitter(Fixed(lambda x: x[:, 0]), (CORNERS, torch.zeros(4)))
    field = paint(sitter.subject, PictureRequest(name="boundary", columns=columns, rows=rows))
    assert (len(field.values), len(field.values[0])) == size
    assert [len(x) for x in sitter.asked] == [size[0] * size[1]]


def test_points_are_thinned():
    x = torch.rand(3_000, 2, generator=torch.Generator().manual_seed(0))
    field = paint(Sitter(Fixed(lambda x: x[:, 0]), (x, x[:, 1])).subject, REQUEST)
    assert [len(column) for column in field.points] == [500, 500, 500]


def test_two_numbers_as_targets_are_two_sides_of_a_boundary():
    x = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.5, 1.0]])
    y = torch.tensor([-1.0, 1.0, 1.0])
    sitter = Sitter(Fixed(lambda points: points[:, 0] * 2), (x, y), None, Names(x=("u", "v")))
    view = paint(sitter.subject, REQUEST)
    assert view.classes == ("-1", "1")
    assert view.points[2] == [0.0, 1.0, 1.0]
    row = torch.linspace(-1.1, 1.1, len(view.values[0])) * 2
    assert view.values[0] == (row >= 0).float().tolist()
    share = ((row + 1) / 2).clamp(0, 1)
    assert view.certainty[0] == pytest.approx(torch.maximum(share, 1 - share).tolist(), abs=1e-6)
    named = Sitter(Fixed(lambda p: p[:, 0]), (x, y), None, Names(classes=("no", "yes")))
    assert paint(named.subject, REQUEST).classes == ("no", "yes")


def test_three_numbers_as_targets_are_a_surface():
    x = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.5, 1.0]])
    sitter = Sitter(Fixed(lambda p: p[:, 0]), (x, torch.tensor([-1.0, 0.0, 1.0])))
    assert paint(sitter.subject, REQUEST).classes == ()
