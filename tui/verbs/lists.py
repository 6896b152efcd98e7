"""`foghill ls` and `foghill lessons`: what there is to attach to and to learn from."""

import argparse
import json
import shutil
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from pathlib import Path

import msgspec

from ...engine.runs.catalog import Lesson, Run, forget_tried, last_stored, runs, tried
from ...engine.runs.catalog import lessons as shipped
from ..listing import present_state, progress_words
from . import VerbError
from .status import number_in_words, plain


class Row(msgspec.Struct, frozen=True):
    """One line of `ls`, and one object of `ls --json`."""

    name: str
    experiment: str
    life: str
    state: str
    step: int | None
    epoch: int | None
    loss: float | None
    valid_loss: float | None
    reason: str
    pid: int
    host: str
    directory: str
    created: float


def ls(chosen: argparse.Namespace) -> int:
    """Every run: living ones are asked how they stand, dead ones say how they ended."""
    found = runs()
    with ThreadPoolExecutor(max_workers=16) as pool:
        rows = list(pool.map(row_of, found))
    if chosen.json:
        print(json.dumps([_json(row) for row in rows], indent=2, ensure_ascii=False))
    elif rows:
        print(table(rows, time.time(), shutil.get_terminal_size().columns))
    else:
        print("no runs yet; start one with: foghill run parabola")
    return 0


def row_of(run: Run) -> Row:
    """How `run` stands; a living one is asked over its socket."""
    state = present_state(run)
    spec = run.spec
    if state is not None:
        stand = (state.status, state.step, state.epoch, state.loss, state.valid_loss, state.why)
    elif run.end is not None and run.life == "ended":
        end = run.end
        stand = ("ended", end.step, end.epoch, end.loss, end.valid_loss, end.reason)
    elif run.life == "alive":
        stand = ("no answer", None, None, None, None, "")
    elif run.life == "elsewhere":
        stand = (f"on {spec.host}", None, None, None, None, "")
    else:
        stand = _stored(run)
    return Row(
        spec.name,
        spec.experiment,
        run.life,
        *stand,
        pid=run.pid,
        host=spec.host,
        directory=spec.directory,
        created=spec.created,
    )


def _stored(
    run: Run,
) -> tuple[str, int | None, int | None, float | None, float | None, str]:
    """How far a run came that could not say how it ended."""
    directory = Path(run.spec.directory)
    loss, valid = last_stored(directory), last_stored(directory, "valid_loss")
    why = "what it stored is kept: foghill export" if loss else ""
    return "died", loss and loss[0], None, loss and loss[1], valid and valid[1], why


def _json(row: Row) -> dict[str, object]:
    return {name: plain(value) for name, value in msgspec.structs.asdict(row).items()}


def table(rows: Iterable[Row], now: float, columns: int) -> str:
    """Aligned columns; the last, how a run ended, is cut to the width of the terminal."""
    lines = [("NAME", "EXPERIMENT", "STATE", "STEP", "LOSS", "AGE", "")]
    for row in rows:
        step = "–" if row.step is None else str(row.step)
        age = in_words(now - row.created)
        name = Path(row.experiment).name
        loss = number_in_words(row.loss)
        lines.append((row.name, name, row.state, step, loss, age, row.reason))
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths, columns) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], columns: int) -> str:
    padded = [
        f"{cell:>{width}}" if place in (3, 4, 5) else f"{cell:<{width}}"
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    whole = "  ".join(padded[:-1])
    room = max(columns - len(whole) - 2, 12)
    reason = cells[-1] if len(cells[-1]) <= room else cells[-1][: room - 1] + "…"
    return f"{whole}  {reason}".rstrip()


def in_words(seconds: float) -> str:
    """An age in its largest unit: 42s, 7m, 3h, 12d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"


def lessons(chosen: argparse.Namespace) -> int:
    """The shipped lessons with what was tried of each, or the whole text of one."""
    name = _known(chosen.name) if chosen.name else ""
    if chosen.forget:
        forget_tried(name)
    found = {lesson.name: lesson for lesson in shipped()}
    if chosen.json:
        print(json.dumps(_described(found.values(), tried()), indent=2, ensure_ascii=False))
    elif chosen.forget or not name:
        print("\n".join(_titles(found.values(), tried())))
    else:
        text = _wrapped(found[name].text, min(shutil.get_terminal_size().columns, 88))
        print(f"{found[name].title}\n\n{text}\n\nfoghill run {name}")
    return 0


def _titles(found: Iterable[Lesson], done: Mapping[str, frozenset[int]]) -> list[str]:
    rows = [
        (one.name, progress_words(_done(one, done), len(one.tries)), one.title) for one in found
    ]
    names, ticks = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
    gap = "  " if ticks else ""
    return [f"{name:<{names}}  {so_far:<{ticks}}{gap}{title}" for name, so_far, title in rows]


def _known(name: str) -> str:
    """`name`, if it is a lesson's. Raises `VerbError`."""
    names = [lesson.name for lesson in shipped()]
    if name in names:
        return name
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else "lessons are " + ", ".join(names)
    raise VerbError(f"there is no lesson {name!r}; {hint}", 2)


def _done(lesson: Lesson, done: Mapping[str, frozenset[int]]) -> int:
    return len({item.number for item in lesson.tries} & done.get(lesson.name, frozenset()))


def _described(
    found: Iterable[Lesson], done: Mapping[str, frozenset[int]]
) -> list[dict[str, object]]:
    return [
        {
            "name": lesson.name,
            "title": lesson.title,
            "tries": [
                {"text": item.text, "done": item.number in done.get(lesson.name, frozenset())}
                for item in lesson.tries
            ],
            "path": lesson.path,
        }
        for lesson in found
    ]


def _wrapped(text: str, columns: int) -> str:
    """Long lines folded at `columns`; short ones and indented ones stay as they were written."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(line, columns) if len(line) > columns and line[0] != " " else [line]
    return "\n".join(lines)
