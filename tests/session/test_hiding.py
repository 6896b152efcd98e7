"""A file or a command line names what to leave out; the engine knows the names and keeps it all."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Set
from sessions import LINE, Live, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_a_file_and_the_command_line_may_both_hide(tmp_path: Path) -> None:
    path = write(tmp_path, LINE + "hide = ['momentum', 'fit']\n")
    with Live(path, hide=["width", "momentum"]) as live:
        state = live.ready()
        assert state.hidden == ("width", "momentum", "fit")
        assert state.knob("width") is not None
        assert "fit" in state.pictures
        assert live.do(Set({"width": 3})).changes[0].new == 3


@pytest.mark.parametrize(
    ("line", "hide", "sentence"),
    [
        ("", ["momentun"], "--hide names 'momentun', no knob and no picture here (did you mean"),
        ("hide = ['xyz']", [], "mine.py: hide names 'xyz', no knob and no picture here; there"),
        ("hide = 'lr'", [], 'hide must be a list such as ["lr", "hill"], not'),
        ("hide = [3]", [], "hide must be a list"),
    ],
)
def test_an_unknown_name_is_an_error_that_helps(
    tmp_path: Path, line: str, hide: list[str], sentence: str
) -> None:
    with Live(write(tmp_path, f"{LINE}\n{line}\n"), hide=hide) as live:
        problem = live.ready().problem
        assert problem is not None
        assert sentence in problem.sentence
        assert problem.before_first_step


def test_pictures_that_this_run_lacks_may_be_hidden(tmp_path: Path) -> None:
    with Live(write(tmp_path), hide=["gallery"]) as live:
        assert live.ready().hidden == ("gallery",)
