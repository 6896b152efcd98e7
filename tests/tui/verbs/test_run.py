"""`foghill run`: what it asks of the catalog, and when it becomes the engine."""

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest
from foghill.engine.runs.catalog import RunSpec, runs
from foghill.tui.__main__ import main

from tui.verbs.test_attach import FakeApp, screen  # noqa: F401  (a fixture)


class Became(BaseException):
    """Instead of replacing this process."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("ball.py").write_text("def data(): ...\ndef model(): ...\n")


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []

    def execv(_: str, command: list[str]) -> None:
        commands.append(command)
        raise Became

    monkeypatch.setattr(os, "execv", execv)
    return commands


def run_headless(became: list[list[str]], *argv: str) -> tuple[RunSpec, list[str]]:
    with pytest.raises(Became):
        main(["run", "ball.py", "--headless", *argv])
    return runs()[0].spec, became[-1]


@pytest.mark.parametrize(
    ("flags", "until", "reports"),
    [
        ("--steps 200 --every 1 --jsonl", "step>=200", ["--every", "1", "--jsonl"]),
        ("--epochs 3", "epoch>=3", []),
        ("--until valid_loss<0.1", "valid_loss<0.1", []),
        ("", "", []),
    ],
)
def test_headless_becomes_the_engine(
    flags: str, until: str, reports: list[str], became: list[list[str]]
) -> None:
    spec, command = run_headless(became, *flags.split())
    assert command[:4] == [sys.executable, "-P", "-m", "foghill.engine"]
    assert command[4:] == ["headless", spec.directory, *reports]
    assert (spec.headless, spec.until) == (True, until)


def test_settings_seed_and_device_are_kept_as_typed_and_later_ones_win(
    became: list[list[str]],
) -> None:
    line = "--set lr=1e-3 --set seed=1 --set stop=step>=5 --set lr=2e-3 --seed 7 --device cuda:1"
    spec, _ = run_headless(became, *line.split())
    assert spec.settings == {"lr": "2e-3", "seed": "7", "stop": "step>=5", "device": "cuda:1"}


def test_name_weights_and_command_line_are_kept(became: list[list[str]], tmp_path: Path) -> None:
    Path("w.pt").write_bytes(b"")
    spec, _ = run_headless(became, "--name", "mine", "--weights", "w.pt", "--save", "v.pt")
    assert (spec.name, spec.weights) == ("mine", str(tmp_path / "w.pt"))
    assert spec.save == str(tmp_path / "v.pt")
    assert spec.argv[:3] == ("foghill", "run", "ball.py")


def test_without_a_terminal_a_run_is_headless(became: list[list[str]]) -> None:
    with pytest.raises(Became):
        main(["run", "ball.py", "--steps", "5"])
    assert runs()[0].spec.headless
    assert became


@pytest.mark.usefixtures("screen")
def test_a_line_of_keys_starts_with_its_settings_and_is_played() -> None:
    assert main(["run", "ball.py", "--keys", "lr=1 seed=3 s*2 lr=2", "--set", "lr=5"]) == 0
    spec = FakeApp.opened[0]
    assert isinstance(spec, RunSpec)
    assert spec.settings == {"lr": "5", "seed": "3"}
    assert [move.shown for move in FakeApp.keys] == ["s", "s", "lr=2"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("screen")
def test_what_to_hide_is_kept_with_the_run() -> None:
    assert main(["run", "ball.py", "--hide", "lr, fit", "--hide", "seed"]) == 0
    spec = FakeApp.opened[0]
    assert isinstance(spec, RunSpec)
    assert spec.hide == ("lr", "fit", "seed")


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--keys", "spcae"], "--keys: there is no key 'spcae'; did you mean space?"),
        (["--headless", "--keys", "s"], "--keys plays on the screen"),
    ],
)
def test_a_line_that_cannot_be_played_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "ball.py", *words]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.usefixtures("screen")
def test_with_a_terminal_the_screen_gets_what_to_start() -> None:
    assert main(["run", "ball.py", "--set", "lr=1"]) == 0
    spec = FakeApp.opened[0]
    assert isinstance(spec, RunSpec)
    assert (spec.headless, spec.settings) == (False, {"lr": "1"})


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("flag", ["--steps 5", "--every 2", "--jsonl", "--save w.pt"])
def test_headless_flags_on_a_screen_are_refused(
    flag: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "ball.py", *flag.split()]) == 2
    assert "add --headless" in capsys.readouterr().err
    assert runs() == []


def test_a_full_disk_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(source: Path, _: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source))

    monkeypatch.setattr(shutil, "copyfile", full)
    assert main(["run", "ball.py", "--headless", "--steps", "1"]) == 2
    err = capsys.readouterr().err
    assert f"no room for a run in {tmp_path / 'home'}" in err
    assert "ball.py" not in err


def test_data_is_a_folder_given_to_the_experiment(
    became: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mnist").mkdir()
    spec, _ = run_headless(became, "--steps", "1", "--data", "mnist")
    assert spec.settings["data_dir"] == str(tmp_path / "mnist")
    assert main(["run", "ball.py", "--headless", "--steps", "1", "--data", "gone"]) == 2
    assert "--data takes a folder, and gone is none" in capsys.readouterr().err
