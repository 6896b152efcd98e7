"""Bringing an engine up, with stand-ins for the processes."""

import subprocess
import sys
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from foghill.engine.runs.catalog import Run, RunSpec, new_run, socket_path
from foghill.tui import launch as launching
from foghill.tui.launch import Launch
from foghill.tui.link import LinkError


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path))
    return new_run("parabola")


def stand_in(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start `code` where the engine would be started."""

    def start(spec: RunSpec) -> "subprocess.Popen[bytes]":
        with (Path(spec.directory) / "engine.log").open("wb") as log:
            return subprocess.Popen([sys.executable, "-c", code], stdout=log, stderr=log)

    monkeypatch.setattr(launching, "start_engine", start)


async def test_an_engine_that_ends_at_once_is_quoted(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
):
    stand_in("print('no torch here'); raise SystemExit(3)", monkeypatch)
    launch = Launch(spec)
    assert launch.first.doing == "starting the engine"
    with pytest.raises(LinkError, match=r"exit code 3\): no torch here"):
        await launch.open(lambda _: None, lambda _: None)


async def test_a_living_run_is_connected_to_without_starting_anything(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
):
    def start(_: RunSpec) -> None:
        raise AssertionError("an engine was started")

    monkeypatch.setattr(launching, "start_engine", start)
    with FakeEngine(socket_path(Path(spec.directory))):
        launch = Launch(Run(spec, "alive", 1), "driver")
        assert not launch.new
        link, welcome = await launch.open(lambda _: None, lambda _: None)
        assert welcome.state.run == "parabola"
        await link.close()


async def test_leaving_before_it_answers_ends_it_and_leaves_no_litter(
    spec: RunSpec, monkeypatch: pytest.MonkeyPatch
):
    import asyncio

    stand_in("import time; time.sleep(60)", monkeypatch)
    launch = Launch(spec)
    opening = asyncio.create_task(launch.open(lambda _: None, lambda _: None))
    while launch._engine is None:
        await asyncio.sleep(0)
    await launch.abandon()
    assert launch._engine.poll() is not None
    assert not Path(spec.directory).exists()
    with pytest.raises(LinkError):
        await opening


async def test_the_fate_of_a_run_is_measured(spec: RunSpec):
    assert await Launch(spec).fate() == "died", "no engine was ever there"
    import shutil

    shutil.rmtree(spec.directory)
    assert await Launch(spec).fate() == "gone"
