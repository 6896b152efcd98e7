"""`foghill doctor`: each check against a made-up machine, and the whole on this one."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from foghill.tui import doctor
from foghill.tui.__main__ import main
from foghill.tui.doctor import Finding


def of(findings: Iterable[Finding], subject: str) -> Finding:
    return next(found for found in findings if found.subject == subject)


SIZE = os.terminal_size((120, 40))


def test_a_good_terminal() -> None:
    told = list(doctor.terminal({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, True, SIZE))
    assert [found.verdict for found in told] == ["good"] * 3


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_a_terminal_that_shows_no_screen_is_bad(kind: str) -> None:
    assert of(doctor.terminal({"TERM": kind}, True, SIZE), "terminal").verdict == "bad"


def test_a_small_terminal_and_missing_colours_are_told() -> None:
    small = os.terminal_size((60, 20))
    told = list(doctor.terminal({"TERM": "xterm", "NO_COLOR": "1"}, True, small))
    assert "80×24" in of(told, "size").text
    assert "NO_COLOR" in of(told, "colours").text


def test_a_locale_without_utf8_is_told_and_glyphs_are_shown() -> None:
    told = list(doctor.text("ascii", {"LANG": "C"}))
    assert of(told, "locale").verdict == "doubt"
    assert "--ascii" in of(told, "locale").text
    assert "⡇" in of(told, "braille").text
    assert of(doctor.text("utf-8", {"LANG": "de_DE.UTF-8"}), "locale").verdict == "good"


def test_a_home_that_cannot_be_written_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    told = list(doctor.where_runs_live(Path("/somewhere/else")))
    assert [found.verdict for found in told] == ["bad"]
    assert "FOGHILL_HOME" in told[0].text


def test_a_network_file_system_is_told(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    home = tmp_path / "a b" / "home"
    escaped = str(tmp_path / "a b").replace(" ", "\\040")
    mounts.write_text(f"dev / ext4 rw 0 0\nserver:/x {escaped} nfs4 rw 0 0\nshort\n")
    home.mkdir(parents=True)
    assert "nfs4" in of(doctor.where_runs_live(home, mounts), "disk").text
    assert doctor.file_system(tmp_path, mounts) == "ext4"
    assert doctor.file_system(tmp_path, tmp_path / "none") == ""


def test_kill_user_processes_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "etc/systemd/logind.conf.d"
    folder.mkdir(parents=True)
    assert of(doctor.logout(tmp_path), "logout").verdict == "good"
    (folder / "10.conf").write_text("[Login]\n#KillUserProcesses=no\nKillUserProcesses = yes\n")
    assert of(doctor.logout(tmp_path), "logout").verdict == "doubt"
    (folder / "20.conf").write_text("[Login]\nKillUserProcesses=no\n")
    assert of(doctor.logout(tmp_path), "logout").verdict == "good"


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        (
            '{"torch": "2.9", "devices": ["cpu", {"name": "cuda:0", "title": "H200", '
            '"memory": 150e9, "precisions": ["fp32", "bf16"]}]}',
            "good",
        ),
        ("not json", "bad"),
    ],
)
def test_torch_is_asked_in_a_process_of_its_own(
    printed: str, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        assert command[1:] == ["-P", "-m", "foghill.engine", "devices", "--json"]
        return subprocess.CompletedProcess(command, 0, printed, "ImportError: no torch\n")

    monkeypatch.setattr(subprocess, "run", answer)
    told = list(doctor.torch_and_devices())
    assert told[0].verdict == verdict
    if verdict == "good":
        assert [found.text for found in told[1:]] == ["cpu", "cuda:0, H200, 150 GB, fp32 bf16"]
    else:
        assert "no torch" in told[0].text


def test_anything_bad_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "findings", lambda: iter([Finding("runs", "fine")]))
    assert main(["doctor"]) == 0
    monkeypatch.setattr(doctor, "findings", lambda: iter([Finding("torch", "gone", "bad")]))
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines() == ["ok  runs       fine", "!!  torch      gone"]


@pytest.mark.slow
def test_the_whole_report_runs_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    for subject in ("terminal", "locale", "braille", "python", "textual", "torch", "runs"):
        assert subject in told
