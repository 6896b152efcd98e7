"""The hill over one axis: everything on it at its place, the fog over what nobody saw."""

from dataclasses import replace as with_

import pytest
from drawn import RIDGE, numbers, sizes
from foghill.engine.protocol.pictures import Landscape, Trail
from foghill.tui.draw.axes import canvas
from foghill.tui.draw.grid import Grid
from foghill.tui.draw.palette import Palette
from foghill.tui.draw.ridge import bounds_of, other_sign, ridge, spot
from foghill.tui.draw.xy import GUTTER
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()
SIZE = 60, 14


def drawn(view: Landscape, pens: Palette = PENS) -> Grid:
    return ridge(view, *SIZE, pens)


def cell(x: float, y: float, view: Landscape = RIDGE) -> tuple[int, int]:
    place = canvas(*SIZE, gutter=GUTTER)
    at = spot(x, y, bounds_of(view, place.height), place)
    assert at is not None
    return at


def test_ball_landing_points_and_minimum_stand_on_the_ground():
    grid = drawn(RIDGE)
    assert grid.glyph(*cell(-0.8125, 2.377539)) == "●"
    for x, y in ((-3.0, 6.65), (-1.75, 3.915625)):
        assert grid.glyph(*cell(x, y)) == "•"
    assert grid.glyph(*cell(2.0, 0.4)) == "◇"
    assert "0.4 at 2" in grid.text()
    assert grid.glyph(*cell(0.4, 1.04)) == "◦"


@pytest.mark.parametrize(("slope", "said"), [(-1.5, "slope -1.5 →"), (1.5, "← slope 1.5")])
def test_the_sign_says_which_way_to_go(slope: float, said: str):
    text = drawn(replace(RIDGE, slope=(slope,))).text()
    assert said in text
    plain = drawn(replace(RIDGE, slope=(slope,)), Palette(ascii=True)).text()
    assert said.replace("→", ">").replace("←", "<") in plain


def test_the_tangent_leans_as_the_slope_says():
    trail, heights = Trail("", [2.0], [], [5.0]), [[0.0, *[20.0] * 64]]
    bare = replace(RIDGE, heights=heights, trail=trail, ahead=None, lowest=())
    rows = {}
    for slope in (-4.0, 0.0, 4.0):
        grid = drawn(replace(bare, slope=(slope,)))
        orange = [
            (x, y)
            for y, row in enumerate(grid.rows)
            for x, one in enumerate(row)
            if one.ink.colour == PENS.valid and not one.ink.bold
        ]
        assert orange
        rows[slope] = min(orange)[1], max(orange)[1]
    assert rows[0.0][0] == rows[0.0][1]
    assert rows[-4.0][0] < rows[-4.0][1]
    assert rows[4.0][0] > rows[4.0][1]


def test_fog_hides_all_but_the_ground_near_the_trail():
    clear, foggy = drawn(RIDGE), drawn(replace(RIDGE, fog=True))
    place = canvas(*SIZE, gutter=GUTTER)
    near = {cell(x, y)[0] for x, y in zip(RIDGE.trail.x, RIDGE.trail.loss, strict=True)}
    for column in range(place.x, place.x + place.width):
        seen = [foggy.glyph(column, row) for row in range(place.height)]
        if column in near:
            assert "░" not in seen
        elif min(abs(column - other) for other in near) > 4:
            hidden = {glyph for glyph in seen if glyph in "⠁⠂⠄⠈⠐⠠⡀⢀◇◦"}
            assert not hidden
    assert "◇" not in foggy.text()
    assert "◦" not in foggy.text()
    assert "0.4 at 2" not in foggy.text()
    assert "slope -1.406 →" in foggy.text()
    assert "░" not in clear.text()
    assert foggy.rows[place.height :] == clear.rows[place.height :]


def test_a_ball_outside_is_said_at_the_edge_it_left_by():
    for x, y, said in (
        (500.0, 9e4, "at 500, loss 90k →"),
        (-500.0, 9e4, "← at -500, loss 90k"),
        (2.5, 9e4, "↑ loss 90k"),
        (float("inf"), float("inf"), "at inf, loss inf →"),
        (float("nan"), float("nan"), "at nan, loss nan →"),
    ):
        gone = replace(RIDGE, trail=Trail("", [-3.0, x], [], [6.65, y]))
        assert said in drawn(gone).text()
        assert "●" not in drawn(gone).text()


def test_walls_far_above_the_way_are_cut_off_and_the_way_above_the_ground_too():
    bounds = bounds_of(replace(RIDGE, heights=[[1e6, *RIDGE.heights[0][1:]]]), 10)
    assert 6.65 < bounds.top < 25
    above = replace(RIDGE, trail=Trail("", [-3.0, -1.0], [], [1e6, 2.65]))
    assert bounds_of(above, 10).top == pytest.approx(0.4 + 3 * (2.65 - 0.4))
    assert bounds_of(RIDGE, 10).bottom < 0.4


def test_the_height_is_named_where_the_ground_leaves_room():
    assert drawn(RIDGE).text().split("\n")[0].count("loss") == 1
    wall = replace(
        RIDGE, x=[0.0, 5.0, 10.0], heights=[[9.0, 1.0, 1.0]], trail=Trail("", [9.0], [], [1.0])
    )
    assert "loss" in drawn(wall).text().split("\n")[0]


def test_others_have_their_own_signs():
    others = (Trail("a", [6.0], [], [4.4]), Trail("b", [8.0], [], [9.4]))
    text = drawn(replace(RIDGE, others=others)).text()
    assert [other_sign(i, PENS)[0] for i in range(5)] == ["▲", "■", "★", "✚", "▼"]
    assert text.count("▲") == text.count("■") == 1


def test_a_step_changes_few_cells():
    before = drawn(RIDGE)
    trail = Trail("this run", [*RIDGE.trail.x, -0.109], [], [*RIDGE.trail.loss, 1.512])
    after = drawn(replace(RIDGE, trail=trail, slope=(-1.0547,), update=(0.527,)))
    changed = sum(
        a != b
        for x, y in zip(before.rows, after.rows, strict=True)
        for a, b in zip(x, y, strict=True)
    )
    assert changed < 90


def test_without_colour_and_in_ascii_it_says_the_same():
    plain = drawn(RIDGE, with_(PENS, colour=False))
    assert plain.text() == drawn(RIDGE).text()
    ascii_only = drawn(RIDGE, Palette(ascii=True, colour=False)).text()
    assert ascii_only.isascii()
    assert ascii_only.count("@") == 1
    assert ascii_only.count("V") == 1
    assert ":" in drawn(replace(RIDGE, fog=True), Palette(ascii=True)).text()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(numbers, min_size=2, max_size=9),
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4),
    st.lists(numbers, min_size=1, max_size=1),
    st.one_of(st.just(()), st.tuples(numbers, numbers)),
    sizes,
    st.booleans(),
    st.booleans(),
)
def test_any_numbers_fit_any_size(heights, way, slope, lowest, size, fog, ascii_only):
    view = replace(
        RIDGE,
        x=[float(i) for i in range(len(heights))],
        heights=[heights],
        trail=Trail("t", [x for x, _ in way], [], [loss for _, loss in way]),
        slope=tuple(slope),
        lowest=lowest,
        fog=fog,
    )
    grid = ridge(view, *size, Palette(ascii=ascii_only))
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
