"""Which planes a model's hill is cut along, and windows that show the valley and the way."""

import math
from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.landscape.axes import Here, Page, lay, newton, pages, window
from foghill.engine.callbacks.landscape.landscape import Ground, principal
from foghill.engine.callbacks.landscape.survey import Plane, of_parameters
from foghill.engine.training.eval_mode import looking
from hills import BOWL
from plain import training
from torch import Tensor


def here(
    weights: Tensor,
    ground: Ground,
    trail: Tensor | None = None,
    ahead: Tensor | None = None,
    others: tuple[Tensor, ...] = (),
) -> Here:
    height, gradient = ground.slope(weights)
    trail = weights[None] if trail is None else trail
    ahead = weights[None] if ahead is None else ahead
    losses, later = ([ground(w) for w in way] for way in (trail, ahead))
    return Here(weights, height, gradient, trail, losses, ahead, later, others)


@pytest.fixture
def bowl(tmp_path: Path) -> Ground:
    t = training(tmp_path, BOWL)
    with looking(t.model):
        return Ground(t, [True])


def test_pages_for_every_size():
    assert pages(1) == [Page("parameters", (0,))]
    assert [page.chosen for page in pages(2)] == [(0, 1), (0,), (1,)]
    assert [page.chosen for page in pages(3)] == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    assert len(pages(6)) == 6 + 15
    assert [page.kind for page in pages(7)] == ["path", "random", "downhill"]


def test_the_path_plane_is_principal_and_keeps_its_sides(bowl: Ground):
    path = torch.randn(6, 9, generator=torch.Generator().manual_seed(0)).cumsum(0)
    stand = Here(path[-1], 0.0, torch.ones(9), path, [0.0] * 6, path[-1:], [0.0])
    page = Page("path")
    first = lay(page, stand, [torch.ones(3, 3)], (), None)
    directions, shares = principal(path)
    assert torch.equal(first.directions, directions)
    assert first.kind == "path"
    assert first.names[0] == f"direction 1 ({100 * shares[0]:.0f} % of the way)"
    assert torch.equal(first.origin, path[-1])
    mirrored = Plane(first.names, first.origin, -directions, "path")
    again = lay(page, stand, [torch.ones(3, 3)], (), mirrored)
    assert torch.equal(again.directions, -directions)


@pytest.mark.parametrize("way", [1, 2, 5])
def test_without_a_path_directions_are_random(way: int):
    weights = torch.ones(9)
    still = weights.repeat(way, 1)
    stand = Here(weights, 0.0, torch.ones(9), still, [0.0] * way, still[-1:], [0.0])
    plane = lay(Page("path"), stand, [torch.ones(3, 3)], (), None)
    assert plane.kind == "random"
    assert plane.directions.reshape(2, 3, 3).norm(dim=2) == pytest.approx(3**0.5, rel=1e-5)
    random = lay(Page("random"), stand, [torch.ones(3, 3)], (), None)
    assert torch.equal(plane.directions, random.directions)


def test_downhill_is_against_the_gradient(bowl: Ground):
    stand = here(torch.tensor([3.0, -2.0]), bowl)
    plane = lay(Page("downhill"), stand, [], (), None)
    expected = -torch.tensor([12.0, 2.0]) / math.hypot(12, 2)
    assert torch.allclose(plane.directions[0], expected)
    ((left, right),) = window(plane, stand, bowl, None)
    d = expected.double()
    far = math.hypot(12, 2) / (6 * d[0] ** 2 + d[1] ** 2 + 2 * d[0] * d[1]).item()
    assert left < 0 < far < right < 6 * far


@pytest.mark.parametrize("x", [-9.0, -1.0, 0.99, 4.0])
def test_a_parameters_window_shows_both_walls_and_the_floor(bowl: Ground, x: float):
    stand = here(torch.tensor([x, -2.0]), bowl)
    plane = of_parameters(("x", "y"), (0,), stand.weights)
    ((left, right),) = window(plane, stand, bowl, None)
    assert left < min(x, 2 - x)
    assert max(x, 2 - x) < right
    assert right - left < max(6 * abs(x - 1), 5)


def test_a_window_stays_and_a_run_astray_leaves_it(bowl: Ground):
    plane = of_parameters(("x", "y"), (0, 1), torch.tensor([-1.0, 1.0]))
    start = torch.tensor([[-1.0, 1.0]])
    first = window(plane, here(start[0], bowl), bowl, None)
    nearer = torch.tensor([[-1.0, 1.0], [0.0, 0.0], [0.5, -1.0]])
    first = window(plane, here(nearer[-1], bowl, nearer), bowl, first)
    for (low, high), seen in zip(first, nearer.T.tolist(), strict=True):
        assert low < min(seen) < max(seen) < high
    still = torch.cat([nearer, torch.tensor([[0.7, -1.5]])])
    assert window(plane, here(still[-1], bowl, still), bowl, first) == first
    away = torch.tensor([[-1.0, 1.0], [3.0, 1.0], [1e4, -3e5]])
    assert window(plane, here(away[-1], bowl, away), bowl, first) == first
    fresh = window(plane, here(away[1], bowl, away[:2], away[1:]), bowl, None)
    assert fresh[0][1] < 20  # the way to come does not drag it along either


def test_the_way_to_come_and_the_others_are_in_sight(bowl: Ground):
    plane = of_parameters(("x", "y"), (0, 1), torch.tensor([1.0, -2.0]))
    ahead = torch.tensor([[1.0, -2.0], [1.4, -2.5]])
    others = (torch.tensor([[1.0, -2.0], [0.7, -1.6]]), torch.tensor([[1.0, -2.0], [1e9, 0.0]]))
    stand = here(ahead[0], bowl, None, ahead, others)
    (left, right), (low, high) = window(plane, stand, bowl, None)
    assert left < 0.7 < 1.4 < right < 100
    assert low < -2.5 < -1.6 < high


def test_newtons_step_finds_the_floor_of_a_quadratic(bowl: Ground):
    plane = of_parameters(("x", "y"), (0, 1), torch.zeros(2))
    assert newton(bowl, plane, [-3.0, 5.0]) == pytest.approx([1.0, -2.0], abs=1e-5)
    slope = of_parameters(("x", "y"), (1,), torch.tensor([2.0, 0.0]))
    assert newton(bowl, slope, [0.0]) == pytest.approx([-3.0], abs=1e-5)
