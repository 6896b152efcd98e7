"""A field: classes by colour and by character, or a surface by shade."""

from dataclasses import replace as with_

from drawn import FIELD, SURFACE, numbers, sizes
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import field
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()


def test_classes_differ_without_colour():
    text = field.draw(FIELD, 40, 12, with_(PENS, colour=False)).text()
    rows = [line[8:] for line in text.split("\n")[:10]]
    assert rows[7].startswith("··")
    assert rows[7].rstrip().endswith("++")


def test_uncertain_ground_stays_empty_without_colour_and_pale_with_it():
    bare = field.draw(FIELD, 40, 12, with_(PENS, colour=False))
    assert bare.rows[0][-1].glyph == " "
    tinted = field.draw(FIELD, 40, 12, PENS)
    assert tinted.rows[0][-1].ink.back != tinted.rows[9][-1].ink.back


def test_points_have_a_sign_for_each_class_and_held_out_ones_are_hollow():
    text = field.draw(FIELD, 40, 12, PENS).text()
    assert text.count("●") == 1
    assert text.count("▲") == 1
    assert text.count("△") == 1
    assert "in ●" in field.title(FIELD, PENS)


def test_small_changes_of_certainty_change_no_cell():
    surer = replace(FIELD, certainty=[[0.91, 0.6], [0.9, 0.99]])
    assert field.draw(FIELD, 40, 12, PENS).rows == field.draw(surer, 40, 12, PENS).rows


def test_a_surface_is_denser_where_it_is_higher():
    text = field.draw(SURFACE, 20, 4, Palette(ascii=True)).text().split("\n")
    assert text[3][-1] == "@"
    assert text[0].strip() == "" or text[0][0] == " "
    assert "from 0 to 3" in field.title(SURFACE, PENS)


def test_the_words_are_a_coarse_map():
    assert "in, in, out, out, out." in field.words(FIELD)
    assert "in 50 %" in field.words(FIELD)
    empty = replace(FIELD, values=[])
    assert "nothing" in field.words(empty)
    assert "nothing" in field.draw(empty, 40, 5, PENS).text()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(numbers, max_size=4), max_size=4),
    st.lists(st.lists(numbers, max_size=4), max_size=4),
    st.sampled_from([(), ("a",), ("a", "b", "c")]),
    st.tuples(numbers, numbers),
    st.lists(numbers, max_size=4),
    sizes,
    st.booleans(),
)
def test_any_numbers_fit_any_size(values, certainty, classes, x_range, points, size, ascii_only):
    view = replace(
        FIELD,
        values=values,
        certainty=certainty,
        classes=classes,
        x_range=x_range,
        points=(points, points, points),
    )
    grid = field.draw(view, *size, Palette(ascii=ascii_only))
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert field.words(view)
    assert field.title(view, PENS)
