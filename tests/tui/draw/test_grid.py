"""Grids of cells: writing never leaves the grid, wide characters stay whole."""

from foghill.tui.draw.grid import Cell, Grid, Ink, cells, message, shorten, shorten_list
from hypothesis import given
from hypothesis import strategies as st


@given(
    st.integers(0, 12),
    st.integers(0, 4),
    st.lists(st.tuples(st.integers(-5, 15), st.integers(-2, 6), st.text(max_size=12))),
)
def test_rows_keep_their_width_whatever_is_written(width, height, writes):
    grid = Grid(width, height)
    for x, y, text in writes:
        grid.put(x, y, text)
    assert len(grid.rows) == height
    for row in grid.rows:
        assert len(row) == width
        assert sum(cells(cell.glyph) for cell in row) == width


def test_overwriting_half_of_a_wide_character_blanks_the_other_half():
    grid = Grid(4, 1)
    grid.put(0, 0, "数数")
    grid.put(1, 0, "x")
    assert [cell.glyph for cell in grid.rows[0]] == [" ", "x", "数", ""]


def test_laying_a_grid_lets_the_one_below_through_its_blanks():
    below, above = Grid(3, 1), Grid(3, 1)
    below.put(0, 0, "abc")
    above.put(1, 0, "X", Ink("#ffffff"))
    below.lay(above, 0, 0)
    assert below.text() == "aXc"
    assert below.rows[0][1] == Cell("X", Ink("#ffffff"))


@given(st.text(max_size=20), st.integers(-1, 25))
def test_shortened_text_fits(text, width):
    assert cells(shorten(text, width)) <= max(width, 0)


@given(st.text(max_size=60), st.integers(0, 20), st.integers(0, 5))
def test_a_message_fits_any_size(sentence, width, height):
    grid = message(sentence, width, height)
    assert [len(row) for row in grid.rows] == [width] * height


def test_a_message_is_wrapped_between_words():
    assert message("nothing measured yet", 12, 3).text().split("\n")[0].strip() == "nothing"


def test_what_is_put_on_a_ground_keeps_its_backgrounds():
    grid = Grid(3, 1)
    grid.tint(0, 0, "#111111")
    grid.tint(2, 0, "#222222")
    grid.put_on(0, 0, "abcdef", Ink("#ffffff", "#999999"))
    grid.put_on(0, 5, "outside")
    assert grid.text() == "abc"
    assert [cell.ink.back for cell in grid.rows[0]] == ["#111111", "", "#222222"]


def test_a_list_is_cut_between_its_parts():
    assert shorten_list("a 1 · b -7.5e-6", " · ", 20) == "a 1 · b -7.5e-6"
    assert shorten_list("a 1 · b -7.5e-6", " · ", 12) == "a 1 · …"
    assert shorten_list("a 1 · b 2 · c 3", " · ", 13) == "a 1 · b 2 · …"
    assert shorten_list("abcdef · b", " · ", 5) == "abcd…"
