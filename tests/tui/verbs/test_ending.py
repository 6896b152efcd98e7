"""`foghill stop` and `foghill rm`."""

from pathlib import Path

import pytest
from fake_engine import make_living_run, make_run
from foghill.engine.runs.catalog import Run
from foghill.tui.__main__ import main
from foghill.tui.verbs import ending


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("rung", "code", "said"),
    [
        ("asked", 0, "ball stopped"),
        ("gone already", 0, "already ended"),
        ("SIGKILL", 0, "killed"),
        ("nothing worked", 1, "cannot be stopped"),
    ],
)
def test_stop_says_what_it_took(
    rung: str,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_run("ball")
    stopped: list[str] = []

    def stop(run: Run) -> str:
        stopped.append(run.spec.name)
        return rung

    monkeypatch.setattr(ending, "stop_engine", stop)
    assert main(["stop", "ball"]) == code
    assert stopped == ["ball"]
    assert said in "".join(capsys.readouterr())


def test_rm_deletes_a_dead_run() -> None:
    directory = Path(make_run("ball").directory)
    assert main(["rm", "ball"]) == 0
    assert not directory.exists()


def test_rm_refuses_a_living_run(capsys: pytest.CaptureFixture[str]) -> None:
    with make_living_run("ball"):
        assert main(["rm", "ball"]) == 2
    assert "foghill stop ball" in capsys.readouterr().err
