"""A table on the screen: columns that line up, marked rows, notes, scrolling, a chosen row."""

import pytest
from drawn import Bare, lines_of, sizes
from foghill.engine.protocol.pictures import Table
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import table
from foghill.tui.widgets.picture import PicturePanel
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()
SMALL = Table(
    "gradients",
    ("parameter", "autograd", "note"),
    (("w", "-1.5", "down"), ("bias", "0.25", ""), ("c", "nan", "not known")),
    notes=("They agree.",),
    marked=(1,),
)


def long(first: int = 0, count: int = 40, total: int = 0, at: int = -1) -> Table:
    rows = tuple((str(i), f"row {i}") for i in range(first, first + count))
    return Table("steps", ("n", "what"), rows, ("end of it",), first=first, total=total, at=at)


def test_numbers_stand_right_words_left_and_a_sign_marks_a_row():
    assert table.draw(SMALL, 60, 8, PENS).text().rstrip().split("\n") == [
        "  parameter  autograd  note",
        "  w              -1.5  down",
        "◆ bias           0.25",
        "  c               nan  not known",
        "  They agree.",
    ]


def test_words_are_cut_before_the_last_columns_go_and_it_says_which():
    lines = table.draw(SMALL, 29, 8, PENS).text().split("\n")
    assert lines[0] == "  parameter autograd note"
    assert lines[3] == "  c              nan not kno…"
    narrow = table.draw(SMALL, 22, 8, PENS).text()
    assert narrow.split("\n")[0] == "  parameter  autograd"
    assert "not shown for want\n  of room: note" in narrow


def test_what_a_row_is_of_is_cut_last():
    view = Table("t", ("", "value"), (("0.weight[1,0]", "1"), ("0.weight[2,0]", "2")))
    assert table.draw(view, 22, 4, PENS).text().split("\n")[1] == "  0.weight[1,0]      1"


def test_more_rows_than_fit_scroll_and_notes_stay_in_sight():
    lines = table.draw(long(), 40, 12, PENS).text().split("\n")
    assert lines[1].split() == ["0", "row", "0"]
    assert lines[-2:] == ["  rows 1 to 9 of 40", "  end of it"]
    assert table.last(long(), 40, 12) == 31
    end = table.draw(long(), 40, 12, PENS, 99).text().split("\n")
    assert end[1].split() == ["31", "row", "31"]
    assert end[-2] == "  rows 32 to 40 of 40"


def test_many_notes_scroll_after_the_rows():
    view = Table("t", ("n",), (("1",), ("2",)), tuple(f"note {i}" for i in range(9)))
    last = table.last(view, 40, 6)
    assert "note 8" not in table.draw(view, 40, 6, PENS).text()
    assert table.draw(view, 40, 6, PENS, last).text().split("\n")[-1] == "  note 8"


def test_a_window_onto_more_is_drawn_where_it_belongs():
    view = long(first=100, count=20, total=1000)
    lines = table.draw(view, 40, 12, PENS, 105).text().split("\n")
    assert lines[1].split() == ["105", "row", "105"]
    assert lines[-2] == "  rows 106 to 114 of 1000"
    assert table.last(view, 40, 12) == 991


def test_a_chosen_row_is_kept_in_sight():
    lines = table.draw(long(total=40, at=20), 40, 12, PENS).text().split("\n")
    assert [line for line in lines if line.startswith("▸")] == ["▸ 20  row 20"]
    assert table.last(long(total=40, at=20), 40, 12) == 39


def test_notes_that_find_no_room_beneath_a_chosen_row_come_after_the_last_one():
    notes = tuple(f"note {i}" for i in range(6))
    view = Table("t", ("n",), (("1",), ("2",)), notes, total=2, at=1)
    assert table.draw(view, 40, 6, PENS, 1).text().split("\n")[3:] == [
        f"  note {i}" for i in range(3)
    ]
    assert (table.last(view, 40, 6), table.below(view, 40, 6, 1)) == (4, 3)
    assert table.draw(view, 40, 6, PENS, 4).text().split("\n")[3:] == [
        f"  note {i}" for i in range(3, 6)
    ]
    assert table.below(view, 40, 6, 4) == 0


def test_what_is_further_down_is_counted():
    view = Table("t", ("n",), (("1",), ("2",)), tuple(f"note {i}" for i in range(9)))
    assert [table.below(view, 40, 6, page) for page in (0, 2, 6)] == [6, 4, 0]
    assert table.below(SMALL, 60, 8, 0) == 0


async def test_arrows_scroll_by_rows_and_pages_and_stop_at_the_end():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(40, 13)) as pilot:
        panel.request("steps")
        panel.show(long())
        panel.move_rows(1)
        await pilot.pause()
        assert lines_of(app)[2].split() == ["1", "row", "1"]
        panel.page(1)
        panel.page(99)
        panel.page(-1)
        await pilot.pause()
        assert lines_of(app)[2].split() == ["22", "row", "22"]
        assert app.heard == []


async def test_a_table_with_more_behind_it_asks_for_the_row_it_is_at():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(40, 13)) as pilot:
        panel.request("steps")
        panel.show(long(total=1000))
        panel.move_rows(2)
        await pilot.pause()
        assert len(app.heard) == 1
        assert panel.request("steps").index == 2
        panel.show(long(total=40, at=2))
        panel.page(99)
        assert panel.request("steps").index == 39


def test_the_words_begin_with_the_marked_rows():
    assert table.words(SMALL) == (
        "gradients: marked: parameter bias, autograd 0.25. "
        "parameter w, autograd -1.5, note down. "
        "parameter c, autograd nan, note not known. They agree."
    )
    assert "32 more rows." in table.words(long())


def test_an_empty_table_says_its_notes():
    empty = Table("steps", ("n",), (), ("no step was taken yet",))
    said = " ".join(table.draw(empty, 40, 5, PENS).text().split())
    assert said == "no step was taken yet"  # the caption above has its title


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.tuples(
            st.tuples(*[st.text(max_size=12)] * n),
            st.lists(st.tuples(*[st.text(max_size=20)] * n), max_size=12),
        )
    ),
    st.lists(st.text(max_size=200), max_size=3),
    st.integers(-1, 20),
    st.integers(0, 30),
    sizes,
    st.booleans(),
)
def test_any_table_fits_any_size(content, notes, at, page, size, ascii_only):
    columns, rows = content
    view = Table("t", columns, tuple(rows), tuple(notes), marked=(0,), at=at)
    grid = table.draw(view, *size, Palette(ascii=ascii_only), page)
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert table.words(view)
    assert table.last(view, *size) >= 0
    assert table.below(view, *size, page) >= 0


@pytest.mark.parametrize("word", ["12", "-1.5", "1e-05", "3.2 ms", "95 %", "–", "nan", "1,797", ""])
def test_what_counts_as_a_number(word):
    view = Table("t", ("a", "wide number"), (("x", word), ("y", "7")))
    assert table.draw(view, 40, 4, PENS).text().split("\n")[2] == "  y            7"
