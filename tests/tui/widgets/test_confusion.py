"""The confusion matrix, and the mistakes where it does not fit."""

from drawn import CONFUSION, sizes
from foghill.engine.protocol.pictures import Confusion
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import confusion
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()
TEN = Confusion(tuple("0123456789"), [[9 if i == j else int(i < j) for j in range(10)]
                                      for i in range(10)], "held out")  # fmt: skip


def test_counts_stand_by_target_and_prediction():
    lines = confusion.draw(CONFUSION, 60, 8, PENS).text().split("\n")
    assert lines[0].split() == ["cat", "dog"]
    assert lines[1].split() == ["cat", "8", "2"] or lines[2].split() == ["cat", "8", "2"]
    assert "85.0 % right" in "\n".join(lines)


def test_names_are_whole_where_there_is_room():
    view = Confusion(("alike", "different"), [[30, 4], [2, 40]], "train")
    assert confusion.draw(view, 60, 8, PENS).text().split("\n")[0].split() == ["alike", "different"]


def test_the_diagonal_is_bold_and_zero_is_a_dot():
    view = Confusion(("a", "b"), [[3, 0], [0, 2]], "train")
    grid = confusion.draw(view, 40, 5, PENS)
    assert {cell.glyph for row in grid.rows[1:3] for cell in row if cell.ink.bold} >= {"3", "2"}
    assert grid.text().split("\n")[1].count("·") == 1


def test_where_the_matrix_has_no_room_the_commonest_mistakes_stand():
    view = Confusion(("cat", "dog", "cow"), [[8, 2, 0], [1, 9, 4], [0, 0, 5]], "held out")
    lines = confusion.draw(view, 30, 4, PENS).text().split("\n")
    assert lines[0] == "75.9 % right"
    assert lines[1].split() == ["4", "dog", "taken", "for", "cow"]


def test_further_mistakes_are_on_further_pages():
    first = confusion.draw(TEN, 40, 8, PENS, 0).text()
    second = confusion.draw(TEN, 40, 8, PENS, 1).text()
    assert first.split("\n")[0] == second.split("\n")[0]
    assert first != second


def test_the_words_count_and_name_the_mistakes():
    assert confusion.words(CONFUSION) == (
        "17 of 20 held out examples right (85.0 %). "
        "Commonest mistakes: cat taken for dog 2 times, dog taken for cat 1 times."
    )
    empty = Confusion(("a",), [[0]], "train")
    assert "nothing classified" in confusion.draw(empty, 40, 5, PENS).text()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 10**9), max_size=13), max_size=13),
    st.lists(st.text(max_size=9), max_size=13).map(tuple),
    st.integers(0, 9),
    sizes,
    st.booleans(),
)
def test_any_counts_fit_any_size(counts, classes, page, size, ascii_only):
    view = Confusion(classes, counts, "train")
    grid = confusion.draw(view, *size, Palette(ascii=ascii_only), page)
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert confusion.words(view)
    assert confusion.title(view, PENS)
