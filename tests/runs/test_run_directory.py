"""The files of a run's directory, and where its socket may lie."""

import hashlib
import os
from pathlib import Path

import pytest
from foghill.engine.runs import directory as run_directory
from foghill.engine.runs.directory import (
    SOCKET_PATH_BYTES,
    CatalogError,
    EndNote,
    RunSpec,
    check_private,
    keep_source,
    kept_source,
    kept_weights,
    last_stored,
    make_directory,
    new_socket_path,
    read_end_note,
    read_spec,
    stored_knobs,
    write_end_note,
)


def test_home_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "x"))
    assert run_directory.home() == tmp_path / "x"
    assert make_directory("a").stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("FOGHILL_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert run_directory.home().is_relative_to(tmp_path)


def test_large_tables_are_hashed_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_directory, "COPIED_TABLE_BYTES", 10)
    kept = tmp_path / "kept"
    kept.mkdir()
    table = tmp_path / "t.csv"
    table.write_bytes(b"a,b\n1,2\n3,4\n")
    assert keep_source(table, kept) == hashlib.sha256(table.read_bytes()).hexdigest()
    assert list(kept.iterdir()) == []
    table.write_bytes(b"a\n1\n")
    keep_source(table, kept)
    assert (kept / "source.csv").read_bytes() == b"a\n1\n"


def test_what_is_not_readable_is_nothing(tmp_path: Path) -> None:
    assert read_end_note(tmp_path) is None
    (tmp_path / "end.json").write_bytes(b'{"reason": 3}')
    assert read_end_note(tmp_path) is None
    with pytest.raises(CatalogError, match="not a run directory"):
        read_spec(tmp_path)


def test_notes_leave_no_half_files(tmp_path: Path) -> None:
    note = EndNote("done", "finished", 1, 0, float("nan"))
    write_end_note(tmp_path, note)
    assert [path.name for path in tmp_path.iterdir()] == ["end.json"]
    found = read_end_note(tmp_path)
    assert found is not None
    assert found.loss is None


def test_the_socket_lies_beside_the_run_where_its_path_is_short(tmp_path: Path) -> None:
    assert new_socket_path(Path("/r")) == Path("/r/engine.sock")
    far = new_socket_path(tmp_path / ("ü" * 60))
    assert len(os.fsencode(far)) <= SOCKET_PATH_BYTES
    assert far != new_socket_path(tmp_path / ("ü" * 61))


def test_a_long_temporary_directory_does_not_help_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_directory.tempfile, "gettempdir", lambda: str(tmp_path / ("t" * 90)))
    far = new_socket_path(tmp_path / ("d" * 100))
    assert len(os.fsencode(far)) <= SOCKET_PATH_BYTES


def test_only_a_closed_directory_of_ones_own_is_private(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    check_private(mine)
    link = tmp_path / "link"
    link.symlink_to(mine)
    with pytest.raises(CatalogError, match="0700"):
        check_private(link)
    mine.chmod(0o750)
    with pytest.raises(CatalogError, match="0700"):
        check_private(mine)


def test_the_store_is_read_without_numpy_as_it_was_written(tmp_path: Path) -> None:
    from foghill.engine.history.store import Store

    assert last_stored(tmp_path) is None
    assert stored_knobs(tmp_path) == {}
    store = Store(tmp_path)
    store.record("loss", [1, 2], [0.5, 0.25])
    store.new_branch()
    store.record("loss", range(1, 5001), [1 / step for step in range(1, 5001)])
    store.record("valid_loss", [40, 4990], [0.1, float("nan")])
    store.knobs({"lr": 0.003, "shuffle": False, "optimizer": "adam", "width": 24, "stop": ""})
    store.close()
    assert last_stored(tmp_path) == (5000, 1 / 5000)
    step, value = last_stored(tmp_path, "valid_loss") or (0, 0.0)
    assert (step, value != value) == (4990, True)
    assert last_stored(tmp_path, "accuracy") is None
    typed = {"lr": "0.003", "shuffle": "off", "optimizer": "adam", "width": "24", "stop": ""}
    assert stored_knobs(tmp_path) == typed
    (tmp_path / "run.db").write_bytes(b"no database")
    assert last_stored(tmp_path) is None


def test_the_experiment_is_found_as_the_run_began_with_it(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    path = tmp_path / "mine.py"
    path.write_text("1")
    spec = RunSpec(
        name="r",
        directory=str(run),
        experiment="mine.py",
        kind="file",
        path=str(path),
        source_sha256=keep_source(path, run),
    )
    assert kept_source(spec) == path
    path.write_text("2")
    assert kept_source(spec) == run / "source.py"
    (run / "source.py").unlink()
    assert kept_source(spec) is None
    assert kept_weights(run) is None
    (run / "weights.safetensors").touch()
    assert kept_weights(run) == run / "weights.safetensors"
