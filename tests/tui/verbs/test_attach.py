"""Opening a screen: when it can be, on what, and what is said when it closes."""

import os
import sys
import types
from pathlib import Path

import pytest
from fake_engine import make_living_run, make_run, state
from foghill.engine.protocol.knob import Knob
from foghill.engine.runs.catalog import Run
from foghill.tui.__main__ import main


class FakeApp:
    opened: tuple[object, bool, bool]
    hide: tuple[str, ...] = ()
    keys: tuple[object, ...] = ()
    lines: tuple[str, ...] = ()
    parting = "come back with: foghill attach ball"
    exit_code = 0
    return_code = 0

    def __init__(
        self, run: object, watch: bool = False, ascii: bool = False, **more: object
    ) -> None:
        FakeApp.opened = (run, watch, ascii)
        FakeApp.hide, FakeApp.keys = more["hide"], more["keys"]  # type: ignore[assignment]

    def run(self) -> None: ...


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input and output are a terminal, and the screen is a fake one."""
    module = types.ModuleType("foghill.tui.app")
    module.FoghillApp = FakeApp
    monkeypatch.setitem(sys.modules, "foghill.tui.app", module)
    monkeypatch.setattr(os, "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("screen")
def test_attach_opens_the_screen_on_a_living_run_and_says_how_to_come_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with make_living_run("ball"):
        assert main(["attach", "ball", "--watch"]) == 0
    run, watch, ascii = FakeApp.opened
    assert isinstance(run, Run)
    assert (run.spec.name, watch, ascii) == ("ball", True, False)
    assert capsys.readouterr().out == "come back with: foghill attach ball\n"


@pytest.mark.usefixtures("screen")
def test_attach_may_hide_what_the_run_has_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    knobs = (Knob(name="momentum", kind="float", value=0.0, default=0.0),)
    with make_living_run("ball", present=state(run="ball", knobs=knobs)):
        assert main(["attach", "ball", "--hide", "momentum"]) == 0
    assert FakeApp.hide == ("momentum",)
    with make_living_run("bell", present=state(run="bell", knobs=knobs)):
        assert main(["attach", "bell", "--hide", "momentun"]) == 2
    assert "did you mean momentum?" in capsys.readouterr().err


@pytest.mark.usefixtures("screen")
def test_attach_without_a_name_takes_the_newest_living_run() -> None:
    with make_living_run("older"), make_living_run("newer"):
        make_run("dead")
        assert main(["attach"]) == 0
    assert FakeApp.opened[0].spec.name == "newer"


@pytest.mark.usefixtures("screen")
def test_foghill_alone_opens_the_picker() -> None:
    assert main(["--ascii"]) == 0
    assert FakeApp.opened == (None, False, True)


@pytest.mark.usefixtures("screen")
def test_the_exit_code_is_the_screens_and_a_failure_goes_to_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(FakeApp, "exit_code", 2)
    monkeypatch.setattr(FakeApp, "parting", "lr takes a number, at least 0")
    assert main([]) == 2
    assert capsys.readouterr() == ("", "foghill: lr takes a number, at least 0\n")


@pytest.mark.usefixtures("screen")
def test_a_dumb_terminal_gets_advice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert main([]) == 2
    assert "TERM=dumb" in capsys.readouterr().err


@pytest.mark.usefixtures("screen")
def test_a_run_that_died_points_to_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    directory = make_run("ball").directory
    assert main(["attach", "ball"]) == 2
    assert f"{directory}/engine.log" in capsys.readouterr().err
