"""parabola: 200 steps of the usual tutorial stand still; standardised, the fit snaps in."""

import pytest
import torch
from foghill.engine.lessons import parabola

from lessons.plain import experiment, trained
from lessons.seeds import promise


@promise()
def test_it_is_the_formula_and_stands_still(seed: int):
    torch.manual_seed(seed)
    t = torch.arange(20).float()
    speed = torch.randn(20) + 0.75 * (t - 9.5) ** 2 + 1
    torch.manual_seed(seed)
    parameters = torch.nn.Parameter(torch.randn(3))
    optimizer = torch.optim.SGD([parameters], lr=1e-5)
    losses: list[float] = []
    for _ in range(200):
        a, b, c = parameters
        loss = ((a * t**2 + b * t + c - speed) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    run = trained("parabola", seed)
    assert run.losses == losses
    assert losses[10] - losses[199] < 4 < losses[0] - losses[10]
    assert 550 < run.loss < 710
    assert best(t, speed) < 2


def best(t: torch.Tensor, speed: torch.Tensor) -> float:
    """The lowest loss that a parabola reaches, by least squares."""
    inputs = torch.stack([t**2, t, torch.ones_like(t)], 1).double()
    target = speed.double()[:, None]
    found = torch.linalg.lstsq(inputs, target).solution
    return ((inputs @ found - target) ** 2).mean().item()


def curvatures(standardise: bool) -> list[float]:
    """Eigenvalues of the Hessian of the loss, from autograd; the loss is quadratic."""
    t, speed = parabola.data(standardise)

    def loss(p: torch.Tensor) -> torch.Tensor:
        return ((p[0] * t.double() ** 2 + p[1] * t.double() + p[2] - speed) ** 2).mean()

    hessian = torch.autograd.functional.hessian(loss, torch.zeros(3, dtype=torch.float64))
    return torch.linalg.eigvalsh(hessian).tolist()


def test_the_curvatures_are_those_of_the_text():
    flat, _, steep = curvatures(False)
    assert (round(steep), round(flat, 2), round(2 / steep, 7)) == (56_499, 0.26, 3.54e-5)
    assert steep / flat > 200_000
    flat, _, steep = curvatures(True)
    assert steep / flat < 10


@promise()
def test_just_below_the_limit_it_comes_down_and_just_above_it_is_thrown_out(seed: int):
    assert trained("parabola", seed, lr=3.4e-5).loss < 710
    losses = trained("parabola", seed, steps=100, lr=3.6e-5).losses
    assert losses[99] > 10 * losses[0]


@promise()
def test_it_flies_away_with_the_step_it_asks_to_try(seed: int):
    assert trained("parabola", seed, steps=40, lr=5e-5).losses[39] > 100_000


@promise()
def test_standardised_it_snaps_in_within_fifty_steps(seed: int):
    run = trained("parabola", seed, standardise="on", lr=0.1)
    assert run.losses[50] < 2
    assert 0.1 < run.loss < 2


@promise()
def test_old_gradients_let_it_swing_for_ever(seed: int):
    piled = trained("parabola", seed, zero_grad="off").losses[-50:]
    assert max(piled) - min(piled) > 20
    calm = trained("parabola", seed).losses[-50:]
    assert max(calm) - min(calm) < 1


@promise()
def test_adam_is_better_and_still_far(seed: int):
    assert 100 < trained("parabola", seed, optimizer="adam", lr=0.1).loss < 640


@promise()
def test_at_step_ten_a_hardly_moves(seed: int):
    """Its gradient there, as a share of its first."""

    def gradient(run: object) -> dict[str, float]:
        model, (train, _) = run.model, run.parts  # type: ignore[attr-defined]
        return {n: g.item() for n, g in parabola.gradient(model, *train).items()}

    seen = trained("parabola", seed, 10, look=gradient).seen
    assert abs(seen[10]["a"]) < 0.05 * abs(seen[0]["a"])


@promise()
def test_the_gradient_by_hand_is_autograds(seed: int):
    run = trained("parabola", seed, 5)
    train = run.parts[0]
    assert train is not None
    by_hand = parabola.gradient(run.model, *train)
    loss = torch.nn.functional.mse_loss(run.model(train[0]), train[1])
    for name, parameter in run.model.named_parameters():
        (slope,) = torch.autograd.grad(loss, parameter, retain_graph=True)
        assert by_hand[name].item() == pytest.approx(slope.item(), rel=1e-4, abs=1e-2)


@pytest.mark.parametrize("standardise", ["off", "on"])
def test_all_twenty_predictions_are_listed_as_the_weights_stand(standardise: str):
    run = trained("parabola", 0, 5, standardise=standardise, lr=1e-6)
    train = run.parts[0]
    assert train is not None
    with torch.no_grad():
        shown = experiment("parabola").call("view_predictions", run.model, *train)
        predicted = run.model(train[0])
    ((title, (heading, *rows)),) = shown.items()
    assert heading == ("t", "speed", "prediction", "error", "error²")
    assert [row[0] for row in rows] == [str(t) for t in range(20)]
    columns = torch.tensor([[float(n) for n in row[1:]] for row in rows]).T
    assert torch.allclose(columns[0], train[1], atol=6e-3)
    assert torch.allclose(columns[1], predicted, atol=6e-3)
    assert float(title.split(": ")[1]) == pytest.approx(run.loss, rel=1e-4)
