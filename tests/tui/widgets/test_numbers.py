"""The cursor over numbers: where it goes, what it is on, how far a press turns it."""

import pytest
from foghill.engine.protocol.pictures import Bars, Fit
from foghill.tui.widgets.numbers import chosen, count, moved, moved_in_matrix, nudged, tick
from networks import LARGE, PLANAR

BARS = Bars("weights", ("age", "bias"), [0.5, -2.0], (("weight", 0), ("bias", 0)))


def test_only_pictures_with_parameters_have_numbers():
    assert count(BARS) == 2
    assert count(PLANAR) == 13
    assert count(Bars("w", ("a",), [1.0])) == count(LARGE) == count(None) == 0
    assert count(Fit("x", "y", ([], []), ([], []), ())) == 0
    assert moved(None, 5, 1, 1) == 5


def test_every_number_of_a_network_is_reached_once_biases_after_their_weights():
    every = [chosen(PLANAR, at) for at in range(13)]
    places = [(one.parameter, one.index) for one in every if one]
    assert len(set(places)) == 13
    assert places[:4] == [("1.weight", 0), ("1.weight", 1), ("1.bias", 0), ("1.weight", 2)]
    assert places[-2:] == [("3.weight", 2), ("3.bias", 0)]
    for one in every:
        assert one is not None
        matrix = PLANAR.matrices[one.matrix]
        numbers = [v for row in matrix.values for v in row]
        held = matrix.bias if one.parameter == matrix.bias_name else numbers
        assert held[one.index] == one.value
    assert chosen(PLANAR, 13) is None
    assert chosen(PLANAR, -1) is None


def test_names_say_row_and_column():
    names = [one.name for at in (4, 5) if (one := chosen(PLANAR, at))]
    assert names == ["1.weight[1,1]", "1.bias[1]"]


def test_down_goes_to_the_next_number_and_across_to_the_next_layer():
    assert moved(PLANAR, 0, 0, 1) == 1
    assert moved(PLANAR, 12, 0, 1) == 12
    assert moved(PLANAR, 0, 0, -1) == 0
    assert moved(PLANAR, 4, 1, 0) == 9
    assert moved(PLANAR, 11, -1, 0) == 0
    assert moved(PLANAR, 11, 1, 0) == 9
    assert moved(BARS, 0, 1, 0) == 1


def test_in_a_matrix_down_goes_to_the_row_below_and_then_to_the_next_matrix():
    assert moved_in_matrix(PLANAR, 1, 0, 1) == 4
    assert moved_in_matrix(PLANAR, 7, 0, 1) == 9
    assert moved_in_matrix(PLANAR, 9, 0, -1) == 8
    assert moved_in_matrix(PLANAR, 4, 0, -1) == 1
    assert moved_in_matrix(PLANAR, 12, 0, 1) == 12
    assert moved_in_matrix(PLANAR, 2, 1, 0) == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.6], 0.05), ([2.0, -9.9], 0.5), ([0.0], 0.1), ([], 0.1), ([1e-3], 1e-4)],
)
def test_a_press_turns_by_a_round_share_of_the_largest(values: list[float], expected: float):
    assert tick(values) == pytest.approx(expected)


def test_pressing_on_crosses_zero_on_round_numbers():
    number = chosen(BARS, 0)
    assert number is not None
    assert number.tick == 0.2
    values = [nudged(number, -ticks) for ticks in range(1, 5)]
    assert values == [0.2, 0.0, -0.2, -0.4]
