"""The widget that holds cells: only what changed is repainted."""

from drawn import Bare, lines_of
from foghill.tui.draw.grid import Cell, Grid, Ink
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets.cells import CellsWidget, Slice, changed_ranges, strip_of
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.geometry import Region


class Words(CellsWidget):
    """Shows its words, one a row."""

    words: tuple[str, ...] = ("first", "second")

    def drawn(self, width: int, height: int) -> Grid:
        grid = Grid(width, height)
        for y, word in enumerate(self.words):
            grid.put(0, y, word)
        return grid


def row(text: str) -> list[Cell]:
    grid = Grid(12, 1)
    grid.put(0, 0, text)
    return grid.rows[0]


def test_equal_rows_have_no_changes_and_close_changes_are_joined():
    assert changed_ranges(row("abcdefgh"), row("abcdefgh")) == []
    assert changed_ranges(row("abcdefgh"), row("Xbcdefgh")) == [(0, 1)]
    assert changed_ranges(row("abcdefghij"), row("XbcYefghiZ")) == [(0, 4), (9, 10)]


def test_a_change_holds_wide_characters_whole():
    assert changed_ranges(row("ab数c"), row("abxyc")) == [(2, 4)]
    assert changed_ranges(row("abxyc"), row("ab数c")) == [(2, 4)]


@given(st.text(max_size=12), st.text(max_size=12))
def test_applying_the_changes_gives_the_new_row(before, after):
    shown, wanted = row(before), row(after)
    for start, end in changed_ranges(shown, wanted):
        shown[start:end] = wanted[start:end]
    assert shown == wanted


def test_neighbours_of_one_ink_share_a_segment():
    cells = [Cell("a", Ink("#ff0000")), Cell(" "), Cell("b", Ink("#ff0000")), Cell("c")]
    strip = strip_of(cells, Style())
    assert [segment.text for segment in strip] == ["a b", "c"]
    assert strip.cell_length == 4


async def test_the_grid_is_on_the_screen():
    app = Bare(Words())
    async with app.run_test(size=(30, 4)):
        assert lines_of(app)[:2] == ["first", "second"]


async def test_only_the_slice_that_changed_is_repainted(monkeypatch):
    widget = Words()
    app = Bare(widget)
    async with app.run_test(size=(60, 4)) as pilot:
        repainted: list[tuple[Region, ...]] = []
        monkeypatch.setattr(Slice, "refresh", lambda self, *parts, **_: repainted.append(parts))
        widget.words = ("first", "seXond")
        widget.redraw()
        assert repainted == [(Region(2, 1, 1, 1),)]
        widget.redraw()
        assert len(repainted) == 1
        monkeypatch.undo()
        widget.redraw()
        widget.refresh()
        await pilot.pause()
        assert lines_of(app)[1] == "seXond"


async def test_a_resize_draws_at_the_new_size():
    widget = Words()
    app = Bare(widget)
    async with app.run_test(size=(30, 4)) as pilot:
        for size in ((1, 1), (3, 1), (120, 40), (30, 4)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert lines_of(app)[0] == "first"[: size[0]]


async def test_in_ascii_nothing_else_reaches_the_terminal():
    widget = Words(ascii=True)
    widget.words = ("naïve → 数x", "…")
    app = Bare(widget)
    async with app.run_test(size=(30, 4)):
        assert all(line.isascii() for line in lines_of(app))
        assert lines_of(app)[0].endswith("x")


async def test_a_title_is_set_only_when_it_differs(monkeypatch):
    widget = Words(palette=Palette())
    app = Bare(widget)
    async with app.run_test(size=(30, 4)):
        widget.set_title("[loss]")
        assert widget._border_title.plain == "[loss]"
        repaints: list[object] = []
        monkeypatch.setattr(widget, "refresh", lambda *a, **k: repaints.append(a))
        widget.set_title("[loss]")
        assert repaints == []
