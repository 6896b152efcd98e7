"""Predicted against actual, in the target's unit."""

import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.scatter import paint
from sitter import Fixed, Sitter

REQUEST = PictureRequest(name="predicted")


def test_points_are_actual_and_predicted_of_both_parts_in_the_unit():
    train = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0], [1.0]])
    valid = torch.tensor([[5.0, 6.0]]), torch.tensor([[2.0]])
    names = Names(y="price", offset=10.0, scale=2.0)
    model = Fixed(lambda x: x.sum(1))
    scatter = paint(Sitter(model, train, valid, names).subject, REQUEST)
    assert scatter.name == "price"
    assert (scatter.actual, scatter.predicted) == ([10.0, 12.0], [16.0, 24.0])
    assert (scatter.held_out_actual, scatter.held_out_predicted) == ([14.0], [32.0])


def test_at_most_five_hundred_points_of_each_part():
    part = torch.ones(3_000, 4), torch.arange(3_000.0)
    sitter = Sitter(Fixed(lambda x: x.sum(1)), part)
    scatter = paint(sitter.subject, REQUEST)
    assert scatter.actual == [float(6 * i) for i in range(500)]
    assert len(scatter.predicted) == 500
    assert scatter.held_out_actual == scatter.held_out_predicted == []
    assert [len(x) for x in sitter.asked] == [500]
