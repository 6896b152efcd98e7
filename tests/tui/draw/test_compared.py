"""The chart of a comparison: one line each, told apart by signs."""

import math

import pytest
from drawn import sizes
from foghill.engine.protocol.views import Curve, Line
from foghill.tui.draw.compared import (
    apart,
    compared_chart,
    labels_beside,
    place_of,
    relabelled,
    sign_of,
)
from foghill.tui.draw.curve import Look
from foghill.tui.draw.palette import Palette
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()
LEGEND = (("loss", "this run"), ("loss · lr 0.3", "lr 0.3"), ("loss · lr 9", "lr 9"))


def line(name: str, values: list[float], broken: tuple[int, ...] = ()) -> Line:
    steps = list(range(len(values)))
    return Line(name, steps, values, values, values, list(broken))


OWN = line("loss", [1 / (1 + i) for i in range(100)])
SLOW = line("loss · lr 0.3", [1.0 - i / 400 for i in range(100)])
WILD = line("loss · lr 9", [10.0**i for i in range(30)], (30,))
CURVE = Curve(0, 99, 1, (OWN, SLOW, WILD))


def chart(width: int = 80, height: int = 16, pens: Palette = PENS, **look: object) -> str:
    look = {"log": True, "legend": LEGEND} | look
    return compared_chart(CURVE, Look(0, 100, **look), width, height, pens)[0].text()  # type: ignore[arg-type]


@pytest.mark.parametrize("pens", [PENS, Palette(ascii=True)])
def test_no_two_of_seventeen_signs_are_alike(pens: Palette):
    assert len({sign_of(i, pens) for i in range(17)}) == 17


def test_every_line_has_its_sign_its_last_value_and_its_label():
    text = chart()
    ends = [row[60:] for row in text.split("\n")]
    assert any("●0.01" in end and "this run" in end for end in ends)
    assert any("▲0.7525" in end and "lr 0.3" in end for end in ends)
    assert text.count("●") > 1
    assert text.count("▲") > 1


def test_a_line_that_explodes_leaves_the_others_their_room():
    _, bounds = compared_chart(CURVE, Look(0, 100, log=True, legend=LEGEND), 80, 16, PENS)
    assert bounds is not None
    assert bounds[1] < 3  # of log10; the wild line goes to 29
    assert "×" in chart()


def test_held_out_lines_have_a_mark_at_their_lowest():
    legend = (("valid_loss", "this run"), ("valid_loss · b", "b"))
    lines = (
        line("valid_loss", [abs(i - 25) + 1.0 for i in range(100)]),
        line("valid_loss · b", [abs(i - 75) + 1.0 for i in range(100)]),
    )
    look = Look(0, 100, legend=legend)
    grid, _ = compared_chart(Curve(0, 99, 1, lines), look, 80, 16, PENS)
    place = place_of(80, 16, [label for _, label in legend])
    marked = sorted(x for row in grid.rows for x, cell in enumerate(row) if cell.glyph == "◆")
    shares = [(x - place.x) / place.width for x in marked]
    assert shares == pytest.approx([0.25, 0.75], abs=0.03)


def test_labels_go_where_there_is_no_room():
    labels = [label for _, label in LEGEND]
    assert labels_beside(80, 16, labels)
    assert not labels_beside(40, 16, labels)
    assert not labels_beside(80, 2, labels)
    assert "lr 0.3" not in chart(width=40)
    assert "more" in chart(height=2)


def test_labels_are_cut_so_that_they_can_be_told_apart():
    assert apart(["this run", "lr 0.3", "lr 9"], 13) == ["this run", "lr 0.3", "lr 9"]
    two = ["temperature_scale 0.1", "temperature_scale 0.2"]
    assert apart(two, 13) == ["temperat 0.1", "temperat 0.2"]
    four = [f"dropout {d} shift {s} decay 1" for d in (0, 0.5) for s in (0, 1)]
    assert len(set(apart(four, 13))) == 4
    assert max(map(len, apart(four, 13))) <= 13
    assert apart(["this run", "dropout 0.5 shift 0", "dropout 0.5 shift 1"], 13)[0] == "this run"
    assert apart(two, 2) == ["t…", "t…"]  # no room at all


def test_in_words_series_have_the_labels_of_the_legend():
    assert [line.name for line in relabelled(CURVE, LEGEND).lines] == ["this run", "lr 0.3", "lr 9"]


@settings(deadline=None)
@given(sizes, st.booleans(), st.booleans(), st.lists(st.floats(), max_size=30))
def test_any_size_and_any_numbers_will_do(
    size: tuple[int, int], log: bool, ascii: bool, values: list[float]
):
    finite = [v for v in values if math.isfinite(v)]
    curve = Curve(0, 99, 1, (line("loss", finite), SLOW))
    look = Look(0, 100, log=log, legend=LEGEND, cursor=3, readout="step 3")
    grid, _ = compared_chart(curve, look, *size, Palette(ascii=ascii))
    assert (grid.width, grid.height) == size
