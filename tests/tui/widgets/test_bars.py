"""Bars left and right of zero."""

from drawn import BARS, Bare, lines_of, numbers, sizes
from foghill.engine.protocol.pictures import Bars
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import bars
from foghill.tui.widgets.picture import PicturePanel
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

PENS = Palette()


def test_negative_bars_go_left_and_positive_ones_right():
    lines = bars.draw(BARS, 62, 3, Palette(ascii=True)).text().split("\n")
    assert lines[0].split()[:2] == ["age", "-2"]
    assert lines[0].index("#") < lines[0].index("|")
    assert lines[1].index("#") > lines[1].index("|")
    assert lines[1].count("#") == 2 * lines[0].count("#")


def test_eighths_of_a_cell_count():
    low = bars.draw(Bars("w", ("a", "b"), [8.0, 4.0]), 60, 2, PENS)
    high = bars.draw(Bars("w", ("a", "b"), [8.0, 4.1]), 60, 2, PENS)
    assert low.rows[1] != high.rows[1]


def test_bars_that_do_not_fit_are_on_further_pages():
    many = Bars("w", tuple(f"n{i}" for i in range(10)), [float(i) for i in range(10)])
    assert bars.draw(many, 40, 4, PENS, 1).text().lstrip().startswith("n4")
    assert bars.first_of(3, 10, 4) == 0


def test_the_words_begin_with_the_largest():
    assert bars.words(BARS) == "weights: bmi 4, age -2, bias 0.5."
    empty = Bars("w", (), [])
    assert "no weights" in bars.draw(empty, 40, 5, PENS).text()
    assert bars.words(empty) == "w: nothing to show."


SLOPED = Bars(
    "weights", ("a", "b", "c"), [2.0, -2.0, 1.0],
    (("w", 0), ("w", 1), ("w", 2)), [0.5, 0.25, 0.0],
)  # fmt: skip


def test_arrows_go_against_the_gradient_the_longer_the_steeper():
    plain, sloped = replace(SLOPED, gradients=[]), SLOPED
    assert not set(bars.draw(plain, 60, 3, PENS).text()) & set("◂▸")
    lines = bars.draw(sloped, 60, 3, PENS).text().split("\n")
    heads = [line.index("◂") for line in lines[:2]]
    assert heads[0] > lines[0].index("│")  # over the bar, towards zero
    assert heads[1] < lines[1].index("│")  # away from it
    assert lines[0].count("─") > lines[1].count("─")
    assert not set(lines[2]) & set("◂▸")  # no slope, no arrow
    assert [line.split()[-1] for line in lines] == ["+0.5", "+0.25", "0"]
    up = replace(SLOPED, gradients=[-0.5, -0.5, -0.5])
    assert "▸" in bars.draw(up, 60, 3, PENS).text()
    assert ">" in bars.draw(up, 60, 3, Palette(ascii=True)).text()
    assert bars.title(sloped, PENS) == "weights · arrows downhill, longest: 0.5 (max so far)"
    assert bars.words(sloped).endswith("Gradients: a 0.5, b 0.25, c 0.")


def test_arrows_shorten_as_the_slope_does():
    start = bars.scaled(SLOPED, 0.0)
    assert start.steepest == 0.5
    later = bars.scaled(replace(SLOPED, gradients=[0.05, -0.0001, 0.0]), start.steepest)
    assert "longest: 0.5 (max so far)" in bars.title(later, PENS)
    lines = [bars.draw(view, 80, 3, PENS).text().split("\n") for view in (start, later)]
    assert lines[0][0].count("─") > lines[1][0].count("─") == 0
    assert bars.words(later).endswith("Gradients: a 0.05, b -1e-4, c 0.")


async def test_the_panel_remembers_the_steepest_until_the_run_starts_again():
    panel = PicturePanel()
    app = Bare(panel)
    async with app.run_test(size=(80, 12)) as pilot:
        panel.request("weights")
        panel.show(SLOPED)
        panel.show(replace(SLOPED, gradients=[0.05, 0.0, 0.0]))
        await pilot.pause()
        assert "longest: 0.5 (max so far)" in lines_of(app)[0]
        panel.forget()
        panel.show(replace(SLOPED, gradients=[0.05, 0.0, 0.0]))
        await pilot.pause()
        assert "longest: 0.05 (max so far)" in lines_of(app)[0]


def test_the_cursor_marks_its_bar_and_brings_its_page():
    lines = bars.draw(replace(SLOPED, at=1), 60, 3, PENS).text().split("\n")
    assert [line.startswith("▸") for line in lines] == [False, True, False]
    lines = bars.draw(replace(SLOPED, at=2), 60, 2, PENS).text().split("\n")
    assert lines[0].startswith("▸ c")


def test_bars_on_further_pages_are_counted():
    assert [bars.below(SLOPED, 60, 2, page) for page in (0, 1)] == [1, 0]
    assert bars.below(replace(SLOPED, at=2), 60, 2, 0) == 0
    assert bars.below(SLOPED, 60, 3, 0) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=9), numbers), max_size=12),
    st.integers(0, 5),
    sizes,
    st.booleans(),
)
def test_any_numbers_fit_any_size(pairs, page, size, ascii_only):
    names, values = tuple(name for name, _ in pairs), [value for _, value in pairs]
    places = tuple(("w", i) for i in range(len(pairs)))
    view = Bars("w", names, values, places, values[::-1], page - 1)
    grid = bars.draw(view, *size, Palette(ascii=ascii_only), page)
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert bars.words(view)
