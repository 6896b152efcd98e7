"""The lines a run in the foreground writes, from a fake store into a pipe."""

import asyncio
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fakes import FakeSession, FakeStore
from foghill.engine.host import headless
from foghill.engine.host.headless import Reporter, in_json
from foghill.engine.protocol.state import Problem, State
from foghill.engine.server.needs import End

STATE = State(
    run="r", directory="/d", experiment="x.py", status="running", steps_per_epoch=4, touched=True
)


class Pipes:
    """Where the reporter writes, and what came."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.err = folder / "err"
        flags = os.O_WRONLY | os.O_CREAT
        self.files = os.open(self.out, flags), os.open(self.err, flags)

    @property
    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.read_text().splitlines()]


@pytest.fixture
def pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipes]:
    made = Pipes(tmp_path)
    monkeypatch.setattr(headless, "divert_output", lambda log: made.files)
    yield made
    for file in made.files:
        os.close(file)


def at(step: int, **changes: object) -> State:
    return msgspec.structs.replace(STATE, step=step, epoch=step // 4, **changes)


def losses(last: int) -> list[tuple[int, float]]:
    return [(step, 1 / step) for step in range(1, last + 1)]


def reporter(**options: object) -> Reporter:
    return Reporter("r", Path("/d"), **options)  # type: ignore[arg-type]


def test_every_so_many_steps_with_exact_numbers(pipes: Pipes) -> None:
    told = reporter(every=3, jsonl=True)
    store = FakeStore(loss=losses(10), valid_loss=[(4, 0.5), (8, 0.25)])
    told.catch_up(store, at(6, steps_per_second=50.0))
    told.catch_up(store, at(10))
    assert pipes.rows == [
        row(3, 0, None, 50.0),
        row(6, 1, 0.5, 0.0),
        row(9, 2, 0.25, 0.0),
    ]


def row(step: int, epoch: int, valid_loss: float | None, rate: float) -> dict[str, object]:
    return {
        "step": step,
        "epoch": epoch,
        "loss": 1 / step,
        "valid_loss": valid_loss,
        "steps_per_second": rate,
    }


def test_the_latest_step_waits_for_its_validation(pipes: Pipes) -> None:
    told = reporter(every=1, jsonl=True)
    store = FakeStore(loss=losses(4))
    told.catch_up(store, at(4))
    assert [row["step"] for row in pipes.rows] == [1, 2, 3]
    store.rows["valid_loss"] = [(4, 0.5)]
    told.catch_up(store, at(4, status="paused"))
    assert pipes.rows[-1] == row(4, 1, 0.5, 0.0)


def test_history_longer_than_a_page_is_complete(pipes: Pipes) -> None:
    told = reporter(every=1, jsonl=True)
    valid = [(step, float(step)) for step in range(1, 25_001)]
    told.catch_up(FakeStore(loss=losses(25_000), valid_loss=valid), at(25_001))
    assert [row["step"] for row in pipes.rows] == list(range(1, 25_001))
    assert all(row["valid_loss"] == row["step"] for row in pipes.rows)


def test_metrics_are_further_keys(pipes: Pipes) -> None:
    told = reporter(every=2, jsonl=True)
    store = FakeStore(loss=losses(4), accuracy=[(2, 0.5)], step=[(1, 99.0)])
    told.catch_up(store, at(5))
    assert [(row["step"], row["accuracy"]) for row in pipes.rows] == [(2, 0.5), (4, 0.5)]


def test_without_every_one_line_for_the_latest_step(pipes: Pipes) -> None:
    told = reporter(jsonl=True)
    store = FakeStore(loss=losses(20_000), valid_loss=[(4, 0.5), (8, 0.25)])
    for state in (at(5), at(5), at(20_000)):
        told.catch_up(store, state)
    assert pipes.rows == [row(5, 1, 0.5, 0.0), row(20_000, 5000, 0.25, 0.0)]


def test_a_restart_begins_anew(pipes: Pipes) -> None:
    told = reporter(every=1, jsonl=True)
    told.catch_up(FakeStore(loss=losses(5), valid_loss=[(4, 0.5)]), at(6))
    told.catch_up(FakeStore(loss=[(1, 7.0), (2, 6.0)]), at(3))
    assert [(row["step"], row["loss"]) for row in pipes.rows[-2:]] == [(1, 7.0), (2, 6.0)]
    assert pipes.rows[-1]["valid_loss"] is None


def test_numbers_json_has_no_word_for_are_strings(pipes: Pipes) -> None:
    assert [in_json(n) for n in (math.nan, math.inf, -math.inf, 0.1 + 0.2, None)] == [
        "nan",
        "inf",
        "-inf",
        0.30000000000000004,
        None,
    ]


async def test_the_end_has_the_loss_that_broke_and_a_last_line(pipes: Pipes) -> None:
    told = reporter(every=1, jsonl=True)
    store = FakeStore(loss=[(1, 1.0), (2, math.nan)])
    problem = Problem("loss is nan at step 2")
    await told.finish(End("loss is nan at step 2", at(1, problem=problem)), store)
    assert [row["loss"] for row in pipes.rows[:-1]] == [1.0, "nan"]
    assert pipes.rows[-1] == {
        "event": "end",
        "reason": "loss is nan at step 2",
        "run": "r",
        "directory": "/d",
    }
    assert pipes.err.read_text() == "foghill: loss is nan at step 2\n"


async def test_plain_lines(pipes: Pipes) -> None:
    told = reporter(every=1)
    store = FakeStore(loss=[(1, 0.1 + 0.2)])
    await told.finish(End("step>=1 reached", at(1, steps_per_second=1234.5678)), store)
    assert pipes.out.read_text().splitlines() == [
        "step 1  epoch 0  loss 0.30000000000000004  valid_loss -  1235/s",
        "end  step>=1 reached  run r  directory /d",
    ]


class Stops:
    def __init__(self) -> None:
        self.reasons: list[str] = []

    def stop(self, reason: str) -> None:
        self.reasons.append(reason)


async def test_a_closed_stdout_stops_the_run_cleanly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    error = os.open(tmp_path / "err", os.O_WRONLY | os.O_CREAT)
    monkeypatch.setattr(headless, "divert_output", lambda log: (writing, error))
    monkeypatch.setattr(headless, "CATCH_UP_SECONDS", 0.001)
    told, server, session = reporter(every=1), Stops(), FakeSession(at(3))
    store = FakeStore(loss=losses(3))
    await told.report(server, session, store)
    assert server.reasons == ["stdout was closed (Broken pipe)"]
    await told.finish(End("stdout was closed", at(3)), store)
    assert told.closed
    assert "stopped at step 3" in (tmp_path / "err").read_text()
    os.close(writing)
    os.close(error)


async def test_a_problem_ends_the_run(pipes: Pipes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless, "CATCH_UP_SECONDS", 0.001)
    server = Stops()
    failed = FakeSession(at(0, status="failed", problem=Problem("no model")))
    async with asyncio.timeout(10):
        task = asyncio.create_task(reporter(every=1).report(server, failed, FakeStore(loss=[])))
        while not server.reasons:
            await asyncio.sleep(0.001)
        task.cancel()
    assert server.reasons[0] == "no model"


def test_divert_output_gives_the_true_files(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = os.dup(1), os.dup(2)
    try:
        out, err = headless.divert_output(tmp_path / "engine.log")
        os.write(1, b"print of the user\n")
        os.write(out, b"line of the reporter\n")
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
    for file in (*kept, out, err):
        os.close(file)
    assert (tmp_path / "engine.log").read_text() == "print of the user\n"
    assert capfd.readouterr().out == "line of the reporter\n"
