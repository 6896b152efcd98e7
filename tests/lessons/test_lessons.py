"""What holds for every lesson: a plain file with a text in sections, that ends by itself.

What each of them promises to learn is in `tests/lessons/`.
"""

import ast
from pathlib import Path

import pytest
from foghill.engine.protocol import condition
from foghill.engine.runs import catalog

from lessons.plain import experiment

LESSONS = {lesson.name: lesson for lesson in catalog.lessons()}
LONGER = {"overfit": 1500, "playground": 2500}  # steps of lessons that need more than the rest


def test_the_lessons_come_in_order():
    assert list(LESSONS) == [name for name in catalog.LESSON_ORDER if name in LESSONS]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_a_plain_file_that_says_what_to_see_try_and_read(name: str):
    lesson = LESSONS[name]
    assert 0 < len(lesson.title) <= 60
    assert [line for line in lesson.text.splitlines() if line and not line.startswith(" ")] == [
        "See",
        "Try",
        "Read",
    ]
    assert "\n  1. " in lesson.text
    assert all(len(line) <= 96 for line in lesson.text.splitlines())


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_imports_nothing_of_ours(name: str):
    tree = ast.parse(Path(LESSONS[name].path).read_text("utf-8"))
    nodes = list(ast.walk(tree))
    imported = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    assert not any("foghill" in module or not module for module in imported)
    assert not any(node.level for node in nodes if isinstance(node, ast.ImportFrom))


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_ends_by_itself_and_uses_one_thread(name: str):
    values = experiment(name).values
    assert values["threads"] == 1
    bound = condition.parse(str(values["stop"])).step_bound
    assert bound is not None
    assert bound <= LONGER.get(name, 900)  # half a minute at 30 steps a second


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_has_a_test_of_what_it_promises(name: str):
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
