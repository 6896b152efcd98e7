"""What can be learned here, found without executing any of it: lessons, Python files, tables.

Used through `catalog`. `experiment.py` is where one of them is loaded.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from .directory import CatalogError, Kind
from .tries import Item, read

LESSON_ORDER = (
    "tensor", "hill", "line", "parabola", "radio", "neuron", "bend", "playground", "lap", "dial",
    "overfit", "brakes", "optimizers", "digits", "labels", "finetune", "save",
)  # fmt: skip
_LESSONS = Path(__file__).parents[1] / "lessons"


class Lesson(msgspec.Struct, frozen=True):
    """An experiment that ships with Foghill; title and text are its docstring.

    `tries` are the items of its section Try, whose conditions the text no longer has.
    """

    name: str
    title: str
    text: str
    path: str
    tries: tuple[Item, ...] = ()


def lessons() -> tuple[Lesson, ...]:
    """The shipped lessons in the order of teaching. Read, never imported."""
    found = {path.stem: path for path in sorted(_LESSONS.glob("[!_]*.py"))}
    order = [name for name in LESSON_ORDER if name in found]
    order += [name for name in found if name not in order]
    return tuple(_lesson(found[name]) for name in order)


def _lesson(path: Path) -> Lesson:
    import ast

    try:
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    except (OSError, SyntaxError, ValueError):
        docstring = ""
    title, _, text = docstring.partition("\n")
    text, tries = read(text.strip())
    return Lesson(path.stem, title.strip(), text, str(path), tries)


def resolve(experiment: str, target: str = "") -> tuple[Kind, Path]:
    """What `experiment` means: a lesson's name, a Python file or a table file.

    Raises `CatalogError`: unknown lesson, missing file, wrong ending, table without a target.
    """
    lesson = _LESSONS / f"{experiment}.py"
    if re.fullmatch(r"[a-z][a-z0-9_]*", experiment) and lesson.is_file():
        return "lesson", lesson
    path = Path(experiment).expanduser().absolute()
    ending = path.suffix.lower()
    if ending not in (".py", ".csv"):
        raise CatalogError(_not_an_experiment(experiment, path))
    if not path.exists():
        raise CatalogError(f"there is no file {experiment}{close_file(path)}")
    if not path.is_file():
        raise CatalogError(f"{experiment} is not a file")
    if not os.access(path, os.R_OK):
        raise CatalogError(f"{experiment} cannot be read: permission denied")
    if ending == ".csv" and not target:
        raise CatalogError(f"a table needs its target column: run {experiment} --target COLUMN")
    return ("table" if ending == ".csv" else "file"), path


def _not_an_experiment(experiment: str, path: Path) -> str:
    if path.is_dir() and experiment:
        return f"{experiment} is a directory; name the .py or .csv file in it"
    if path.is_file() or "/" in experiment:
        missing = "" if path.is_file() else f"there is no file {experiment}; "
        return f"{missing}an experiment is a lesson's name, a .py file or a .csv file"
    names = [lesson.name for lesson in lessons()]
    return (
        f"there is no lesson {experiment!r}{did_you_mean(experiment, names)}; "
        f"lessons are {', '.join(names)}; a file ends in .py or .csv"
    )


def close_file(path: Path) -> str:
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix == path.suffix]
    except OSError:
        return f": {path.parent} is not a directory that can be read"
    return did_you_mean(path.name, names)


def did_you_mean(wrong: str, names: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(wrong, names, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
