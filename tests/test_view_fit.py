"""The fit's line against a function in closed form."""

import pytest
import torch
from foghill.engine.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.fit import extent, paint
from sitter import Fixed, Sitter

X = torch.tensor([0.0, 1.0, 4.0, 10.0])
REQUEST = PictureRequest(name="fit", columns=40)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_the_line_is_the_model_over_the_range_of_the_points(shape):
    sitter = Sitter(Fixed(lambda x: x**2), train=(X.reshape(shape), X), valid=(X[:1], X[:1]))
    fit = paint(sitter.subject, REQUEST)
    ((name, xs, ys),) = fit.lines
    assert name == "model"
    assert len(xs) == 80
    assert (xs[0], xs[-1]) == (-0.5, 10.5)
    assert ys == pytest.approx([x * x for x in xs], rel=1e-6)
    assert sitter.asked[0].ndim == len(shape)
    assert fit.points == (X.tolist(), X.tolist())
    assert fit.held_out == ([0.0], [0.0])
    assert (fit.x_name, fit.y_name) == ("x", "y")


def test_points_and_line_are_in_the_targets_unit():
    names = Names(x=("hours",), y="grade", offset=3.0, scale=2.0)
    fit = paint(Sitter(Fixed(lambda x: x), (X, X), names=names).subject, REQUEST)
    assert (fit.x_name, fit.y_name) == ("hours", "grade")
    assert fit.points[1] == [3.0, 5.0, 11.0, 23.0]
    _, xs, ys = fit.lines[0]
    assert ys == pytest.approx([2 * x + 3 for x in xs], abs=1e-5)
    assert fit.held_out == ([], [])


def test_the_models_own_precision_of_inputs_is_kept():
    sitter = Sitter(Fixed(lambda x: x), (X.double(), X))
    paint(sitter.subject, REQUEST)
    assert sitter.asked[0].dtype == torch.float64


def test_many_points_are_thinned_and_a_wide_area_is_capped():
    x = torch.arange(10_000.0)
    sitter = Sitter(Fixed(lambda x: x), (x, x), (x, x))
    fit = paint(sitter.subject, PictureRequest(name="fit", columns=5_000))
    assert len(fit.points[0]) == len(fit.held_out[0]) == 500
    assert len(sitter.asked[0]) == 400


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.0, 2.0], (1.5, 2.5)),
        ([0.0, 10.0, float("nan"), float("inf")], (-0.5, 10.5)),
        ([], (0.0, 1.0)),
        ([float("nan")], (0.0, 1.0)),
    ],
)
def test_the_extent_is_finite_and_never_empty(values, expected):
    assert extent(torch.tensor(values)) == expected
