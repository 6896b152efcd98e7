"""Curves in words."""

from foghill.engine.protocol.views import Curve, Line, Mark
from foghill.tui.draw.curve_words import bin_of, line_in_words, readout

FINE = Line("loss", [1, 2, 3], [3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [4])
EXACT = 0.123456789


def test_a_value_of_a_single_step_is_read_out_exactly():
    line = Line("loss", [7], [EXACT], [EXACT], [EXACT], [])
    curve = Curve(0, 10, 1, (line,), (Mark(7, "lr 0.1 → 0.2"),))
    assert readout(curve, 7, {}) == "step 7 · loss 0.123456789 · lr 0.1 → 0.2"


def test_a_bin_shows_its_range_until_the_exact_value_is_there():
    line = Line("loss", [8], [0.1], [0.2], [0.3], [])
    curve = Curve(0, 100, 8, (line,))
    assert bin_of(curve, 13) == (8, 15)
    assert readout(curve, 13, {}) == "steps 8–15 · loss 0.1 to 0.3"
    assert readout(curve, 13, {"loss": (8, EXACT)}) == (
        "steps 8–15 · loss 0.123456789 at 8 (0.1 to 0.3)"
    )


def test_a_broken_value_is_named():
    assert readout(Curve(0, 9, 1, (FINE,)), 4, {}) == "step 4 · loss not finite at 4"


def test_a_line_says_where_it_began_ended_and_was_lowest():
    assert line_in_words(FINE) == (
        "loss: 3 at step 1, 1 at step 3, lowest 1 near step 3. "
        "Not finite from step 4 on, in 1 places."
    )
    assert line_in_words(Line("x", [], [], [], [], [])) == "x: nothing measured here."
