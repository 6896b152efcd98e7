"""Runs as they are found, started, stopped and removed; living from dead by measuring."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from fakes import eventually
from foghill.engine.runs import catalog, processes
from foghill.engine.runs.catalog import CatalogError, EndNote, RunSpec
from foghill.engine.runs.directory import read_engine_note


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def sleeper():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield child
    child.kill()
    child.wait()


def experiment(tmp_path: Path, name: str = "train.py") -> str:
    path = tmp_path / name
    path.write_text('"""Mine."""\n')
    return str(path)


def test_a_run_keeps_what_it_was_started_with(tmp_path: Path) -> None:
    spec = catalog.new_run(experiment(tmp_path), settings={"lr": "0.1"}, argv=["foghill", "run"])
    assert catalog.read_spec(Path(spec.directory)) == spec
    assert (spec.name, spec.kind, spec.settings, spec.argv) == (
        "train",
        "file",
        {"lr": "0.1"},
        ("foghill", "run"),
    )
    assert (spec.cwd, spec.host, spec.boot_id) == (
        os.getcwd(),
        processes.host(),
        processes.boot_id(),
    )
    assert set(spec.versions) == {"foghill", "python", "torch", "numpy"}
    assert (Path(spec.directory) / "source.py").read_text() == '"""Mine."""\n'


def test_equal_names_get_a_number(tmp_path: Path) -> None:
    path = experiment(tmp_path)
    assert [catalog.new_run(path).name for _ in range(3)] == ["train", "train-2", "train-3"]
    assert catalog.new_run(path, name="mine").name == "mine"


def test_runs_started_at_once_share_no_directory(tmp_path: Path) -> None:
    path = experiment(tmp_path)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(catalog.new_run(path).directory))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "x" * 61, "a b", "-x"])
def test_a_name_is_no_path(tmp_path: Path, name: str, home: Path) -> None:
    path = experiment(tmp_path)
    if not name:
        assert catalog.new_run(path, name=name).name == "train"
        return
    with pytest.raises(CatalogError, match="cannot be called"):
        catalog.new_run(path, name=name)
    assert not home.exists()


def test_odd_file_names_make_plain_run_names(tmp_path: Path) -> None:
    assert catalog.new_run(experiment(tmp_path, "my train (2).py")).name == "my-train-2"


def test_weights_are_looked_for_before_anything_is_made(tmp_path: Path, home: Path) -> None:
    path = experiment(tmp_path)
    for weights, word in (("none.safetensors", "no weights file"), ("w.pickle", ".safetensors")):
        with pytest.raises(CatalogError, match=word):
            catalog.new_run(path, weights=weights)
    assert not home.exists()
    kept = tmp_path / "w.pt"
    kept.touch()
    assert catalog.new_run(path, weights=str(kept)).weights == str(kept)


def test_the_place_for_weights_is_looked_at_before_anything_is_made(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = experiment(tmp_path)
    (tmp_path / "dir.pt").mkdir()
    for save, word in (
        ("w.pickle", "ends in .safetensors or .pt"),
        (str(tmp_path / "dir.pt"), "is a directory"),
        (str(tmp_path / "no" / "w.pt"), "there is no"),
    ):
        with pytest.raises(CatalogError, match=word):
            catalog.new_run(path, save=save)
    monkeypatch.chdir(tmp_path)
    assert catalog.new_run(path, save="w.pt").save == str(tmp_path / "w.pt")
    monkeypatch.setattr(os, "access", lambda place, mode: mode != os.W_OK)
    with pytest.raises(CatalogError, match="not allowed"):
        catalog.new_run(path, save="w.pt")


def test_a_home_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "file"))
    with pytest.raises(CatalogError, match="FOGHILL_HOME"):
        catalog.new_run(experiment(tmp_path))


def started(tmp_path: Path, pid: int) -> RunSpec:
    spec = catalog.new_run(experiment(tmp_path))
    catalog.write_engine_note(Path(spec.directory), pid)
    return spec


def test_life_is_measured(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    spec = started(tmp_path, sleeper.pid)
    assert (catalog.find().life, catalog.find().pid) == ("alive", sleeper.pid)
    sleeper.kill()
    eventually(lambda: catalog.find(spec.name).life == "died")  # a zombie is dead, too
    sleeper.wait()
    assert catalog.find(spec.name).life == "died"
    end = EndNote("done", "finished", 3, 1, 0.5, None, 1.0)
    catalog.write_end_note(Path(spec.directory), end)
    assert (catalog.find(spec.name).life, catalog.find(spec.name).end) == ("ended", end)


def test_a_recycled_pid_is_not_the_engine(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    spec = started(tmp_path, sleeper.pid)
    path = Path(spec.directory) / "engine.json"
    note = json.loads(path.read_text())
    for change in ({"start_time": "1"}, {"boot_id": "other"}):
        path.write_text(json.dumps(note | change))
        assert catalog.find(spec.name).life == "died"
    path.write_text(json.dumps(note | {"host": "other"}))
    assert catalog.find(spec.name).life == "elsewhere"
    with pytest.raises(CatalogError, match="remove it there"):
        catalog.remove(catalog.find(spec.name))


def test_runs_are_newest_first_and_broken_directories_are_passed_over(
    tmp_path: Path, home: Path
) -> None:
    assert catalog.runs() == []
    first, second = (catalog.new_run(experiment(tmp_path)) for _ in range(2))
    (home / "runs" / "empty").mkdir()
    (home / "runs" / "broken").mkdir()
    (home / "runs" / "broken" / "run.json").write_bytes(b"[" * 100_000)
    assert [run.spec.name for run in catalog.runs()] == [second.name, first.name]


def test_find_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no run is alive; start one"):
        catalog.find()
    catalog.new_run(experiment(tmp_path))
    with pytest.raises(CatalogError, match=r"did you mean train\?"):
        catalog.find("trian")
    with pytest.raises(CatalogError, match="past runs: train"):
        catalog.find()


def test_remove_refuses_the_living(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    run = catalog.find(started(tmp_path, sleeper.pid).name)
    with pytest.raises(CatalogError, match="stop it first"):
        catalog.remove(run)
    sleeper.kill()
    sleeper.wait()
    catalog.remove(run)
    assert not Path(run.spec.directory).exists()


def test_stop_climbs_to_the_rung_that_works(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    run = catalog.find(started(tmp_path, sleeper.pid).name)
    assert catalog.stop(run, patience=5.0) == "SIGTERM"  # nobody listens on its socket
    sleeper.wait()
    assert catalog.stop(run) == "gone already"


def test_stop_kills_what_ignores_sigterm(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)\n"
    child = subprocess.Popen(
        [sys.executable, "-c", code + "time.sleep(600)"], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    run = catalog.find(started(tmp_path, child.pid).name)
    assert catalog.stop(run, patience=0.05) == "SIGKILL"
    child.wait()
    child.stdout.close()


def test_the_engine_is_started_in_a_session_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os, time; print(os.getsid(0), flush=True); time.sleep(600)"
    monkeypatch.setattr(catalog, "engine_command", lambda spec: [sys.executable, "-c", code])
    spec = catalog.new_run(experiment(tmp_path))
    engine = catalog.start_engine(spec)
    try:
        log = Path(spec.directory) / "engine.log"
        eventually(log.read_text)
        assert int(log.read_text()) == engine.pid
        assert catalog.find().pid == engine.pid
    finally:
        engine.kill()
        engine.wait()


def test_engine_command_keeps_the_users_modules_out(tmp_path: Path) -> None:
    spec = catalog.new_run(experiment(tmp_path))
    assert catalog.engine_command(spec) == [
        sys.executable,
        "-P",
        "-m",
        "foghill.engine",
        "serve",
        spec.directory,
    ]
    headless = msgspec.structs.replace(spec, headless=True)
    assert catalog.engine_command(headless, "--jsonl")[4:] == [
        "headless",
        spec.directory,
        "--jsonl",
    ]


def test_an_engines_note_takes_the_place_of_an_old_end(tmp_path: Path) -> None:
    spec = catalog.new_run(experiment(tmp_path))
    directory = Path(spec.directory)
    catalog.write_end_note(directory, EndNote("done", "finished"))
    catalog.write_engine_note(directory, socket=directory / "there")
    assert catalog.find().pid == os.getpid()
    assert read_engine_note(directory) is not None
    assert catalog.socket_path(directory) == directory / "there"


def test_loads_neither_torch_nor_numpy() -> None:
    code = (
        "import sys; from foghill.engine.runs import catalog; catalog.lessons();"
        "print([m for m in ('torch', 'numpy', 'asyncio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
