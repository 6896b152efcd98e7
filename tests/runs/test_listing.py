"""What can be learned: lessons by their docstrings, files and tables by their endings."""

import os
from pathlib import Path

import pytest
from foghill.engine.runs import listing
from foghill.engine.runs.directory import CatalogError
from foghill.engine.runs.listing import LESSON_ORDER, lessons, resolve


def test_lessons_come_in_the_order_of_teaching_with_their_text() -> None:
    found = lessons()
    names = [lesson.name for lesson in found]
    known = [name for name in LESSON_ORDER if name in names]
    assert names[: len(known)] == known
    for lesson in found:
        assert lesson.title
        assert lesson.text


def test_lessons_are_read_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__init__.py").touch()
    (tmp_path / "zeta.py").write_text('"""Last.\n\nMore.\n"""\nraise SystemExit\n')
    (tmp_path / "line.py").write_text("'''A line.'''")
    (tmp_path / "broken.py").write_text("def (")
    monkeypatch.setattr(listing, "_LESSONS", tmp_path)
    found = [(lesson.name, lesson.title, lesson.text) for lesson in lessons()]
    assert found == [("line", "A line.", ""), ("broken", "", ""), ("zeta", "Last.", "More.")]


def test_resolves_lessons_files_and_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").touch()
    (tmp_path / "b.csv").touch()
    assert resolve("parabola")[0] == "lesson"
    assert resolve("a.py") == ("file", tmp_path / "a.py")
    assert resolve("b.csv", "price") == ("table", tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("experiment", "sentence"),
    [
        ("parabolla", "did you mean parabola"),
        ("trian.py", r"no file trian.py \(did you mean train.py\?\)"),
        ("there/none.py", "is not a directory that can be read"),
        ("x/y", "there is no file x/y"),
        ("notes.txt", "an experiment is a lesson's name, a .py file or a .csv file"),
        ("folder", "is a directory"),
        ("folder.py", "is not a file"),
        ("t.csv", "--target COLUMN"),
        ("", "lessons are "),
        ("__init__", "lessons are "),
    ],
)
def test_says_what_to_do_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, experiment: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("train.py", "notes.txt", "t.csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(CatalogError, match=sentence):
        resolve(experiment)


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.touch(mode=0o000)
    with pytest.raises(CatalogError, match="permission denied"):
        resolve(str(path))
