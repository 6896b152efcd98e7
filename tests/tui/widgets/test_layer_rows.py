"""Layers as rows: the columns that fit, the healthy ratio marked, totals true."""

from foghill.engine.protocol.pictures import Layer
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets.layer_rows import draw_layers, last_first, total
from msgspec.structs import replace
from networks import LARGE, PLANAR

PENS = Palette()


def test_a_row_has_the_layers_numbers():
    rows = draw_layers(PLANAR, 118, 12, PENS).text().split("\n")
    assert rows[0].split()[:8] == ["layer", "kind", "out", "par.", "w", "std", "mean", "spread"]
    assert rows[2].split()[:9] == ["1", "Linear", "2→3", "n×3", "9", "0.4", "0.2", "1.5", "0.01"]
    assert "33 %" in rows[3]
    assert rows[6] == "13 parameters"
    assert "healthy near −3" in rows[-1]


def test_the_ratio_says_whether_it_is_healthy_without_colour():
    text = draw_layers(PLANAR, 78, 12, PENS).text()
    assert "-3.2" in text.split()
    assert "-1.1↑" in text
    slow = replace(PLANAR, layers=(Layer("a", "Linear 1→1", "n×1", 2, ratio=-5.0),))
    assert "-5.0↓" in draw_layers(slow, 78, 12, PENS).text()


def test_the_gauge_marks_three_and_the_layer():
    row = draw_layers(PLANAR, 118, 12, PENS).text().split("\n")[4]
    assert row.index("│") < row.index("●")
    small = draw_layers(PLANAR, 60, 12, PENS).text()
    assert "●" not in small


def test_what_matters_most_stays_where_room_is_short():
    headings = draw_layers(PLANAR, 40, 12, PENS).text().split("\n")[0].split()
    assert headings[:2] == ["layer", "kind"]
    assert "Δ/w" in headings
    assert "mean" not in headings


def test_more_layers_than_rows_are_scrolled_to():
    assert last_first(PLANAR, 20) == 0
    last = last_first(LARGE, 20)
    assert last == 40 - 17
    assert "layers 1 to 17 of 40 ↓ 1,477,120" in draw_layers(LARGE, 118, 20, PENS).text()
    text = draw_layers(LARGE, 118, 20, PENS, last).text()
    assert "layers 24 to 40 of 40 1,477,120" in text
    assert "block39.conv" in text
    assert total(LARGE) == "1,477,120 parameters, 36,928 of them frozen"


def test_notes_stand_whole_on_lines_of_their_own_where_one_is_too_narrow():
    view = replace(PLANAR, notes=("no room for its neurons: z, or a larger terminal",))
    rows = draw_layers(view, 53, 12, PENS).text().split("\n")
    assert rows[-2] == view.notes[0]
    assert rows[-1].startswith("Δ/w is log10 of update to weight")
    assert draw_layers(view, 53, len(view.layers) + 3, PENS).text().endswith(view.notes[0])


def test_what_is_not_known_is_not_made_up():
    bare = replace(PLANAR, layers=(Layer("w", "Model", "", 3),), notes=("outputs are not shown",))
    rows = draw_layers(bare, 118, 8, PENS).text().split("\n")
    assert rows[1].split()[:4] == ["w", "Model", "3", "–"]
    assert rows[-1].startswith("outputs are not shown; ")
