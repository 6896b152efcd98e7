"""A run as a plain PyTorch script: the same losses bit for bit, for every lesson and own files."""

import subprocess
import sys
from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Set, Step
from foghill.engine.runs import catalog
from foghill.engine.script.export import ScriptError, export, script
from scripted import Exported, exported, losses, printed
from sessions import Live, write

LESSONS = [lesson.name for lesson in catalog.lessons()]
TURNED: dict[str, list[dict[str, object]]] = {
    "as it comes": [],
    "turned": [
        {"optimizer": "adam", "lr": 1e-3, "weight_decay": 0.01, "clip": 0.5, "schedule": "cosine"},
        {"batch_size": 7, "seed": 3, "data_seed": 5, "zero_grad": False},
    ],
}
CASES = [(lesson, name) for lesson in LESSONS for name in TURNED]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], object]:
    """For each case the engine's losses and the script's."""
    folder = tmp_path_factory.mktemp("scripts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOGHILL_HOME", str(folder / "home"))
        runs: dict[tuple[str, str], Exported] = {}
        for lesson, name in CASES:
            runs[lesson, name] = exported(lesson, TURNED[name])
    shown = printed([run.text for run in runs.values()], folder)
    return {
        case: (run.losses, found) for (case, run), found in zip(runs.items(), shown, strict=True)
    }


@pytest.mark.parametrize(("lesson", "name"), CASES)
def test_the_script_of_a_lesson_prints_the_same_losses(
    compared: dict[tuple[str, str], tuple[list[float], list[float]]], lesson: str, name: str
) -> None:
    engine, plain = compared[lesson, name]
    assert len(engine) == 30
    assert plain == engine


def test_nothing_of_foghill_is_imported(tmp_path: Path, home: Path) -> None:
    run = exported("digits", steps=3)
    assert "import foghill" not in run.text
    assert "from foghill" not in run.text
    path = tmp_path / "script.py"
    path.write_text(run.text)
    probe = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__'); "
    probe += "assert not any(name.startswith('foghill') for name in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert losses(done.stdout) == run.losses


def test_what_was_turned_midway_is_told(home: Path) -> None:
    with Live("line") as live:
        live.ready()
        live.do(Step("step", 5))
        live.until(lambda state: state.step == 5 and state.status == "paused")
        live.do(Set({"lr": 0.25}))
        text, name = script(live.directory)
    assert name == "line"
    assert "lr=0.25" in text
    assert "On its way that run was changed: set lr" in text


def test_a_run_whose_file_has_changed_is_exported_as_it_was(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path)
    with Live(path) as live:
        live.ready()
        live.do(Set({"lr": 0.2}))  # whoever has an answer finds it in the store
        path.write_text("broken (")
        text, _ = script(live.directory)
    assert "2 * x + 1" in text
    path.unlink()
    assert "2 * x + 1" in script(live.directory)[0]
    path.write_text((live.directory / "source.py").read_text() + "\n# __file__\n")
    with Live(path) as live:
        live.ready()
        live.do(Set({"lr": 0.2}))  # whoever has an answer finds it in the store
        path.write_text("broken (")
        with pytest.raises(ScriptError, match=r"mine.py has changed since this run began"):
            script(live.directory)


def test_a_dead_run_is_exported_from_its_store(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Live(write(tmp_path), settings={"lr": "0.25"}) as live:
        live.ready()
    target = tmp_path / "out.py"
    assert export(live.directory, str(target)) == 0
    assert f"{target}: mine as a plain PyTorch script" in capsys.readouterr().out
    assert "lr=0.25" in target.read_text()
    assert export(live.directory, "-") == 0
    assert capsys.readouterr().out == target.read_text()


def test_what_cannot_be_exported_is_one_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Live(write(tmp_path, "import nothing_of_this_name\n")) as live:
        live.ready()
    assert export(live.directory, "-") == 2
    assert "never built" in capsys.readouterr().err
    assert export(tmp_path, "-") == 2
    assert "not a run directory" in capsys.readouterr().err
    with Live(write(tmp_path)) as live:
        live.ready()
    assert export(live.directory, str(tmp_path / "no" / "such" / "out.py")) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    return tmp_path
