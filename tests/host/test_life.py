"""From start to end: exit codes, the note of the end, signals. The last ones with real engines."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from engines import attached
from foghill.engine.host import life
from foghill.engine.protocol.client import Client
from foghill.engine.protocol.commands import Applied, Pause, Run, Step, Stop
from foghill.engine.protocol.state import Problem, State
from foghill.engine.runs import catalog
from foghill.engine.runs.directory import read_end_note
from foghill.engine.server.needs import End

STATE = State(run="r", directory="", experiment="x.py", step=3, epoch=1)
EXPERIMENT = """
import torch
from torch import nn
def data():
    print("the user's own words")
    return torch.arange(8.0).reshape(8, 1), torch.arange(8.0).reshape(8, 1)
def model(): return nn.Linear(1, 1)
"""


@pytest.mark.parametrize(
    ("problem", "reason", "hung", "code"),
    [
        (None, "step>=3", False, 0),
        (Problem("no model", before_first_step=True), "no model", False, 2),
        (Problem("boom"), "boom", False, 1),
        (Problem("boom"), "interrupted", False, 0),
        (None, "interrupted", True, 1),
    ],
)
def test_exit_codes(problem: Problem | None, reason: str, hung: bool, code: int) -> None:
    end = End(reason, msgspec.structs.replace(STATE, problem=problem), hung)
    assert life.exit_code(end, 0) == code


def test_the_end_is_written_down_with_losses_json_can_say(tmp_path: Path) -> None:
    state = msgspec.structs.replace(STATE, loss=float("nan"), valid_loss=0.5)
    life.write_down(tmp_path, End("done", state), delete=False)
    note = read_end_note(tmp_path)
    assert note is not None
    assert (note.reason, note.step, note.loss, note.valid_loss) == ("done", 3, None, 0.5)


def test_an_end_with_delete_leaves_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    directory.mkdir()
    (directory / "run.db").touch()
    life.write_down(directory, End("done", STATE), delete=True)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    return tmp_path


def made(tmp_path: Path, text: str = EXPERIMENT, **options: object) -> catalog.RunSpec:
    path = tmp_path / "mine.py"
    path.write_text(text)
    return catalog.new_run(str(path), **options)  # type: ignore[arg-type]


def attach(spec: catalog.RunSpec) -> Client:
    client = attached(Path(spec.directory))
    client.wait(lambda state: state.status != "warming up", 60)
    return client


@pytest.mark.slow
def test_a_served_run_goes_on_without_clients_and_ends_when_asked(tmp_path: Path) -> None:
    spec = made(tmp_path)
    engine = catalog.start_engine(spec)
    try:
        with attach(spec) as client:
            assert isinstance(client.send(Run()), Applied)
        for ignored in (signal.SIGHUP, signal.SIGINT):
            os.kill(engine.pid, ignored)
        with attach(spec) as client:
            client.wait(lambda state: state.step > 100, 60)
            client.send(Pause())
            client.send(Stop())
        assert engine.wait(timeout=30) == 0
        run = catalog.find(spec.name)
        assert (run.life, run.end is not None and run.end.step > 100) == ("ended", True)
        assert "the user's own words" in (Path(spec.directory) / "engine.log").read_text()
    finally:
        engine.kill()
        engine.wait()


@pytest.mark.slow
def test_sigterm_ends_an_engine_whose_user_code_hangs(tmp_path: Path) -> None:
    hangs = EXPERIMENT + "def loss(p, t):\n    import time\n    time.sleep(1000)\n"
    spec = made(tmp_path, hangs)
    engine = catalog.start_engine(spec)
    try:
        with attach(spec) as client:
            client.send(Step())
            client.wait(lambda state: "no answer" in state.doing, 30)
            engine.terminate()
            assert engine.wait(timeout=30) == 1
        end = catalog.find(spec.name).end
        assert end is not None
        assert end.reason == "interrupted"
    finally:
        engine.kill()
        engine.wait()


LOADED = """
import torch
from torch import nn
from torch.utils.data import Dataset
settings = {"num_workers": 2}
class Rows(Dataset):
    def __len__(self): return 64
    def __getitem__(self, index): return torch.randn(3), torch.randn(1)
def data(): return Rows(), Rows()
def model(): return nn.Linear(3, 1)
"""


@pytest.mark.slow
def test_clients_see_the_end_of_a_killed_engine_whose_workers_live(tmp_path: Path) -> None:
    spec = made(tmp_path, LOADED)
    engine = catalog.start_engine(spec)
    try:
        with attach(spec) as client:
            client.send(Run())
            client.wait(lambda state: state.step > 3, 60)
            engine.kill()
            with pytest.raises(ConnectionError):
                client.wait(lambda state: False, 4.0)
        engine.wait()
        assert catalog.find(spec.name).life == "died"
        with pytest.raises(ConnectionError):
            Client(catalog.socket_path(Path(spec.directory)))
    finally:
        engine.kill()
        engine.wait()


def headless(spec: catalog.RunSpec, *flags: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        catalog.engine_command(spec, *flags),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_headless_prints_every_step_and_nothing_of_the_users(tmp_path: Path) -> None:
    spec = made(tmp_path, headless=True, until="step>=30")
    out, err = headless(spec, "--every", "1", "--jsonl").communicate(timeout=60)
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row.get("step") for row in rows] == [*range(1, 31), None]
    assert all(isinstance(row["loss"], float) for row in rows[:-1])
    assert (rows[-1]["event"], rows[-1]["run"], err) == ("end", spec.name, "")


@pytest.mark.slow
def test_headless_is_interrupted_cleanly(tmp_path: Path) -> None:
    spec = made(tmp_path, headless=True, until="step>=1000000000")
    run = headless(spec, "--every", "1", "--jsonl")
    assert run.stdout is not None
    run.stdout.readline()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (json.loads(out.splitlines()[-1])["reason"], run.returncode, err) == (
        "interrupted",
        0,
        "",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "until", "code"),
    [
        ("def data(", "step>=3", 2),
        (EXPERIMENT, "", 2),
        (EXPERIMENT + "settings = {'lr': 1e18}\n", "step>=300", 1),
    ],
)
def test_headless_says_what_went_wrong_in_a_sentence(
    tmp_path: Path, text: str, until: str, code: int
) -> None:
    run = headless(made(tmp_path, text, headless=True, until=until))
    _, err = run.communicate(timeout=60)
    assert (run.returncode, err.count("\n")) == (code, 1)
    assert "Traceback" not in err


def test_serves_no_run_twice(tmp_path: Path) -> None:
    spec = made(tmp_path)
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        catalog.write_engine_note(Path(spec.directory), sleeper.pid)
        done = subprocess.run(catalog.engine_command(spec), capture_output=True, text=True)
        assert done.returncode == 2
        assert "has an engine already" in done.stderr
    finally:
        sleeper.kill()
        sleeper.wait()
