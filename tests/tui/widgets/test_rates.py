"""Loss against a knob: points, bands, what diverged; and the rate finder's advice."""

import math

from drawn import sizes
from foghill.engine.protocol.pictures import Group, Rates, Sweep
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import rates
from hypothesis import given
from hypothesis import strategies as st

PENS = Palette()
AT = [1e-3, 1e-2, 1e-1, 1.0, 10.0]
SGD = Group("sgd", AT, [9.0, 1.2, 1.0, 3.0, None], tuple(map(str, AT)), 0.1, (0.01, 0.1))
ADAM = Group("adam", AT, [1.4, 1.0, 2.0, 4.0, 8.0], tuple(map(str, AT)), 0.01, (1e-3, 0.01))
RULE = "band: loss at most 1.5 × the lowest of its line"
VIEW = Rates((SGD, ADAM), "lr", True, 0.1, None, (RULE,))
TRIED = [10 ** (e / 4) for e in range(-20, 5)]
SWEEP = Sweep(TRIED, [1.0] * 25, [max(0.1, 1 - i / 20) for i in range(25)], "all 25 steps taken",
              "lowest at 0.5; a tenth of that keeps clear of where it climbs", 0.5, 0.2,
              0.05)  # fmt: skip


def test_each_line_says_its_best_value_and_its_band_and_the_rule_stands_there():
    text = rates.draw(VIEW, 70, 20, PENS).text()
    assert "● sgd: best 0.1, good from 0.01 to 0.1" in text
    assert "▲ adam: best 0.01, good from 1e-3 to 0.01" in text.replace("0.001", "1e-3")
    assert RULE in text


def test_a_band_is_a_bar_under_its_values():
    grid = rates.draw(VIEW, 70, 24, PENS)
    rows = [row for row in grid.text().split("\n") if "━" in row]
    assert len(rows) == 2
    adam, sgd = rows
    assert adam.count("▲") >= 2
    assert sgd.count("●") >= 2
    assert adam.index("━") < sgd.index("━")


def test_what_diverged_is_a_cross_at_the_top():
    lines = rates.draw(VIEW, 70, 24, PENS).text().split("\n")
    (row,) = [line for line in lines if "×" in line and "1.5" not in line]
    assert row.rstrip().endswith("×●")


def test_the_axis_goes_by_factors_where_the_knob_does():
    assert "10⁻²" in rates.draw(VIEW, 70, 24, PENS).text()
    plain = Rates((Group("", [0.0, 1.0], [1.0, 2.0], ("a", "b"), 0.0, (0.0, 0.0)),), "dropout")
    assert "⁻" not in rates.draw(plain, 70, 20, PENS).text()
    assert "no other is as good" in rates.draw(plain, 70, 20, PENS).text()


def test_the_finder_says_what_to_try_and_why():
    view = Rates(knob="lr", log=True, present=0.01, sweep=SWEEP)
    text = rates.draw(view, 80, 20, PENS).text()
    assert "try lr 0.05: lowest at 0.5" in text
    assert "s falls fastest at 0.2; all 25 steps taken" in text
    floor = [line for line in text.split("\n") if "◆" in line and "▲" in line]
    assert floor
    assert floor[0].index("◆") < floor[0].index("s") < floor[0].index("▲")
    assert rates.title(view, PENS) == "rate finder · ◆ try · s steepest · ▲ lowest"


def test_the_finders_page_comes_after_the_comparison():
    both = Rates((SGD,), "lr", True, 0.1, SWEEP, (RULE,))
    assert rates.last(both, 70, 20) == 1
    assert "try lr" not in rates.draw(both, 70, 20, PENS, 0).text()
    assert "try lr 0.05" in rates.draw(both, 70, 20, PENS, 1).text()
    assert "down: rate finder" in rates.title(both, PENS)


def test_it_can_be_read_out():
    said = rates.words(Rates((SGD,), "lr", True, 0.1, SWEEP, (RULE,)))
    assert "sgd: lr 1e-3 gives 9" in said.replace("0.001", "1e-3")
    assert "10 gives no loss (it diverged)" in said
    assert "best 0.1, good from 0.01 to 0.1" in said
    assert "Rate finder: try lr 0.05" in said


def test_a_finder_without_advice_says_why():
    none = Sweep(
        [1e-3, 1e-2], [1.0, math.nan], [1.0, math.nan], "the loss was nan", "too few steps"
    )
    text = rates.draw(Rates(knob="lr", log=True, sweep=none), 60, 16, PENS).text()
    assert "too few steps" in text


@given(sizes, st.integers(0, 2), st.booleans())
def test_any_size_will_do(size: tuple[int, int], page: int, ascii: bool):
    both = Rates((SGD, ADAM), "lr", True, 0.1, SWEEP, (RULE,))
    grid = rates.draw(both, *size, Palette(ascii=ascii), page)
    assert (grid.width, grid.height) == size


@given(st.lists(st.one_of(st.none(), st.floats(-1e300, 1e300)), min_size=2, max_size=5))
def test_any_losses_can_be_drawn(losses: list[float | None]):
    at = [10.0**i for i in range(len(losses))]
    view = Rates((Group("", at, losses, tuple(map(str, at))),), "lr", True)
    assert rates.draw(view, 60, 20, PENS).height == 20
