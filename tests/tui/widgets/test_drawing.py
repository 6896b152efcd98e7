"""What the experiment's own `view` returned."""

from drawn import DRAWING, numbers, sizes
from foghill.engine.protocol.pictures import Drawing, Plotted, Table
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import drawing
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()


def test_lines_stand_above_maps_each_with_its_name():
    lines = drawing.draw(DRAWING, 60, 16, PENS).text().split("\n")
    assert "wave" in lines[0]
    assert lines[8] == "w 0 to 3"


def test_a_map_keeps_its_shape():
    grid = drawing.draw(Drawing((), (("w", [[0.0, 1.0]] * 2),)), 40, 9, PENS)
    wide = sum(cell.ink.back != "" or cell.ink.colour != "" for cell in grid.rows[1])
    high = sum(row[0].ink.back != "" for row in grid.rows[1:])
    assert wide == 2 * high


def test_maps_that_do_not_fit_are_further_down():
    many = Drawing((), tuple((f"map{i}", [[0.0, 1.0]]) for i in range(4)))
    first = drawing.draw(many, 32, 8, PENS).text()
    assert "map1" in first.split("\n")[0]
    assert "map2" in first.split("\n")[5]
    assert drawing.last(many, 32, 8) == 2
    assert "map2" in drawing.draw(many, 32, 8, PENS, 99).text().split("\n")[3]


def test_entries_stand_in_the_order_they_came():
    view = Drawing(
        lines=(("line", [1.0, 2.0]),),
        maps=(),
        curves=(Plotted("way", [0.0, 1.0], [0.0, 1.0]), Plotted("here", [0.5], [0.25])),
        texts=(("said", "one two three four five six"), ("", "no name")),
        tables=(Table("numbers", ("n", "square"), (("1", "1"), ("2", "4"))),),
        order=("said", "numbers", "way", "here", "line", ""),
    )
    text = drawing.draw(view, 20, 40, PENS).text()
    rows = text.split("\n")
    assert rows[:3] == ["said", "one two three four", "five six"]
    assert rows[4:8] == ["numbers", "  n  square", "  1       1", "  2       4"]
    assert rows[9].strip() == "⠒⠒ way  ▲ here"
    assert text.index("here") < text.index("line") < text.index("no name")
    assert drawing.words(view).startswith("said: one two three four five six numbers: n 1, ")


def test_a_row_of_numbers_is_cut_not_wrapped():
    rows = ("W2·W1 = [+0.123  -0.456]   bias [+0.1  +0.2]", "        [+0.789  +0.012]")
    view = Drawing((), (), texts=(("", "\n".join((*rows, "", "words go on and on and on"))),))
    lines = drawing.draw(view, 30, 8, PENS).text().split("\n")
    assert lines[0] == "W2·W1 = [+0.123  -0.456]   bi…"
    assert drawing.draw(view, 41, 8, PENS).text().split("\n")[0] == (
        "W2·W1 = [+0.123  -0.456] bias [+0.1 +0.2]"  # its gaps closed, as far as was needed
    )
    assert lines[1:5] == [rows[1], "", "words go on and on and on", ""]
    assert drawing.draw(view, 20, 8, PENS).text().split("\n")[3] == "words go on and on"


def test_what_does_not_fit_scrolls_and_says_so():
    view = Drawing((), (), texts=(("said", "\n".join(f"line {i}" for i in range(30))),))
    assert drawing.draw(view, 40, 8, PENS).text().endswith("line 6")
    assert drawing.last(view, 40, 8) == drawing.below(view, 40, 8, 0) == 23
    assert drawing.below(view, 40, 8, 20) == 3
    end = drawing.draw(view, 40, 8, PENS, 23).text().split("\n")
    assert (end[0], end[-1]) == ("line 22", "line 29")


def test_a_single_number_is_a_point():
    assert "●" in drawing.draw(Drawing((("x", [3.0]),), ()), 40, 8, PENS).text()


def test_the_words_give_sizes_and_ranges():
    assert drawing.words(DRAWING) == (
        "wave: 4 values from -1 to 1, the last -1. w: 2 by 2, from 0 to 3."
    )
    assert "nothing" in drawing.draw(Drawing((), ()), 40, 5, PENS).text()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=5), st.lists(numbers, max_size=6)), max_size=3),
    st.lists(
        st.tuples(st.text(max_size=5), st.lists(st.lists(numbers, max_size=4), max_size=4)),
        max_size=3,
    ),
    st.integers(0, 3),
    sizes,
    st.booleans(),
)
def test_any_tensors_fit_any_size(lines, maps, page, size, ascii_only):
    view = Drawing(tuple(lines), tuple(maps))
    grid = drawing.draw(view, *size, Palette(ascii=ascii_only), page)
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert drawing.words(view)
    assert drawing.below(view, *size, page) >= 0
