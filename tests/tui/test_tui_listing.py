"""What the picker finds, without executing anything."""

from pathlib import Path

import pytest
from foghill.engine.runs.catalog import Lesson, Run, RunSpec
from foghill.engine.runs.directory import EndNote
from foghill.engine.runs.tries import Item as TryItem
from foghill.tui.listing import (
    Item,
    PickerState,
    columns_of,
    files_of,
    how_it_stands,
    lesson_items,
    progress_words,
)


def test_files_are_read_never_run(tmp_path: Path):
    boom = "raise SystemExit('executed')\n"
    (tmp_path / "train.py").write_text(
        f'"""My net.\n\nTwo layers."""\n{boom}\ndef model():\n  ...\n'
    )
    (tmp_path / "other.py").write_text(boom)
    (tmp_path / "broken.py").write_text("def model(:\n")
    (tmp_path / "late.py").write_text("x = '''\n'''\nclass A:\n    def model(self): ...\n")
    (tmp_path / "houses.csv").write_text("a,b\n")
    (tmp_path / ".hidden.csv").write_text("a,b\n")
    (tmp_path / "folder.csv").mkdir()
    found = {item.name: item for item in files_of(tmp_path)}
    assert sorted(found) == ["broken.py", "houses.csv", "train.py"]
    assert (found["train.py"].title, found["train.py"].text) == ("My net.", "Two layers.")
    assert found["broken.py"].title == "(does not parse)"


def test_a_missing_directory_has_no_files(tmp_path: Path):
    assert files_of(tmp_path / "gone") == []


@pytest.mark.parametrize(
    "header", ["a,b,price", "a;b;price", '"a"\t"b"\t"price"', "\ufeffa,b,price\r"]
)
def test_columns_of_a_table(tmp_path: Path, header: str):
    table = tmp_path / "t.csv"
    table.write_text(header + "\n1,2,3\n", encoding="utf-8")
    assert columns_of(table) == ["a", "b", "price"]


def test_an_empty_table_is_said(tmp_path: Path):
    (tmp_path / "t.csv").touch()
    with pytest.raises(ValueError, match="empty"):
        columns_of(tmp_path / "t.csv")
    with pytest.raises(ValueError, match="cannot read"):
        columns_of(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("status", "words"), [("paused", "ended"), ("running", "ended"), ("finished", "finished")]
)
def test_a_run_that_has_ended_is_not_called_paused(status: str, words: str):
    spec = RunSpec(name="mine", directory="/r", experiment="hill", kind="lesson", path="")
    run = Run(spec, "ended", end=EndNote("stopped", status, step=1234))
    assert how_it_stands(run) == f"{words}, step 1,234"


def items(*names: str) -> list[Item]:
    return [Item("lessons", name) for name in names]


def test_the_chosen_one_stays_chosen_when_more_is_found():
    state = PickerState(tuple(items("a", "b"))).moved(1)
    assert state.chosen is not None
    more = state.with_items([Item("alive", "run"), *items("a", "b")])
    assert more.chosen is not None
    assert more.chosen.name == "b"


def test_words_filter_and_moving_stays_inside():
    state = PickerState(tuple(items("digits", "dial", "line")), words="di")
    assert [item.name for item in state.shown] == ["digits", "dial"]
    assert state.moved(5).place == 1
    assert state.moved(-5).place == 0
    assert PickerState(words="nothing").chosen is None
    assert PickerState(words="nothing").opens == ""


def test_lessons_say_what_was_tried_of_them():
    lesson = Lesson("hill", "Downhill", "", "hill.py", (TryItem(1, "a"), TryItem(2, "b")))
    (item,) = lesson_items([lesson], {"hill": frozenset({2, 9})})
    assert (item.done, item.tries) == ({2}, 2)
    assert lesson_items([lesson])[0].done == frozenset()
    assert progress_words(len(item.done), item.tries) == "✓ 1/2"
    assert progress_words(0, 5) == progress_words(0, 0) == ""
