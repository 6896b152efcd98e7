"""The store keeps everything exactly, and nobody waits for its disk."""

import contextlib
import gc
import math
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from foghill.engine.history import database, store
from foghill.engine.history.database import Batch
from foghill.engine.history.store import Store, read_journal, read_knobs, read_losses
from hypothesis import given, settings
from hypothesis import strategies as st

PATIENCE = 60.0


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def nothing() -> None:
    pass


def settle(kept: Store) -> None:
    """Returns when a transaction begun after this call was tried."""
    tried = threading.Event()
    kept.journal(0, "test", "settle", tried.set)
    assert tried.wait(PATIENCE)


def eventually(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came true")


class StuckDisk:
    """Transactions wait until `free` is set; `batches` are those begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = threading.Event()
        self.begun = threading.Event()
        self.batches: list[Batch] = []
        really = database.write

        def write(connection: sqlite3.Connection, batch: Batch) -> None:
            self.batches.append(batch)
            self.begun.set()
            assert self.free.wait(PATIENCE)
            really(connection, batch)

        monkeypatch.setattr(database, "write", write)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[StuckDisk]:
    disk = StuckDisk(monkeypatch)
    yield disk
    disk.free.set()


class FullDisk:
    """A database that cannot grow while `full`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        really = database.write

        def write(connection: sqlite3.Connection, batch: Batch) -> None:
            limit = 1 if self.full else 2**30  # SQLite raises it to what is in use
            connection.execute(f"pragma max_page_count = {limit}")
            really(connection, batch)

        monkeypatch.setattr(database, "write", write)
        monkeypatch.setattr(store, "RETRY_SECONDS", 0.01)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


def bits(values: list[float]) -> bytes:
    return struct.pack(f"{len(values)}d", *values)


ODD = [math.nan, -math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1]


def test_values_come_back_bit_for_bit(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    kept.record("loss", range(1, 9), ODD)
    assert bits(kept.exact("loss", 1, 8)[1]) == bits(ODD)
    kept.close()
    assert bits(kept.exact("loss", 1, 8)[1]) == bits(ODD)
    rows = list(read_losses(tmp_path))
    assert bits([row["loss"] for _, row in rows]) == bits(ODD)
    assert [step for step, _ in rows] == list(range(1, 9))


gaps = st.lists(st.sampled_from([1, 1, 1, 2, 500, 4096, 9000]), min_size=1, max_size=40)


@settings(print_blob=True, deadline=None, max_examples=60)
@given(
    chunks=st.lists(st.tuples(st.sampled_from(["loss", "valid_loss"]), gaps), max_size=6),
    window=st.tuples(st.integers(0, 60_000), st.integers(0, 60_000)),
    limit=st.integers(1, 30),
    branch_at=st.integers(0, 6),
)
def test_any_window_is_what_was_recorded(
    chunks: list[tuple[str, list[int]]], window: tuple[int, int], limit: int, branch_at: int
) -> None:
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        kept = Store(Path(directory))
        stack.callback(kept.close)
        told: dict[str, dict[int, float]] = {}
        for number, (series, some_gaps) in enumerate(chunks):
            if number == branch_at:
                kept.new_branch()
                told.clear()
            values = told.setdefault(series, {})
            steps = [max(values, default=0)]
            for gap in some_gaps:
                steps.append(steps[-1] + gap)
            values.update((step, step / 7) for step in steps[1:])
            kept.record(series, steps[1:], [step / 7 for step in steps[1:]])
        for check in range(2):
            for series, values in told.items():
                first, last = window[0], sum(window)
                expected = [(s, v) for s, v in values.items() if first <= s <= last]
                steps, found, more = kept.exact(series, first, last, limit)
                assert list(zip(steps, found, strict=True)) == expected[:limit]
                assert more == (len(expected) > limit)
            assert kept.series() == tuple(told)
            if check == 0:
                kept.close()
        merged = dict(read_losses(Path(directory)))
        assert merged == {
            step: {series: step / 7 for series, values in told.items() if step in values}
            for step in sorted({step for values in told.values() for step in values})
        }


def test_nobody_waits_for_a_disk(stuck: StuckDisk, tmp_path: Path) -> None:
    kept = Store(tmp_path)
    assert stuck.begun.wait(PATIENCE)
    for first in range(0, 100_000, 1000):
        kept.record("loss", range(first, first + 1000), [1.0] * 1000)
    kept.journal(5, "ann", "lr 0.1 → 0.2", nothing)
    kept.knobs({"lr": 0.2})
    kept.new_branch()
    kept.record("loss", [1], [2.0])
    assert kept.exact("loss", 0, 10) == ([1], [2.0], False)
    assert kept.trouble == ""  # the disk would have given up by now, had anything waited for it
    stuck.free.set()
    kept.close()
    assert [entry.what for entry in read_journal(tmp_path)] == ["lr 0.1 → 0.2"]


def test_what_is_not_yet_on_disk_is_read_all_the_same(stuck: StuckDisk, kept: Store) -> None:
    values = [step / 3 for step in range(20_000)]
    kept.record("loss", range(20_000), values)
    assert kept.exact("loss", 0, 2**70, limit=50_000)[1] == values
    stuck.free.set()
    settle(kept)
    assert kept.exact("loss", -7, 2**70, limit=50_000)[1] == values


def test_what_comes_while_its_block_is_being_written_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, late = database.write, [([3, 5000], [3.0, 4.0])]

    def write(connection: sqlite3.Connection, batch: Batch) -> None:
        if batch.losses and late:
            kept.record("loss", *late.pop())
        really(connection, batch)

    monkeypatch.setattr(database, "write", write)
    monkeypatch.setattr(store, "PARTIAL_SECONDS", 0.0)
    with contextlib.closing(Store(tmp_path)) as kept:
        kept.record("loss", [1, 2], [1.0, 2.0])
        settle(kept)
        settle(kept)
        assert late == []
        assert kept.exact("loss", 0, 9000) == ([1, 2, 3, 5000], [1.0, 2.0, 3.0, 4.0], False)
    assert [row["loss"] for _, row in read_losses(tmp_path)] == [1.0, 2.0, 3.0, 4.0]


def test_more_is_told_when_a_page_ends_with_its_block(kept: Store) -> None:
    kept.record("loss", [1, 2, 4096], [1.0, 2.0, 3.0])
    assert kept.exact("loss", 0, 5000, limit=2) == ([1, 2], [1.0, 2.0], True)
    assert kept.exact("loss", 0, 5000, limit=3)[2] is False


def test_a_backlog_is_written_in_several_transactions(
    stuck: StuckDisk, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BLOCKS_AT_ONCE", 2)
    kept.record("loss", range(50_000), [1.0] * 50_000)
    stuck.free.set()
    kept.close()
    assert max(len(batch.losses) for batch in stuck.batches) <= 3
    assert sum(1 for _ in read_losses(tmp_path)) == 50_000


def test_then_is_called_after_the_entry_is_on_disk(kept: Store, tmp_path: Path) -> None:
    seen: list[list[str]] = []
    called = threading.Event()

    def look() -> None:
        seen.append([entry.what for entry in read_journal(tmp_path)])
        called.set()

    kept.journal(12, "ann", "lr 0.1 → 0.2", look)
    assert called.wait(PATIENCE)
    assert seen == [["lr 0.1 → 0.2"]]
    entry = read_journal(tmp_path)[0]
    assert (entry.branch, entry.step, entry.who) == (0, 12, "ann")


def test_entries_that_wait_are_committed_together(stuck: StuckDisk, kept: Store) -> None:
    assert stuck.begun.wait(PATIENCE)
    called: list[int] = []
    for number in range(100):
        kept.journal(number, "ann", "set", lambda number=number: called.append(number))
    assert called == []
    stuck.free.set()
    eventually(lambda: len(called) == 100)
    assert called == list(range(100))
    assert sum(1 for batch in stuck.batches if batch.entries) == 1


def test_an_unfinished_block_is_not_written_with_every_entry(
    stuck: StuckDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PARTIAL_SECONDS", 3600.0)
    stuck.free.set()
    kept = Store(tmp_path)
    settle(kept)
    for step in range(1, 50):
        kept.record("loss", [step], [1.0])
        settle(kept)
    assert [batch for batch in stuck.batches if batch.losses] == []
    kept.record("loss", range(50, 4096), [1.0] * 4046)  # now it is finished
    eventually(lambda: any(batch.losses for batch in stuck.batches))
    kept.record("loss", [4096], [3.0])
    kept.close()
    assert dict(read_losses(tmp_path))[4096] == {"loss": 3.0}


def test_unfinished_blocks_reach_the_disk_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PARTIAL_SECONDS", 0.01)
    with contextlib.closing(Store(tmp_path)) as kept:
        settle(kept)
        for step in range(1, 4):
            kept.record("loss", [step], [1.0])
            eventually(lambda step=step: len(list(read_losses(tmp_path))) == step)


def test_a_full_disk_is_told_and_training_goes_on(
    disk: FullDisk, kept: Store, tmp_path: Path
) -> None:
    settle(kept)
    disk.full = True
    kept.record("loss", range(100_000), [0.5] * 100_000)
    settle(kept)
    assert "full" in kept.trouble
    assert kept.trouble.count("\n") == 0
    called = threading.Event()
    kept.journal(7, "ann", "paused", called.set)
    assert called.wait(PATIENCE)
    assert kept.exact("loss", 99_999, 99_999)[1] == [0.5]
    disk.full = False
    eventually(lambda: kept.trouble == "")
    kept.close()
    assert sum(1 for _ in read_losses(tmp_path)) == 100_000
    assert "paused" in [entry.what for entry in read_journal(tmp_path)]


def test_a_restart_on_a_full_disk_is_a_new_branch_all_the_same(
    disk: FullDisk, kept: Store, tmp_path: Path
) -> None:
    kept.record("loss", range(10_000), [1.0] * 10_000)
    settle(kept)
    disk.full = True
    settle(kept)
    kept.new_branch()
    kept.record("loss", range(5_000), [2.0] * 5_000)
    settle(kept)
    assert "full" in kept.trouble
    disk.full = False
    kept.close()
    assert {row["loss"] for _, row in read_losses(tmp_path)} == {2.0}


def test_memory_is_bounded_while_the_disk_is_full(
    disk: FullDisk, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_WAITING", 4)
    settle(kept)
    disk.full = True
    settle(kept)
    kept.record("loss", range(100_000), [0.5] * 100_000)
    settle(kept)
    assert len(kept._finished) == 4
    assert "lost" in kept.trouble
    disk.full = False
    eventually(lambda: "full" not in kept.trouble)
    kept.close()
    assert "were lost" in kept.trouble
    assert f"{100_000 - sum(1 for _ in read_losses(tmp_path)):,}" in kept.trouble


def test_a_disk_that_is_full_at_the_end_does_not_hold_up_the_end(
    disk: FullDisk, kept: Store
) -> None:
    settle(kept)
    disk.full = True
    kept.record("loss", range(50_000), [0.5] * 50_000)
    called = threading.Event()
    kept.journal(1, "ann", "stop", called.set)
    kept.close()
    assert called.is_set()
    assert "full" in kept.trouble
    assert not kept._writer.is_alive()


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    kept = Store(tmp_path / "gone")
    settle(kept)
    assert "cannot be saved" in kept.trouble
    kept.record("loss", [1], [2.0])
    assert kept.exact("loss", 1, 1) == ([1], [2.0], False)
    kept.close()


def test_text_that_is_no_utf8_is_kept_as_far_as_it_goes(kept: Store, tmp_path: Path) -> None:
    kept.record("bad\udc80", [1], [2.0])
    kept.knobs({"stop": "\udc80"})
    kept.journal(1, "\udc80", "what\udc80", nothing)
    settle(kept)
    assert kept.exact("bad\udc80", 1, 1)[1] == [2.0]
    kept.close()
    assert kept.trouble == ""
    assert read_journal(tmp_path)[0].what == "what?"


def test_a_then_that_raises_does_not_end_the_journal(
    kept: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise OSError("the client is gone")

    kept.journal(1, "ann", "run", fails)
    settle(kept)
    assert "the client is gone" in capsys.readouterr().err


def test_after_close_then_is_called_at_once(kept: Store) -> None:
    kept.close()
    called = threading.Event()
    kept.journal(1, "ann", "run", called.set)
    assert called.is_set()


def test_a_new_branch_begins_again_and_is_what_is_exported(kept: Store, tmp_path: Path) -> None:
    kept.record("loss", [1, 2, 3], [1.0, 1.0, 1.0])
    kept.record("accuracy", [3], [0.5])
    kept.new_branch()
    assert kept.series() == ()
    assert kept.exact("loss", 0, 10) == ([], [], False)
    kept.record("loss", [1], [9.0])
    kept.journal(0, "ann", "restart", nothing)
    kept.close()
    assert list(read_losses(tmp_path)) == [(1, {"loss": 9.0})]
    assert read_journal(tmp_path)[0].branch == 1


def test_opened_again_it_begins_another_branch(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        kept = Store(tmp_path)
        kept.record("loss", [1], [value])
        kept.close()
    assert list(read_losses(tmp_path)) == [(1, {"loss": 2.0})]


def test_steps_go_forwards(kept: Store) -> None:
    kept.record("valid_loss", [5], [1.0])
    kept.record("valid_loss", [5], [2.0])
    assert kept.exact("valid_loss", 0, 9) == ([5], [2.0], False)
    with pytest.raises(ValueError, match="up to step 5"):
        kept.record("valid_loss", [4], [1.0])
    with pytest.raises(ValueError, match="2 steps"):
        kept.record("loss", [1, 2], [1.0])


def test_the_latest_knobs_are_kept(kept: Store, tmp_path: Path) -> None:
    kept.knobs({"gone": 1})
    settle(kept)
    kept.knobs({"lr": 0.1, "batch_size": 32, "shuffle": True, "optimizer": "sgd"})
    kept.close()
    knobs = read_knobs(tmp_path)
    assert knobs == {"lr": 0.1, "batch_size": 32, "shuffle": True, "optimizer": "sgd"}
    assert list(map(type, knobs.values())) == [float, int, bool, str]


def test_no_write_ahead_log_on_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[str] = []
    for network in (True, False):
        monkeypatch.setattr(database, "on_network_file_system", lambda _, there=network: there)
        directory = tmp_path / str(network)
        directory.mkdir()
        kept = Store(directory)
        settle(kept)
        with contextlib.closing(sqlite3.connect(directory / "run.db")) as connection:
            modes += connection.execute("pragma journal_mode").fetchone()
        kept.close()
    assert modes == ["delete", "wal"]


def test_a_forked_worker_does_not_disturb_it(kept: Store, tmp_path: Path) -> None:
    kept.record("loss", [1], [1.0])
    settle(kept)
    with kept._wake:  # as unlucky as it gets: the lock is held at the fork
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            kept.record("loss", [2], [666.0])
            kept.journal(2, "worker", "nonsense", nothing)
            kept.new_branch()
            kept.close()
            gc.collect()
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    kept.record("loss", [2], [2.0])
    kept.close()
    assert list(read_losses(tmp_path)) == [(1, {"loss": 1.0}), (2, {"loss": 2.0})]
    with contextlib.closing(sqlite3.connect(tmp_path / "run.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


KILLED = """
import sys, threading
from pathlib import Path
from foghill.engine.history.store import Store
kept = Store(Path(sys.argv[1]))
kept.record("loss", range(10_000), [0.25] * 10_000)
done = threading.Event()
kept.journal(9999, "ann", "paused", done.set)
done.wait()
print("there", flush=True)
threading.Event().wait()
"""


@pytest.mark.slow
def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE
    ) as engine:
        assert engine.stdout
        assert engine.stdout.readline() == b"there\n"
        engine.kill()
    assert [entry.what for entry in read_journal(tmp_path)] == ["paused"]
    assert len(list(read_losses(tmp_path))) >= 8192
