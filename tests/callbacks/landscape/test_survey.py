"""Planes and their coordinates; heights found out coarse first; the lowest place; round windows."""

import math

import pytest
import torch
from foghill.engine.callbacks.landscape.survey import Plane, Survey, of_parameters, window_around
from hypothesis import given
from hypothesis import strategies as st


def flat_plane() -> Plane:
    return of_parameters(("a", "b", "c"), (0, 2), torch.tensor([5.0, 6.0, 7.0]))


def valley(w: torch.Tensor) -> float:
    return float(w[0] ** 2 + 2 * (w[2] - 1) ** 2)


def survey(columns: int, rows: int, height=valley, **more) -> Survey:
    return Survey(height, flat_plane(), ((-2.0, 2.0), (-3.0, 3.0)), columns, rows, **more)


def test_parameters_are_axes_with_their_own_values():
    plane = flat_plane()
    assert plane.names == ("a", "c")
    assert plane.weights(1.5, -2.0).tolist() == [1.5, 6.0, -2.0]
    assert plane.coordinates(torch.tensor([[5.0, 6.0, 7.0], [1.0, 9.0, 3.0]])).tolist() == [
        [5.0, 7.0],
        [1.0, 3.0],
    ]
    assert plane.along(torch.tensor([10.0, 20.0, 30.0])) == (10.0, 30.0)
    assert plane.same(flat_plane())
    assert not plane.same(of_parameters(("a", "b", "c"), (0, 2), torch.tensor([5.0, 6.5, 7.0])))


def test_coordinates_are_least_squares_where_directions_lean():
    D = torch.randn(2, 9, generator=torch.Generator().manual_seed(0))
    plane = Plane(("1", "2"), torch.ones(9), D)
    beside = torch.randn(3, 9, generator=torch.Generator().manual_seed(1))
    expected = torch.linalg.lstsq(D.T.double(), (beside - 1).T.double()).solution.T
    assert torch.allclose(plane.coordinates(beside), expected)
    on = plane.weights(0.25, -1.5)
    assert plane.coordinates(on[None])[0].tolist() == pytest.approx([0.25, -1.5], abs=1e-5)


def test_a_complete_survey_has_every_height_with_the_largest_y_on_top():
    found = survey(5, 7)
    while not found.complete:
        found.advance(1.0)
    assert found.measured == 35
    assert found.x == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert found.y == [3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0]
    assert found.heights() == [[x * x + 2 * (y - 1) ** 2 for x in found.x] for y in found.y]


def test_each_look_measures_at_least_one_and_none_twice():
    asked: list[tuple[float, ...]] = []

    def height(w: torch.Tensor) -> float:
        asked.append(tuple(w.tolist()))
        return float(w[0])

    found = survey(19, 11, height)
    looks = 0
    while not found.complete:
        found.advance(0.0)
        looks += 1
        assert len(asked) == looks == found.measured
    assert len(set(asked)) == 19 * 11


def test_before_it_is_complete_places_have_the_height_of_the_coarse_point_beside():
    found = survey(17, 17)
    assert all(math.isnan(h) for row in found.heights() for h in row)
    for _ in range(9):  # every eighth of 17 by 17
        found.advance(0.0)
    assert not found.presentable
    heights = found.heights()
    for row in range(17):
        for column in range(17):
            near = found.x[column - column % 8], found.y[row - row % 8]
            assert heights[row][column] == near[0] ** 2 + 2 * (near[1] - 1) ** 2
    assert found.lowest() == ()
    while found.measured < 81:
        found.advance(0.0)
    assert found.presentable


def test_the_lowest_place_of_a_bent_valley_is_found_where_whole_steps_land_on_its_walls():
    """Rosenbrock's valley, its minimum 0 at (1, 1)."""

    def bent(w: torch.Tensor) -> float:
        return float((1 - w[0]) ** 2 + 100 * (w[2] - w[0] ** 2) ** 2)

    def newton(plane: Plane, at: list[float]) -> list[float]:
        a, c = at
        g = torch.tensor([-2 * (1 - a) - 400 * a * (c - a**2), 200 * (c - a**2)])
        H = torch.tensor([[2 - 400 * (c - 3 * a**2), -400 * a], [-400 * a, 200.0]])
        return (torch.tensor(at) - torch.linalg.solve(H, g)).tolist()

    found = survey(9, 9, bent, descend=newton)
    found.advance(10.0)
    a, c, low = found.lowest()
    assert (a, c) == pytest.approx((1.0, 1.0), abs=1e-2)
    assert low < 1e-4


def test_the_lowest_place_is_refined_and_none_at_the_edge():
    def newton(plane: Plane, at: list[float]) -> list[float]:
        return [0.0, 1.0]

    rough, fine = survey(6, 8), survey(6, 8, descend=newton)
    for one in (rough, fine):
        one.advance(10.0)
    assert fine.lowest() == (0.0, 1.0, 0.0)
    assert rough.lowest()[2] == min(h for row in rough.heights() for h in row)
    slope = survey(6, 8, lambda w: float(w[0]))
    slope.advance(10.0)
    assert slope.lowest() == ()
    beyond = survey(6, 8, descend=lambda plane, at: [0.0, 30.0] if at else at)
    beyond._height = lambda w: float(w[0] ** 2) - (100 if w[2] > 3 else 0)  # type: ignore
    beyond.advance(10.0)
    assert beyond.lowest() == ()  # it falls on outside the window
    broken = survey(4, 4, lambda w: math.nan)
    broken.advance(10.0)
    assert broken.lowest() == ()


def test_a_window_holds_what_is_on_it():
    found = survey(5, 5)
    assert found.holds((2.0, -3.0))
    assert not found.holds((2.1, 0.0))


numbers = st.floats(-1e6, 1e6)


@given(numbers, numbers)
def test_windows_have_room_and_stay(a: float, b: float):
    low, high = min(a, b), max(a, b)
    if high - low < 1e-6 * max(1.0, abs(low)):
        return
    window = window_around((low, high))
    assert window[0] < low
    assert high < window[1]
    assert window[1] - window[0] <= 2.5 * (high - low)
    assert window_around((low, high), window) == window
    inner = low + 0.1 * (high - low), high - 0.1 * (high - low)
    assert window_around(inner, window) == window
    far = window_around((low - 10 * (high - low), high), window)
    assert far[0] <= low - 10 * (high - low)


def test_a_window_of_any_rounding_is_found():
    for low in (0.0, 0.1, 0.7, 3.3):
        for wide in (0.4, 0.04, 4.0, 0.8, 2.0):
            assert window_around((low, low + wide))[0] < low
