"""A run that has ended, asked with the weights it ended with; nothing is left of that."""

from pathlib import Path

import pytest
from engines import left_over, served
from fake_engine import make_run
from foghill.engine.protocol.commands import Applied, Save, Set, Step
from foghill.engine.runs.catalog import EndNote, find, stop, write_end_note
from foghill.tui.__main__ import main
from sessions import write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_run_that_has_ended_says_what_it_said_when_it_lived(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(home)
    with served("mine.py") as (spec, client):
        assert isinstance(client.send(Set({"width": 3, "lr": 0.05})), Applied)
        client.send(Step("step", 5))
        client.wait(lambda state: state.step == 5 and state.status == "paused")
        kept = Path(spec.directory) / "weights.safetensors"
        assert isinstance(client.send(Save(str(kept))), Applied)
        assert main(["predict", "mine", "--json"]) == 0
        living = capsys.readouterr().out
        stop(find("mine"))
    path.write_text("broken (")
    assert main(["predict", "mine", "--json"]) == 0
    assert capsys.readouterr().out == living
    assert left_over() == ["mine"]
    kept.write_bytes(b"")
    assert main(["predict", "mine"]) == 2
    assert "weights.safetensors cannot be read as weights" in capsys.readouterr().err
    (Path(spec.directory) / "source.py").write_text("broken (")
    assert main(["predict", "mine"]) == 2
    assert "syntax error" in capsys.readouterr().err
    assert left_over() == ["mine"]


def test_what_cannot_come_alive_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    directory = Path(make_run("ball").directory)
    write_end_note(directory, EndNote("stopped", "finished"))
    assert main(["predict", "ball"]) == 2
    assert "ball has ended, and its model with it" in capsys.readouterr().err
    (directory / "weights.safetensors").touch()
    (directory / "source.py").unlink()
    Path("ball.py").write_text("another")
    assert main(["predict", "ball"]) == 2
    assert "has changed since ball began, and no copy was kept" in capsys.readouterr().err
    assert left_over() == ["ball"]
