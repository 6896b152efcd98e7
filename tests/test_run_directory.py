"""The files of a run's directory, and where its socket may lie."""

import hashlib
import os
from pathlib import Path

import pytest
from foghill.engine import run_directory
from foghill.engine.run_directory import (
    SOCKET_PATH_BYTES,
    CatalogError,
    EndNote,
    check_private,
    keep_source,
    make_directory,
    new_socket_path,
    read_end_note,
    read_spec,
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
