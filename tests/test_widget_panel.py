"""What all panels of rows share."""

from foghill.tui.widgets.panel import panel_title


def test_the_focused_title_is_in_brackets_that_are_no_markup():
    assert panel_title("knobs", False) == "knobs"
    assert panel_title("knobs", True) == r"\[knobs]"
