"""Losses of a real headless run equal those of a plain PyTorch loop to the last bit, watched
or not."""

import functools
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from engines import attached, rows
from foghill.engine.protocol.client import Client
from foghill.engine.protocol.commands import Run, Speed
from foghill.engine.protocol.views import (
    CurveRequest,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    StateRequest,
)
from foghill.engine.runs import catalog

pytestmark = pytest.mark.slow

MINE = """
import torch
from torch import nn
settings = {"valid": 0.0, "lr": 0.01}
def data():
    x = torch.randn(100, 2)
    return x, (x[:, :1] * x[:, 1:]).sin() + 0.1 * torch.randn(100, 1)
def model(): return nn.Sequential(nn.Linear(2, 16), nn.Dropout(0.1), nn.Tanh(), nn.Linear(16, 1))
def metrics(prediction, target): return {"worst": (prediction - target).abs().max()}
def view(model, x, y): return {"noise": torch.randn(20), "first": model[0].weight}
"""
STEPS = 200
ALL_VIEWS = (
    StateRequest(),
    CurveRequest(),
    PhasesRequest(),
    OutputRequest(),
    PictureRequest("own"),
    PictureRequest("boundary", 20, 10),
    PictureRequest("predicted"),
)
WATCH = """
import sys
from pathlib import Path
from foghill.engine.protocol.client import Client
from foghill.engine.protocol.views import *
client = Client(Path(sys.argv[1]), "watcher")
client.look(StateRequest(), CurveRequest(), PhasesRequest(), PictureRequest("boundary", 20, 10))
client.receive()
print("looking", flush=True)
while True: client.receive(600)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)


@functools.cache
def by_hand(size: int, optimizer: str) -> list[float]:
    loop = Path(__file__).with_name("plain_loop.py")
    command = (sys.executable, str(loop), str(size), optimizer, str(STEPS), "1")
    beside = os.environ | {"PYTHONPATH": str(Path.cwd())}
    output = subprocess.run(command, env=beside, capture_output=True, text=True, check=True).stdout
    return [float(line) for line in output.split()]


def settings(size: int, optimizer: str) -> dict[str, str]:
    return {"batch_size": str(size), "optimizer": optimizer, "threads": "1"}


def by_foghill(size: int, optimizer: str, watchers: int = 0) -> list[float]:
    """Of a headless process; with watchers it is held back until all of them look."""
    spec = catalog.new_run(
        "mine.py",
        headless=True,
        until=f"step>={STEPS}",
        settings=settings(size, optimizer),
    )
    command = catalog.engine_command(spec, "--every", "1", "--jsonl")
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
        )
        stack.callback(process.kill)
        if watchers:
            watch(stack, Path(spec.directory), watchers)
        output, _ = process.communicate(timeout=120)
        told = rows(output)
    assert told[-1]["event"] == "end"
    assert [row["step"] for row in told[:-1]] == list(range(1, STEPS + 1))
    return [row["loss"] for row in told[:-1]]  # type: ignore[misc]


def watch(stack: ExitStack, directory: Path, watchers: int) -> None:
    """Clients that look at everything; one is a process that is stopped with SIGSTOP."""
    path = catalog.socket_path(directory)
    with attached(directory):
        pass
    stopped = stack.enter_context(
        subprocess.Popen((sys.executable, "-c", WATCH, str(path)), stdout=subprocess.PIPE)
    )
    stack.callback(stopped.kill)
    for _ in range(watchers - 1):
        stack.enter_context(Client(path, "watcher")).look(*ALL_VIEWS)
    assert stopped.stdout is not None
    assert stopped.stdout.readline() == b"looking\n"
    stopped.send_signal(signal.SIGSTOP)


@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_headless_losses_are_those_of_ten_lines_of_pytorch(size: int, optimizer: str) -> None:
    assert by_foghill(size, optimizer) == by_hand(size, optimizer)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("watchers", [1, 16])
def test_they_are_the_same_however_many_watch_one_of_them_stopped(
    optimizer: str, watchers: int
) -> None:
    """The run waits until all look, then takes a second, so that every view is painted."""
    spec = catalog.new_run("mine.py", settings=settings(10, optimizer))
    engine = catalog.start_engine(spec)
    directory = Path(spec.directory)
    with ExitStack() as stack:
        stack.callback(engine.wait)
        stack.callback(engine.kill)
        driver = stack.enter_context(attached(directory))
        driver.wait(lambda state: state.status == "paused", 60)
        watch(stack, directory, watchers)
        driver.wait(lambda state: state.watchers == watchers, 60)
        driver.send(Speed(200.0))
        driver.send(Run(f"step>={STEPS}"))
        driver.wait(lambda state: state.step == STEPS, 60)
        _, losses = driver.ask("loss", 1, STEPS)
    assert losses == by_hand(10, optimizer)


def test_headless_too(tmp_path: Path) -> None:
    """Attached to from its first moment, while it imports torch."""
    assert by_foghill(10, "sgd", watchers=16) == by_hand(10, "sgd")
