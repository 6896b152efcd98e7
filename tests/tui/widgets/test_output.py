"""The output panel."""

from fakes_tui import state_of
from foghill.engine.protocol.views import Failed, Output
from foghill.tui.state import ScreenState
from foghill.tui.widgets.output import OutputPanel, output_rows


def lines(*printed: str, width: int = 20) -> list[str]:
    rows = output_rows(Output(printed, "engine.log"), width)
    return ["".join(text for text, _ in row) for row in rows]


def test_lines_are_shown_as_printed_without_escapes():
    assert lines("\x1b[31mred\x1b[0m", "a\tb", "50%\r100%", "bell\x07") == [
        "red",
        "a       b",
        "100%",
        "bell·",
    ]


def test_long_lines_are_broken():
    assert lines("x" * 45) == ["x" * 20, "x" * 20, "x" * 5]


def test_nothing_and_failure_are_said():
    assert output_rows(None, 20)[0][0][0] == "nothing was printed"
    assert output_rows(Failed("no log"), 20)[0][0][0] == "no log"


def test_it_stays_at_the_end_until_scrolled_up():
    panel = OutputPanel()
    panel.signs = lambda text: text  # type: ignore[method-assign]
    screen = ScreenState(state_of())
    panel._view = Output(tuple(f"line {n}" for n in range(30)), "engine.log")
    assert panel.lines(screen, 20, 5)[-1][0][0] == "line 29"
    panel._follow = False
    panel._top = 3
    assert panel.lines(screen, 20, 5)[0][0][0] == "line 3"
