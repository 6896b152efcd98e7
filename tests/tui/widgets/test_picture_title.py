"""The choices in the border of the lower panel."""

from dataclasses import replace

from fakes_tui import state_of
from foghill.tui.state import OUTPUT, ScreenState
from foghill.tui.widgets.picture_title import picture_title


def test_the_shown_one_is_marked():
    screen = ScreenState(state_of(pictures=("fit", "weights")))
    assert picture_title(screen, 60) == "▸1 fit  2 weights  0 text  o output"
    screen = replace(screen, picture=OUTPUT)
    assert picture_title(screen, 60) == "1 fit  2 weights  0 text  ▸o output"


def test_it_is_as_long_as_there_is_room():
    screen = ScreenState(state_of(pictures=("fit", "weights")))
    assert picture_title(screen, 24) == "▸1 fit  2 weights"
    assert picture_title(screen, 3) == "fit"
