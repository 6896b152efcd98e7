"""One page: what is shown stays until what is coming is measured, unless the run has left it."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.landscape.axes import Here, Page
from foghill.engine.callbacks.landscape.landscape import CHEAP, Ground
from foghill.engine.callbacks.landscape.sheet import Scene, Sheet, grid
from foghill.engine.training.eval_mode import looking
from hills import BOWL
from plain import REGRESSION, training
from torch import Tensor

ENOUGH = 60.0


@pytest.fixture
def bowl(tmp_path: Path) -> Ground:
    t = training(tmp_path, BOWL)
    with looking(t.model):
        return Ground(t, [True])


def here(ground: Ground, *at: float, trail: Tensor | None = None) -> Here:
    weights = torch.tensor(at) if len(at) > 1 else torch.full((len(ground._t.parameters),), at[0])
    height, gradient = ground.slope(weights)
    trail = weights[None] if trail is None else trail
    return Here(weights, height, gradient, trail, [height] * len(trail), weights[None], [height])


def scene(step: int = 0, area: tuple[int, int] = (40, 10), **more) -> Scene:
    given = {"resting": True, "parameters": [], "names": ("x", "y"), "basis": ()}
    return Scene(**{"step": step, "area": area, **given, **more})  # type: ignore[arg-type]


def test_a_page_over_all_parameters_is_measured_once(bowl: Ground):
    sheet = Sheet(Page("parameters", (0, 1)))
    first = sheet.look(bowl, here(bowl, -1.0, 1.0), scene(), ENOUGH)
    assert first.complete
    assert not sheet.rough
    nearer = sheet.look(bowl, here(bowl, -0.9, 0.8), scene(1), ENOUGH)
    assert nearer is first
    assert first.shape == (40, 20)
    assert first.lowest() == pytest.approx((1.0, -2.0, 7.0), abs=1e-4)


def test_other_knobs_of_the_loss_or_another_area_are_measured_anew(bowl: Ground):
    sheet = Sheet(Page("parameters", (0, 1)))
    first = sheet.look(bowl, here(bowl, -1.0, 1.0), scene(), ENOUGH)
    knob = sheet.look(bowl, here(bowl, -1.0, 1.0), scene(basis=(0.5,)), ENOUGH)
    wide = sheet.look(bowl, here(bowl, -1.0, 1.0), scene(basis=(0.5,), area=(60, 10)), ENOUGH)
    assert len({id(first), id(knob), id(wide)}) == 3
    assert knob.window == first.window


def test_the_old_ground_is_shown_until_the_new_one_is_measured(bowl: Ground):
    sheet = Sheet(Page("parameters", (0,)))
    first = sheet.look(bowl, here(bowl, -1.0, 1.0), scene(), ENOUGH)
    moved = here(bowl, -1.0, 0.5)  # the other number moved: it is another slice
    assert sheet.look(bowl, moved, scene(1), 0.0) is first
    assert sheet.rough
    looks = 0
    while (found := sheet.look(bowl, moved, scene(1), 0.0)) is first:
        looks += 1
    assert looks > 0  # how many it takes is the machine's matter
    assert found.plane.origin.tolist() == [0.0, 0.5]


def test_ground_that_the_run_has_left_is_replaced_half_measured(bowl: Ground):
    sheet = Sheet(Page("parameters", (0,)))
    first = sheet.look(bowl, here(bowl, -1.0, 1.0), scene(), ENOUGH)
    far = here(bowl, 5.5, 0.5)
    assert not first.holds([5.5])
    while (found := sheet.look(bowl, far, scene(1), 0.0)) is first:
        pass
    assert not found.complete
    assert found.presentable


def test_a_paths_plane_stays_until_the_path_has_grown(tmp_path: Path):
    t = training(tmp_path, REGRESSION, hidden=20)
    with looking(t.model):
        ground = Ground(t, [True] * 5)
    path = torch.randn(30, ground.slope(torch.zeros(101))[1].numel()).cumsum(0) / 100
    sheet = Sheet(Page("path"))
    t.step = 0

    def look(snapshots: int, step: int, resting: bool = True):
        weights = path[snapshots - 1]
        height, gradient = ground.slope(weights)
        trail, losses = path[:snapshots], [height] * snapshots
        stand = Here(weights, height, gradient, trail, losses, weights[None], [height])
        given = scene(step, (10, 4), resting=resting, parameters=t.parameters)
        return sheet.look(ground, stand, given, ENOUGH)

    first = look(1, 0)
    assert first.plane.kind == "random"
    early = look(10, 100)
    assert early.plane.kind == "path"
    assert torch.equal(early.plane.origin, path[9])
    assert early.holds([0.0, 0.0])
    assert look(11, 105, resting=False) is early
    assert look(11, 109) is early
    later = look(20, 200)
    assert later is not early
    assert torch.equal(later.plane.origin, path[19])


def test_costly_heights_make_coarser_grids():
    fine, fair, coarse = (grid(CHEAP * share, 2, (500, 500)) for share in (0.1, 0.5, 2))
    assert fine > fair > coarse
    assert grid(0.0, 2, (0, 0)) == (8, 8)
    assert grid(0.0, 1, (500, 9)) == (161, 1)
    assert grid(0.0, 1, (20, 9)) == (41, 1)
