"""neuron: the instrument shows true numbers; one layer learns what one cut can say."""

import math

import pytest
import torch

from lessons.plain import experiment, trained
from lessons.seeds import promise

CURVES = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "none": lambda z: z,
}
SLOPES = {
    "sigmoid": lambda z: CURVES["sigmoid"](z) * (1 - CURVES["sigmoid"](z)),
    "tanh": lambda z: 1 - math.tanh(z) ** 2,
    "relu": lambda z: float(z > 0),
    "none": lambda z: 1.0,
}


@promise()
def test_all_and_any_are_learned_and_odd_never_is(seed: int):
    run = trained("neuron", seed)
    x, y = run.parts[0]  # type: ignore[misc]
    with torch.no_grad():
        right = ((run.model(x) > 0.5) == (y > 0.5)).sum(0).tolist()
    assert right[:2] == [8, 8]
    assert right[2] <= 6


def test_no_cut_tells_odd_from_even_in_more_than_six_cases():
    """Every way of weighing, on a fine grid: the best there is."""
    x, y = experiment("neuron").call("data")
    steps = torch.linspace(-2, 2, 9)
    weights = torch.cartesian_prod(steps, steps, steps, torch.linspace(-4, 4, 33))
    said = weights[:, :3] @ x.T + weights[:, 3:] > 0
    assert (said == (y[:, 2] > 0.5)).sum(1).max() == 6


@pytest.mark.parametrize("activation", CURVES)
@pytest.mark.parametrize(("x", "w", "b"), [(1.0, 1.0, 0.0), (-2.0, 3.0, 0.5), (5.0, 5.0, 5.0)])
def test_the_instrument_is_the_formula(activation: str, x: float, w: float, b: float):
    lesson = experiment("neuron", activation=activation, x=x, w=w, b=b)
    torch.manual_seed(0)
    with torch.no_grad():
        drawn = lesson.call("view_neuron", lesson.call("model"), *lesson.call("data"))
    (curve_name, (zs, curve)), (here, (z, a)), (_, words) = drawn.items()
    answer = CURVES[activation](w * x + b)
    assert z.item() == pytest.approx(w * x + b)
    assert a.item() == pytest.approx(answer, rel=1e-5)
    slope = float(here.rsplit("slope ")[1])
    assert slope == pytest.approx(SLOPES[activation](w * x + b), rel=2e-3, abs=1e-6)
    assert float(words.rsplit("= ")[-1]) == pytest.approx(w * x + b, rel=1e-3)
    assert curve_name == f"a = {'z' if activation == 'none' else f'{activation}(z)'} over z"
    assert zs.min() <= z <= zs.max()
    assert curve.tolist() == pytest.approx([CURVES[activation](v) for v in zs.tolist()], abs=1e-5)


@promise()
def test_the_terms_of_the_layer_add_up_to_what_the_model_says(seed: int):
    lesson = experiment("neuron", example=6)
    torch.manual_seed(seed)
    model, (x, y) = lesson.call("model"), lesson.call("data")
    with torch.no_grad():
        drawn = lesson.call("view_layer", model, x, y)
        expected = model(x[5])
    (heading, *rows) = drawn["case 6 of 8: x1 = 1, x2 = 0, x3 = 1"]
    assert heading[1:5] == ("w·x1", "w·x2", "w·x3", "b")
    for row, answer, target in zip(rows, expected.tolist(), y[5].tolist(), strict=True):
        *terms, z, said, wanted = map(float, row[1:])
        assert sum(terms) == pytest.approx(z, abs=3e-2)
        assert said == pytest.approx(answer, abs=1e-3)
        assert wanted == target
