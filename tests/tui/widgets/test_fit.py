"""A fit: the curve through points, whose range stays whatever the curve does."""

import math

from drawn import FIT, numbers, sizes
from foghill.engine.protocol.pictures import Fit
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import fit
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()


def test_points_curve_and_axes_are_drawn():
    text = fit.draw(FIT, 60, 14, PENS).text()
    assert text.count("●") == 3
    assert text.count("○") == 1
    assert any(0x2800 < ord(glyph) <= 0x28FF for glyph in text)
    assert text.split("\n")[-1].split()[0] == "0"


def test_a_curve_that_runs_away_leaves_the_range_alone():
    calm = Fit("t", "h", FIT.points, FIT.held_out, (("model", [0.0, 3.0], [1.0, 2.0]),))
    wild = Fit("t", "h", FIT.points, FIT.held_out, (("model", [0.0, 3.0], [-1e300, math.inf]),))

    def labels(view: Fit) -> list[str]:
        return [line.split("┤")[0] for line in fit.draw(view, 60, 14, PENS).text().split("\n")[:12]
                if "┤" in line]  # fmt: skip

    assert labels(calm) == labels(wild) != []


def test_nothing_is_said_in_words():
    empty = Fit("t", "h", ([], []), ([], []), ())
    assert "no points" in fit.draw(empty, 40, 5, PENS).text()
    assert fit.words(empty) == "h of t: 0 points."


def test_the_words_give_the_curve_at_some_places():
    assert "3 points and 1 held out" in fit.words(FIT)
    assert "4 at 0" in fit.words(FIT)


pairs = st.lists(numbers, max_size=5).flatmap(
    lambda xs: st.tuples(st.just(xs), st.lists(numbers, min_size=len(xs), max_size=len(xs)))
)


@settings(max_examples=60, deadline=None)
@given(pairs, pairs, pairs, sizes, st.booleans())
def test_any_numbers_fit_any_size(points, held_out, line, size, ascii_only):
    view = Fit("x", "数", points, held_out, (("model", *line),))
    grid = fit.draw(view, *size, Palette(ascii=ascii_only))
    assert [len(row) for row in grid.rows] == [size[0]] * size[1]
    assert fit.words(view)
    assert fit.title(view, PENS)


def test_the_experiments_own_range_wins_over_that_of_the_points():
    view = Fit("t", "h", FIT.points, FIT.held_out, FIT.lines, (-300.0, 200.0))
    text = fit.draw(view, 60, 20, PENS).text()
    assert "-300" in text
    assert "200" in text


def test_the_axis_ends_where_the_curve_does():
    line = ("model", [0.0, 20.0], [1.0, 2.0])
    view = Fit("t", "h", ([0.0, 20.0], [1.0, 2.0]), ([], []), (line,))
    rows = fit.draw(view, 60, 14, PENS).text().split("\n")
    assert any(row.split("┤")[-1].lstrip("│").startswith("●") for row in rows)


def test_other_lines_are_dotted_and_named():
    line = [float(x) for x in range(20)]
    view = Fit(
        "t", "h", ([0.0], [0.0]), ([], []), (("model", line, line), ("start", line, [3.0] * 20))
    )
    assert "start ⠐⠐" in fit.title(view, PENS)
    assert "The curve start: 3 at 0" in fit.words(view)


def test_the_line_at_its_best_is_drawn_in_crosses_and_named():
    across = [0.0, 1.0, 2.0, 3.0] * 4
    view = Fit(
        "t", "h", FIT.points, FIT.held_out,
        (("model", [0.0, 3.0], [1.0, 2.0]), ("best, step 7", across, [2.0] * 16),
         ("start", across, [1.0] * 16)),
    )  # fmt: skip
    assert "+" in fit.draw(view, 60, 14, PENS).text()
    assert "best, step 7 +" in fit.title(view, PENS)
    assert "The curve best, step 7" in fit.words(view)


def test_many_held_out_points_lie_under_the_curve_as_small_rings():
    xs = [i / 50 for i in range(150)]
    view = Fit("t", "h", FIT.points, (xs, [1.0] * 150), FIT.lines)
    text = fit.draw(view, 60, 14, PENS).text()
    assert PENS.signs.ring_small in text
    assert PENS.signs.ring not in text
