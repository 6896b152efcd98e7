"""The loss chart: what is drawn where, at any size, whatever the numbers are."""

import math

import pytest
from foghill.engine.protocol.views import Curve, Line, Mark
from foghill.tui.draw.curve import Look, loss_chart, smoothed
from foghill.tui.draw.palette import Palette
from hypothesis import given, settings
from hypothesis import strategies as st

PENS = Palette()


def line(name, values, width=1, first=0, broken=()):
    steps = [first + i * width for i in range(len(values))]
    return Line(name, steps, list(values), list(values), list(values), list(broken))


def chart(*lines, look=None, width=60, height=12, marks=(), bin_width=1, pens=PENS):
    curve = Curve(0, 100, bin_width, lines, tuple(marks))
    return loss_chart(curve, look or Look(0, 100), width, height, pens)


def test_axes_are_labelled_and_the_last_value_stands_at_the_right_edge():
    grid, _ = chart(line("loss", [10 / (i + 1) for i in range(101)]))
    lines = grid.text().split("\n")
    assert lines[-1].split()[0] == "0"
    assert lines[-1].split()[-1] == "100"
    assert lines[0].strip().startswith("10┤")
    assert any(row.endswith("0.09901") for row in lines)


def test_held_out_values_are_rings_with_their_own_last_value():
    grid, _ = chart(line("loss", [1.0] * 100), line("valid_loss", [2.0, 3.0], 50))
    text = grid.text()
    assert text.count("◦") == 3
    assert "◦3" in text


def test_a_log_scale_is_labelled_in_powers_of_ten():
    values = [10.0 ** (4 - i / 10) for i in range(80)]
    grid, bounds = chart(line("loss", values), look=Look(0, 100, log=True))
    assert "10⁴┤" in grid.text()
    assert bounds[1] == pytest.approx(4.0)
    plain, _ = chart(line("loss", values), look=Look(0, 100, log=True), pens=Palette(ascii=True))
    assert "1e4+" in plain.text()
    assert plain.text().isascii()


def test_a_spike_of_one_step_in_a_wide_bin_reaches_its_height():
    steps = [i * 1000 for i in range(100)]
    high = [1.0] * 100
    high[50] = 100.0
    spiky = Line("loss", steps, [1.0] * 100, [1.0] * 100, high, [])
    curve = Curve(0, 100_000, 1000, (spiky,))
    grid, bounds = loss_chart(curve, Look(0, 100_000), 60, 12, PENS)
    assert bounds[1] >= 100.0
    assert any(0x2800 < ord(c.glyph) <= 0x28FF for c in grid.rows[0] if c.glyph)


def test_values_that_are_not_finite_are_marked_and_kept_out_of_the_bounds():
    grid, bounds = chart(line("loss", [1.0, 2.0, math.inf, 1.5], broken=[50]))
    assert grid.text().split("\n")[0].count("×") == 1
    assert bounds[1] <= 5.0


def test_a_turned_knob_is_marked_on_the_axis_and_up_the_canvas():
    grid, _ = chart(line("loss", [1.0, 0.5]), marks=[Mark(40, "lr 1 → 2")])
    assert grid.text().count("◆") == 1
    assert grid.text().count("┊") >= 5


def test_the_cursor_shows_its_column_and_its_words():
    look = Look(0, 100, cursor=30, readout="step 30 · loss 0.5")
    grid, _ = chart(line("loss", [1.0, 0.5] * 20), look=look)
    assert grid.text().split("\n")[-1] == "step 30 · loss 0.5"
    assert "▲" in grid.text()


def test_a_growing_curve_changes_few_cells():
    values = [1.0 + 9 * 0.97**i for i in range(100)]
    before, after = (
        chart(line("loss", values[:n]), look=Look(0, 100, before=(0.0, 10.0)), width=110, height=30)
        for n in (60, 62)
    )
    differ = sum(a != b for x, y in zip(before[0].rows, after[0].rows, strict=True)
                 for a, b in zip(x, y, strict=True))  # fmt: skip
    assert 0 < differ < 25


def test_smoothing_is_an_average_corrected_for_its_start():
    assert smoothed([4.0, 4.0, 4.0], 0.9) == pytest.approx([4.0, 4.0, 4.0])
    w, values = 0.6, [1.0, 5.0, 2.0]
    weights = [(1 - w) * w**2, (1 - w) * w, 1 - w]
    expected = sum(a * b for a, b in zip(weights, values, strict=True)) / sum(weights)
    assert smoothed(values, w)[-1] == pytest.approx(expected)


def test_smoothing_keeps_the_raw_line_faint():
    noisy = [1.0 + (i % 2) for i in range(100)]
    grid, _ = chart(line("loss", noisy), look=Look(0, 100, smoothing=0.9))
    inks = {cell.ink.colour for row in grid.rows for cell in row}
    assert {PENS.train, PENS.tint(PENS.train, 0.45)} <= inks


def test_nothing_to_draw_is_said_in_words():
    assert "waiting" in loss_chart(None, Look(0, 10), 40, 5, PENS)[0].text()
    assert "nothing measured" in chart()[0].text()
    assert "log scale" in chart(line("loss", [-1.0]), look=Look(0, 9, log=True))[0].text()
    assert "NaN" in chart(Line("loss", [], [], [], [], [3]))[0].text()


numbers = st.one_of(st.floats(), st.floats(-10, 10))
lines = st.builds(
    lambda name, steps, values, broken: Line(name, steps, values, values, values, broken),
    st.sampled_from(["loss", "valid_loss", "accuracy"]),
    st.lists(st.integers(0, 10**12), max_size=6).map(sorted),
    st.lists(numbers, min_size=6, max_size=6),
    st.lists(st.integers(0, 10**12), max_size=3),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(lines, max_size=3),
    st.integers(0, 300),
    st.integers(0, 60),
    st.builds(
        Look,
        st.integers(0, 1000),
        st.integers(0, 10**12),
        st.booleans(),
        st.sampled_from([0.0, 0.9]),
        st.one_of(st.none(), st.integers(0, 10**12)),
        st.text(max_size=80),
    ),
    st.booleans(),
)
def test_any_curve_fits_any_size(drawn, width, height, look, ascii_only):
    curve = Curve(0, 10, 4, tuple(drawn), (Mark(5, "x"), Mark(10**11, "y")))
    grid, _ = loss_chart(curve, look, width, height, Palette(ascii=ascii_only))
    assert [len(row) for row in grid.rows] == [width] * height


@pytest.mark.parametrize("value", [5.9332e-14, 1.5234e-123, 1.5238e11, 0.059721, 53603.7])
def test_the_last_value_is_rounded_and_never_cut_short(value: float):
    grid, _ = chart(line("loss", [value] * 50), look=Look(0, 100, log=True))
    said = [row.split()[-1] for row in grid.text().split("\n") if row.rstrip()[-1:].isalnum()]
    ends = [text for text in said if text[:1].isdigit()]
    assert any(_read(text) == pytest.approx(value, rel=0.4) for text in ends), grid.text()


def _read(text: str) -> float:
    try:
        return float(text.replace("k", "e3").replace("M", "e6"))
    except ValueError:
        return math.nan
