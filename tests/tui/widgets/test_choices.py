"""Rows of the picker: what was tried of a lesson stands beside its name and in its text."""

from pathlib import Path

from foghill.engine.runs.catalog import Run, RunSpec
from foghill.tui.listing import Item, PickerState
from foghill.tui.widgets.choices import about_rows, list_rows, title_row
from foghill.tui.widgets.rows import Row

HILL = Item(
    "lessons",
    "hill",
    "Downhill",
    "See\n  A hill.\n\nTry\n  1. Step.\n  2. Run.",
    done=frozenset({2}),
    tries=2,
)
LINE = Item("lessons", "line", "A line", tries=10)
FILE = Item("files", "mine.py", "Mine")


def text(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def test_progress_stands_beside_the_name():
    rows, place = list_rows(PickerState((HILL, LINE, FILE)).moved(1), 60)
    assert text(rows) == [
        "lessons",
        "  hill     ✓ 1/2  Downhill",
        "▸ line            A line",
        "",
        "files here",
        "  mine.py  Mine",
    ]
    assert place == 2


def test_without_any_progress_titles_have_the_room():
    rows, _ = list_rows(PickerState((LINE, FILE)), 60)
    assert text(rows)[1] == "▸ line     A line"


def test_the_text_is_ticked():
    assert text(about_rows(HILL, 40)) == [
        "Downhill",
        "",
        "See",
        "  A hill.",
        "",
        "Try",
        "  1. Step.",
        "✓ 2. Run.",
    ]


def test_a_living_run_says_beside_the_list_what_the_list_says(tmp_path: Path):
    spec = RunSpec(name="mine", directory=str(tmp_path), experiment="hill", kind="lesson", path="")
    run = Run(spec, "alive", 4711)
    item = Item("alive", "mine", "running, step 1,234", run=run)
    assert text(about_rows(item, 60))[0].endswith("running, step 1,234")


def test_the_title_says_what_was_looked_for_and_what_came_of_it():
    found = PickerState((HILL,), words="hill")
    assert text([title_row(found, Path("/x"), 60)]) == [" find: hill  esc shows all"]
    assert text([title_row(PickerState(looking=True), Path("/x"), 60)]) == [
        " foghill · /x · looking"
    ]
