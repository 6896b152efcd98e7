"""The network picture: its sheets, in any size, and in words."""

import pytest
from drawn import sizes
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import network
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from networks import LARGE, PLANAR

PENS = Palette()


def test_a_small_network_begins_with_its_neurons_a_large_one_with_its_layers():
    assert network.sheets(PLANAR, 78, 18) == ("neurons", "layers", "weights")
    assert network.sheets(PLANAR, 54, 2) == ("layers", "weights")
    assert network.sheets(LARGE, 118, 34) == ("layers",)
    assert network.sheet_of(PLANAR, 4, 78, 18) == "layers"


def test_where_there_is_room_the_layers_stand_below_the_neurons():
    assert "par." in network.draw(PLANAR, 118, 34, PENS).text()
    assert "par." not in network.draw(PLANAR, 78, 14, PENS).text()
    assert "par." in network.draw(PLANAR, 78, 14, PENS, network.SHEET).text()
    assert "1.weight 3×2" in network.draw(PLANAR, 78, 14, PENS, 2 * network.SHEET).text()


def test_where_neurons_have_no_room_it_says_so():
    rows = network.draw(replace(PLANAR, columns=(("x",) * 40, ("y",) * 40)), 78, 14, PENS).text()
    assert "no room for its neurons: z, or a larger terminal" in rows
    assert "no room" not in network.draw(PLANAR, 78, 14, PENS, network.SHEET).text()
    assert "no room" not in network.draw(LARGE, 78, 14, PENS).text()


def test_layers_are_scrolled_within_their_sheet():
    assert network.draw(LARGE, 78, 14, PENS, 7).text().split("\n")[1].startswith("block7.conv")


def test_title_and_words_tell_the_same():
    assert network.title(LARGE, PENS) == "network · 1,477,120 parameters, 36,928 of them frozen"
    said = network.words(PLANAR)
    assert said.startswith("13 parameters in 5 layers. 0, Features, gives n×2")
    assert "3, Linear 3→1, gives n×1, 4 parameters, weights spread 0.5" in said
    assert "update to weight 10 to the -1.1" in said
    assert "33 % of its units dead" in said
    empty = replace(PLANAR, layers=())
    assert "no layers" in network.draw(empty, 40, 5, PENS).text()


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(0, 3 * network.SHEET), st.integers(-1, 14), st.booleans(), st.booleans())
def test_any_size_any_sheet(size, page, at, ascii_only, large):
    view = LARGE if large else replace(PLANAR, at=at)
    grid = network.draw(view, *size, Palette(ascii=ascii_only), page)
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]


@pytest.mark.parametrize("pens", [PENS, Palette(ascii=True), Palette(colour=False)])
def test_broken_numbers_are_drawn_all_the_same(pens: Palette):
    nan = float("nan")
    matrix = replace(PLANAR.matrices[0], values=[[nan, 1.0], [2.0, nan], [nan, nan]])
    view = replace(PLANAR, matrices=(matrix, PLANAR.matrices[1]), at=0)
    for page in range(3):
        assert network.draw(view, 78, 18, pens, page * network.SHEET).text().strip()
