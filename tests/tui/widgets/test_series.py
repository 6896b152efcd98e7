"""Which series the chart offers and draws together, with and without a comparison."""

from drawn import state
from foghill.tui.draw.palette import Palette
from foghill.tui.widgets import series

NAMES = ("loss", "accuracy", "loss · lr 1", "valid_loss", "valid_loss · lr 1", "valid_accuracy")
ALONE = state(series=("loss", "accuracy", "valid_loss", "valid_accuracy"))
COMPARED = state(series=NAMES, compared=("this run", "lr 1"))


def test_alone_a_series_comes_with_its_held_out_twin():
    assert series.choices(ALONE) == ["loss", "accuracy"]
    assert series.together(ALONE, "loss") == ("loss", "valid_loss")
    assert series.legend(ALONE, "loss") == ()


def test_compared_it_comes_with_those_of_the_replicas_and_held_out_lines_are_the_next():
    assert series.choices(COMPARED) == ["loss", "valid_loss", "accuracy"]
    assert series.together(COMPARED, "loss") == ("loss", "loss · lr 1")
    assert series.together(COMPARED, "valid_loss") == ("valid_loss", "valid_loss · lr 1")
    assert series.together(COMPARED, "accuracy") == ("accuracy", "valid_accuracy")
    assert series.legend(COMPARED, "loss")[0] == ("loss", "this run")


def test_held_out_lines_are_offered_before_the_first_was_measured():
    begun = state(series=("loss",), compared=("this run", "lr 1"), validation="100 held out")
    assert series.choices(begun) == ["loss", "valid_loss"]
    assert series.together(begun, "valid_loss") == ("valid_loss", "valid_loss · lr 1")
    without = state(series=("loss",), compared=("this run", "lr 1"), validation="no validation")
    assert series.choices(without) == ["loss"]


def test_what_a_former_comparison_left_is_not_offered():
    over = state(series=NAMES)
    assert series.choices(over) == ["loss", "accuracy"]
    assert series.together(over, "loss") == ("loss", "valid_loss")


def test_the_title_names_the_signs_where_they_do_not_stand_beside_the_lines():
    legend = series.legend(COMPARED, "loss")
    pens = Palette()
    assert series.titled("loss · log", legend, 80, 16, pens) == "loss · log"
    assert series.titled("loss · log", legend, 48, 16, pens) == "loss · log · ● this run  ▲ lr 1"
    many = (*legend, ("loss · lr 2", "lr 2"), ("loss · lr 3", "lr 3"))
    narrow = series.titled("loss · log", many, 48, 16, pens)
    assert narrow == "loss · log · lr ● this run  ▲ 1  ■ 2  ★ 3"
    assert series.titled("loss", many, 24, 16, pens).endswith("…")
    valid = series.legend(COMPARED, "valid_loss")
    assert "◆ best" in series.titled("valid_loss", valid, 80, 16, pens)


def test_many_lines_are_asked_for_more_coarsely():
    assert series.bins_a_cell(()) == 2
    assert series.bins_a_cell(tuple((f"loss · {i}", str(i)) for i in range(5))) == 1
