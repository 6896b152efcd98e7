"""Rows of inked text: fitting, wrapping, and painting only what changed."""

from foghill.tui.app import FoghillApp
from foghill.tui.widgets.rows import (
    Row,
    Rows,
    changed_cells,
    fitted,
    more_lines,
    paragraphs,
    spread,
    width_of,
    wrapped,
)
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region

PIECES = st.lists(
    st.tuples(st.text("ab é漢", max_size=6), st.sampled_from(["", "dim"])), max_size=5
)


@given(PIECES, st.integers(0, 30))
def test_fitted_rows_fit(pieces: list[tuple[str, str]], width: int):
    assert width_of(fitted(tuple(pieces), width)) <= max(width, width_of(tuple(pieces)) * 0)


def test_what_is_cut_says_so():
    assert fitted((("learning", ""), (" rate", "dim")), 10) == (("learning", ""), (" …", "dim"))
    assert fitted((("short", ""),), 10) == (("short", ""),)


def test_the_right_end_goes_where_there_is_no_room():
    assert spread((("ab", ""),), (("c", ""),), 5) == (("ab", ""), ("  ", ""), ("c", ""))
    assert spread((("abcd", ""),), (("ef", ""),), 5) == (("abcd", ""),)


def test_wrapping_says_when_more_was_cut():
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("one two three four", 7, most=2) == ["one two", "three …"]


def test_paragraphs_are_filled_anew_and_layouts_kept():
    text = "See\n  one two\n  three\n\n  - an item\n  - another\n  a  b  c"
    assert paragraphs(text, 40) == [
        "See",
        "  one two three",
        "",
        "  - an item",
        "  - another",
        "  a  b  c",
    ]


def test_lines_of_an_item_stand_under_its_words():
    text = "Try\n  1. one two three four\n     five six\n  10. seven eight nine ten eleven\n\n  end"
    assert paragraphs(text, 22) == [
        "Try",
        "  1. one two three",
        "     four five six",
        "  10. seven eight nine",
        "      ten eleven",
        "",
        "  end",
    ]
    assert paragraphs("  - a line that goes on\nbut not here", 80) == [
        "  - a line that goes on",
        "but not here",
    ]


@given(PIECES, PIECES)
def test_cells_outside_the_change_are_equal(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
):
    old, new = tuple(before), tuple(after)
    changed = changed_cells(old, new)
    if changed is None:
        assert painted(old).rstrip() == painted(new).rstrip()
        return
    first, end = changed
    assert end > first
    assert padded(old, new)[0][:first] == padded(old, new)[1][:first]
    assert padded(old, new)[0][end:] == padded(old, new)[1][end:]


def painted(row: Row) -> str:
    return "".join(text for text, _ in row)


def cells(row: Row) -> list[str]:
    from rich.cells import cell_len

    out: list[str] = []
    for text, _ in row:
        for sign in text:
            out += [sign] + [""] * (cell_len(sign) - 1)
    return out


def padded(old: Row, new: Row) -> tuple[list[str], list[str]]:
    longest = max(len(cells(old)), len(cells(new)))
    both = [cells(row) + [" "] * (longest - len(cells(row))) for row in (old, new)]
    return both[0], both[1]


class OneRow(App[None]):
    def compose(self) -> ComposeResult:
        yield Rows()


async def test_only_changed_cells_are_painted_again():
    app = OneRow()
    async with app.run_test(size=(40, 3)) as pilot:
        rows = app.query_one(Rows)
        rows.paint([(("step ", "dim"), ("100", "")), (("same", ""),)])
        await pilot.pause()
        asked: list[Region] = []
        rows.refresh = lambda *regions, **_: asked.extend(regions)  # type: ignore[method-assign]
        rows.paint([(("step ", "dim"), ("101", "")), (("same", ""),)])
        assert asked == [Region(7, 0, 1, 1)]
        assert rows.text == "step 101\nsame"


async def test_ascii_replaces_signs_one_for_one():
    app = FoghillApp(ascii=True)
    async with app.run_test():
        rows = Rows()
        await app.mount(rows)
        rows.paint([(("▸ a → b · 漢", ""),)])
        assert rows.text == "> a > b - ?"


def test_one_line_is_no_more_lines():
    assert [more_lines(count) for count in (-2, 0, 1, 12)] == [
        "", "", "1 more line ↓", "12 more lines ↓",
    ]  # fmt: skip
