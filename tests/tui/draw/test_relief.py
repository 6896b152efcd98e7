"""The hill over two axes: bands, ways with their signs, fog."""

import math

import pytest
from drawn import RELIEF, numbers, sizes
from foghill.engine.protocol.pictures import Trail
from foghill.tui.draw.axes import canvas
from foghill.tui.draw.grid import Grid
from foghill.tui.draw.palette import Palette
from foghill.tui.draw.plot import Bounds
from foghill.tui.draw.relief import BANDS, levels, relief, spread
from foghill.tui.draw.ridge import spot
from foghill.tui.draw.xy import GUTTER
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()
SIZE = 60, 16
PLACE = canvas(*SIZE, gutter=GUTTER)
BOUNDS = Bounds(-2.0, 2.0, -1.0, 1.0)


def cell(x: float, y: float) -> tuple[int, int]:
    at = spot(x, y, BOUNDS, PLACE)
    assert at is not None
    return at


def test_levels_are_cube_roots_between_the_lowest_and_the_walls():
    found = levels([[0.0, 1.0, 8.0, 27.0, 1000.0], [math.nan, math.inf, -math.inf, 64.0, 27.0]])
    assert found[0][0] == 0.0
    assert found[0][1] == pytest.approx((1 / 64) ** (1 / 3))
    assert found[0][4] == 1.0
    assert math.isnan(found[1][0])
    assert found[1][1] == 1.0
    assert found[1][2] == 0.0
    assert levels([[3.0, 3.0]]) == [[0.0, 0.0]]


def test_between_grid_points_levels_go_straight():
    plane = [[x + 10 * y for x in range(4)] for y in range(3)]
    fine = spread(plane, 30, 40)
    for j, row in enumerate(fine):
        for i, level in enumerate(row):
            x, y = (i + 0.5) / 30 * 3, (j + 0.5) / 40 * 2
            assert level == pytest.approx(x + 10 * y)


def test_higher_ground_has_another_shade_and_the_valley_the_darkest():
    bare = replace(RELIEF, trail=Trail("", [2.0], [1.0], [8.0]), others=(), ahead=None)
    grid = relief(bare, *SIZE, PENS)
    middle, wall = grid.rows[PLACE.height // 2][cell(0.1, 0.0)[0]], grid.rows[1][cell(1.5, 0)[0]]
    assert middle.ink.back != wall.ink.back
    assert int(middle.ink.back[1:3], 16) <= int(wall.ink.back[1:3], 16)
    shades = {one.ink.back for row in grid.rows[: PLACE.height] for one in row[PLACE.x :]}
    assert 4 <= len(shades - {""}) <= BANDS


def test_ball_others_minimum_and_the_way_to_come():
    grid = relief(RELIEF, *SIZE, PENS)
    assert grid.glyph(*cell(-1.0, 0.5)) == "●"
    assert grid.glyph(*cell(-2.0, 1.0)) == "•"
    assert grid.glyph(*cell(1.0, -0.5)) == "▲"
    assert grid.glyph(*cell(0.0, 0.0)) == "◇"
    assert "y" in grid.text().split("\n")[0]


@pytest.mark.parametrize(
    ("update", "arrow", "beside"),
    [((1.0, 0.0), "→", (1, 0)), ((0.0, 1.0), "↑", (0, -1)), ((-1.0, -0.5), "↙", (-1, 1))],
)
def test_an_arrow_says_where_the_next_update_goes(update, arrow, beside):
    bare = replace(RELIEF, others=(), ahead=None, trail=Trail("", [0.5], [0.1], [1.0]))
    x, y = cell(0.5, 0.1)
    grid = relief(replace(bare, update=update), *SIZE, PENS)
    assert grid.glyph(x + beside[0], y + beside[1]) == arrow
    against = replace(bare, update=(), slope=tuple(-u for u in update))
    assert relief(against, *SIZE, PENS).glyph(x + beside[0], y + beside[1]) == arrow


def fogged(grid: Grid) -> int:
    return grid.text().count("░")


def test_fog_hides_what_is_far_from_the_trail():
    grid = relief(replace(RELIEF, fog=True), *SIZE, PENS)
    assert fogged(grid) > 0.7 * PLACE.width * PLACE.height
    for x, y in ((-2.0, 1.0), (-1.0, 0.5)):
        column, row = cell(x, y)
        assert grid.glyph(column + 1, row) != "░"
    assert "▲" not in grid.text()
    assert "◇" not in grid.text()
    assert "●" in grid.text()
    assert fogged(relief(RELIEF, *SIZE, PENS)) == 0


def test_without_colour_bands_have_numbered_edges():
    text = relief(RELIEF, *SIZE, Palette(colour=False)).text()
    assert set("012") & set(text.split("\n")[6])
    plain = relief(RELIEF, *SIZE, Palette(ascii=True, colour=False)).text()
    assert plain.isascii()


def test_a_run_that_left_is_shown_at_the_edge_with_an_arrow():
    gone = replace(RELIEF, trail=Trail("", [-2.0, 90.0], [1.0, 0.0], [8.0, 1e4]), others=())
    assert "●→" in relief(gone, *SIZE, PENS).text()
    up = replace(RELIEF, trail=Trail("", [-2.0, 0.0], [1.0, 50.0], [8.0, 1e4]), others=())
    assert "●↑" in relief(up, *SIZE, PENS).text()


def test_what_is_no_number_is_crossed_out():
    broken = replace(RELIEF, heights=[[math.nan] * 5, *RELIEF.heights[1:]])
    assert "×" in relief(broken, *SIZE, PENS).text()


def test_what_is_not_measured_yet_does_not_look_broken():
    unknown = [[math.nan] * 5 for _ in RELIEF.heights]
    for pens in (PENS, Palette(ascii=True), Palette(colour=False)):
        bare = replace(RELIEF, heights=unknown, rough=True, axes=("a", "b"))
        coming = relief(bare, *SIZE, pens).text()
        assert pens.signs.broken not in coming
    assert "·" in relief(replace(RELIEF, heights=unknown, rough=True), *SIZE, PENS).text()
    assert "×" not in relief(RELIEF, *SIZE, PENS).text()


def test_a_step_changes_few_cells():
    trail = Trail("this run", [-2.0, -1.0, -0.6], [1.0, 0.5, 0.2], [8.0, 2.0, 0.5])
    before, after = relief(RELIEF, *SIZE, PENS), relief(replace(RELIEF, trail=trail), *SIZE, PENS)
    changed = sum(
        a != b
        for x, y in zip(before.rows, after.rows, strict=True)
        for a, b in zip(x, y, strict=True)
    )
    assert changed < 40


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=4),
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4),
    st.tuples(numbers, numbers),
    st.one_of(st.just(()), st.tuples(numbers, numbers, numbers)),
    sizes,
    st.booleans(),
    st.sampled_from([Palette(), Palette(colour=False), Palette(ascii=True)]),
)
def test_any_numbers_fit_any_size(heights, way, update, lowest, size, fog, pens):
    trail = Trail("t", [x for x, _ in way], [y for _, y in way], [0.0] * len(way))
    view = replace(
        RELIEF,
        x=[0.0, 1.0, 2.0],
        y=[float(-i) for i in range(len(heights))],
        heights=heights,
        trail=trail,
        others=(trail,),
        ahead=trail,
        update=update,
        lowest=lowest,
        fog=fog,
    )
    grid = relief(view, *size, pens)
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
