"""The run outlives its screen: killed, hung up on, or asked to end, nothing of it is lost."""

import os
import signal
from pathlib import Path

import pytest
from engines import attached
from fakes import eventually
from foghill.engine.history.store import read_losses
from foghill.engine.protocol.commands import Pause, Stop
from foghill.engine.runs import catalog
from terminal import FOGHILL, Terminal

pytestmark = pytest.mark.slow

MINE = """
import torch
from torch import nn
def data(): return torch.randn(100, 2), torch.randn(100, 1)
def model(): return nn.Linear(2, 1)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)


def training(terminal: Terminal) -> catalog.Run:
    """`foghill run mine.py` in this terminal, past its first steps."""
    terminal.shows("· paused ·")
    terminal.press(" ")
    terminal.shows("· running ·")
    return catalog.find("mine")


def stop(run: catalog.Run) -> None:
    with attached(Path(run.spec.directory)) as client:
        client.send(Stop())
    eventually(lambda: catalog.find(run.spec.name).life == "ended")


def goes_on(run: catalog.Run) -> int:
    """A step well past where it stands now."""
    with attached(Path(run.spec.directory), "watcher") as client:
        step = client.state.step
        return client.wait(lambda state: state.step > step + 100, 60).step


def test_a_killed_screen_costs_the_run_nothing_and_attach_shows_all_of_it() -> None:
    with Terminal(*FOGHILL, "run", "mine.py") as terminal:
        run = training(terminal)
        terminal.process.send_signal(signal.SIGKILL)
        terminal.process.wait()
    step = goes_on(run)
    with Terminal(*FOGHILL, "attach", "mine") as terminal:
        terminal.shows("· running ·")
        terminal.press(" ")
        terminal.shows("· paused ·")
        # the chart begins at the first step, drawn before this screen existed
        with attached(Path(run.spec.directory), "watcher") as client:
            steps, losses = client.ask("loss", 1, 2**53)
            assert steps == list(range(1, client.state.step + 1))
            assert len(losses) >= step
        terminal.until(lambda text: f"step {len(steps):,}" in text)
        terminal.press("q")
        assert terminal.wait() == 0
        assert "foghill attach mine" in terminal.text
    assert catalog.find("mine").life == "alive"
    stop(run)


def test_closing_the_terminal_ends_the_screen_and_costs_the_run_nothing() -> None:
    with Terminal(*FOGHILL, "run", "mine.py") as terminal:
        run = training(terminal)
        terminal.hang_up()
        terminal.process.wait(timeout=60)
    goes_on(run)
    with attached(Path(run.spec.directory)) as client:
        client.wait(lambda state: (state.drivers, state.watchers) == (1, 0))
        client.send(Pause())
        steps, _ = client.ask("loss", 1, 2**53)
        assert len(steps) == client.wait(lambda state: state.status == "paused").step
    stop(run)


def test_a_screen_that_ignored_hangups_ends_all_the_same() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        with Terminal(*FOGHILL, "run", "parabola") as terminal:
            terminal.shows("· paused ·")
            terminal.hang_up()
            terminal.process.wait(timeout=60)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_untouched_lesson_whose_terminal_closed_leaves_nothing(tmp_path: Path) -> None:
    with Terminal(*FOGHILL, "run", "parabola") as terminal:
        terminal.shows("· paused ·")
        terminal.hang_up()
        terminal.process.wait(timeout=60)
    eventually(lambda: not list((tmp_path / "home" / "runs").iterdir()))


def test_sigterm_to_the_engine_stores_everything_and_the_screen_says_so() -> None:
    with Terminal(*FOGHILL, "run", "mine.py") as terminal:
        run = training(terminal)
        with attached(Path(run.spec.directory), "watcher") as client:
            seen = client.wait(lambda state: state.step > 200, 60).step
        os.kill(run.pid, signal.SIGTERM)
        # its last word may be lost where the screen was just writing
        terminal.until(
            lambda text: "the run was ended: interrupted" in text or "the run has ended" in text
        )
        terminal.press("q")
        terminal.wait()
    ended = catalog.find("mine")
    assert ended.life == "ended"
    assert ended.end is not None
    assert (ended.end.reason, ended.end.step >= seen) == ("interrupted", True)
    rows = list(read_losses(Path(run.spec.directory)))
    assert [step for step, _ in rows if step] == list(range(1, ended.end.step + 1))
    assert all("loss" in values for _, values in rows)


def test_a_killed_engine_is_listed_as_died_with_its_history() -> None:
    with Terminal(*FOGHILL, "run", "mine.py") as terminal:
        run = training(terminal)
        with attached(Path(run.spec.directory), "watcher") as client:
            client.wait(lambda state: state.seconds > 1.5, 60)  # the store writes each second
        os.kill(run.pid, signal.SIGKILL)
        terminal.shows("the engine died")
        terminal.press("q")
        terminal.wait()
    assert catalog.find("mine").life == "died"
    steps = [step for step, _ in read_losses(Path(run.spec.directory))]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) > 100
