"""What was tried is kept across runs, and is never worth a run."""

import os
from pathlib import Path

import pytest
from foghill.engine.runs import progress


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_was_done_adds_up(home: Path):
    assert progress.tried() == {}
    progress.add("hill", {3, 1})
    progress.add("line", {2})
    progress.add("hill", {2})
    assert progress.tried() == {"hill": {1, 2, 3}, "line": {2}}
    assert [path.name for path in home.iterdir()] == ["progress.json"]


def test_one_lesson_or_all_are_begun_anew():
    progress.add("hill", {1})
    progress.add("line", {2})
    progress.forget("hill")
    assert progress.tried() == {"line": {2}}
    progress.forget()
    assert progress.tried() == {}


@pytest.mark.parametrize("content", [b"", b"{", b'{"hill": 3}', b"[]", b"[" * 5000, b"\xff\xfe"])
def test_a_broken_file_is_as_none_and_is_written_anew(home: Path, content: bytes):
    home.mkdir()
    progress.path().write_bytes(content)
    assert progress.tried() == {}
    progress.add("hill", {1})
    assert progress.tried() == {"hill": {1}}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_what_cannot_be_written_is_let_go(home: Path):
    home.mkdir(mode=0o500)
    progress.add("hill", {1})
    assert progress.tried() == {}


def test_a_file_where_the_directory_should_be_is_let_go(home: Path):
    home.write_text("")
    progress.add("hill", {1})
    assert progress.tried() == {}
