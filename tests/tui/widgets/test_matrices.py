"""Weight matrices as numbers or shades, with a cursor."""

from foghill.engine.protocol.pictures import Matrix
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets.matrices import draw_matrices
from msgspec.structs import replace
from networks import PLANAR

PENS = Palette()
WIDE = replace(
    PLANAR,
    matrices=(Matrix("big.weight", [[(-1.0) ** j * j for j in range(64)]] * 30),),
)


def test_small_ones_are_numbers_with_their_biases():
    rows = draw_matrices(PLANAR, 60, 8, PENS).text().split("\n")
    assert rows[0].startswith("1.weight 3×2")
    assert [row.split() for row in rows[1:4]] == [
        ["+1", "-0.5", "+0.1"],
        ["+0.25", "+0", "-0.2"],
        ["-1", "+0.5", "+0.3"],
    ]


def test_the_cursor_chooses_the_matrix_and_is_read_out():
    rows = draw_matrices(replace(PLANAR, at=10), 60, 8, PENS).text().split("\n")
    assert rows[0].startswith("3.weight 1×3")
    assert rows[1].split() == ["+2", "▸", "-1", "+0.5", "-0.4"]
    assert rows[-1] == "3.weight[0,1] = -1"


def test_large_ones_are_shades_and_signs():
    rows = draw_matrices(WIDE, 60, 12, PENS).text().split("\n")
    assert {"+", "−"} <= set(rows[1])
    rows = draw_matrices(WIDE, 70, 12, Palette(ascii=True)).text().split("\n")
    assert "-" in rows[1]
    assert all(sign.isascii() for row in rows[1:-1] for sign in row)
    assert "X" in draw_matrices(replace(WIDE, at=200), 60, 12, PENS).text()
