"""What the picker offers: lessons, files of a directory, runs. Read as text, never executed."""

import ast
import csv
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..engine.protocol.client import Client
from ..engine.protocol.frames import ProtocolError
from ..engine.protocol.state import State
from ..engine.runs.catalog import Lesson, Run, last_stored, socket_path

TICK = "✓"
_ANSWER_SECONDS = 1.0  # a living engine answers from a thread of its own; longer is no answer
_LARGEST = 1 << 20  # bytes of a source file that is looked into
_MODEL = re.compile(r"^def[ \t]+model[ \t]*\(", re.MULTILINE)
Section = Literal["alive", "lessons", "files", "past"]
SECTIONS: dict[Section, str] = {
    "alive": "runs alive",
    "lessons": "lessons",
    "files": "files here",
    "past": "past runs",
}


@dataclass(frozen=True)
class Item:
    """One thing to choose."""

    section: Section
    name: str
    title: str = ""
    text: str = ""
    path: str = ""
    run: Run | None = None
    done: frozenset[int] = frozenset()  # items of a lesson's section Try
    tries: int = 0

    @property
    def life(self) -> str:
        return self.run.life if self.run is not None else ""


@dataclass(frozen=True)
class PickerState:
    """All there is to know to paint the picker."""

    items: tuple[Item, ...] = ()
    words: str = ""  # typed after `/`
    place: int = 0
    said: str = ""
    looking: bool = True  # files and runs are still being read

    @property
    def shown(self) -> tuple[Item, ...]:
        words = self.words.lower().split()
        return tuple(
            item
            for item in self.items
            if all(word in f"{item.name} {item.title} {item.section}".lower() for word in words)
        )

    @property
    def chosen(self) -> Item | None:
        shown = self.shown
        return shown[min(self.place, len(shown) - 1)] if shown else None

    @property
    def opens(self) -> str:
        """What `enter` does with the chosen item; "" where nothing."""
        item = self.chosen
        if item is None:
            return ""
        if item.run is None:
            return "choose target" if item.path.endswith(".csv") else "open"
        return "go back to it" if item.life == "alive" else ""

    def moved(self, step: int) -> "PickerState":
        last = max(0, len(self.shown) - 1)
        return replace(self, place=max(0, min(min(self.place, last) + step, last)), said="")

    def with_items(self, items: Sequence[Item]) -> "PickerState":
        """Newly read items; the chosen one stays chosen."""
        before = self.chosen
        new = replace(self, items=tuple(items), looking=False)
        for place, item in enumerate(new.shown):
            if before is not None and (item.section, item.name) == (before.section, before.name):
                return replace(new, place=place)
        return replace(new, place=min(self.place, max(0, len(new.shown) - 1)))


def lesson_items(
    lessons: Sequence[Lesson], tried: Mapping[str, frozenset[int]] | None = None
) -> list[Item]:
    """The shipped lessons, and what was tried of each."""
    return [
        Item(
            "lessons",
            one.name,
            one.title,
            one.text,
            one.path,
            done=(tried or {}).get(one.name, frozenset()) & {item.number for item in one.tries},
            tries=len(one.tries),
        )
        for one in lessons
    ]


def progress_words(done: int, total: int) -> str:
    """`✓ 3/5`; "" where nothing was done, or there is nothing to do."""
    return f"{TICK} {done}/{total}" if done and total else ""


def files_of(directory: Path) -> list[Item]:
    """Experiments among the files of a directory: `.py` with a `model`, and tables."""
    found: list[Item] = []
    try:
        paths = sorted(directory.iterdir(), key=lambda path: path.name.lower())
    except OSError:
        return []
    for path in paths:
        if path.name.startswith("."):
            continue
        if path.suffix == ".csv" and path.is_file():
            found.append(Item("files", path.name, "a table", path=str(path)))
        elif path.suffix == ".py" and (item := _source(path)) is not None:
            found.append(item)
    return found


def _source(path: Path) -> Item | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        source = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    if not _MODEL.search(source):
        return None
    try:
        words = (ast.get_docstring(ast.parse(source)) or "").strip()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        words = "(does not parse)"
    title, _, text = words.partition("\n")
    return Item("files", path.name, title, text.strip(), str(path))


def run_items(runs: Sequence[Run]) -> tuple[list[Item], list[Item]]:
    """Living runs, and past ones."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        alive = list(pool.map(_living_item, (run for run in runs if run.life == "alive")))
    past = [run for run in runs if run.life != "alive"]
    return alive, [
        Item("past", run.spec.name, how_it_stands(run), path=run.spec.path, run=run) for run in past
    ]


def _living_item(run: Run) -> Item:
    title = how_it_stands(run, present_state(run))
    return Item("alive", run.spec.name, title, path=run.spec.path, run=run)


def present_state(run: Run) -> State | None:
    """What a living run says over its socket; None where it is not alive or does not answer."""
    if run.life != "alive":
        return None
    try:
        path = socket_path(Path(run.spec.directory))
        with Client(path, "watcher", name="list", timeout=_ANSWER_SECONDS) as client:
            return client.state
    except (OSError, EOFError, ProtocolError, ValueError):
        return None


def how_it_stands(run: Run, state: State | None = None) -> str:
    """A few words on a run."""
    match run.life:
        case "alive":
            return f"{state.status}, step {state.step:,}" if state is not None else "no answer"
        case "elsewhere":
            return f"a run of {run.spec.host}"
        case "died":
            stored = last_stored(Path(run.spec.directory))
            return f"died after step {stored[0]:,}" if stored else "died without a word"
        case "ended":
            if run.end is None:
                return "ended"
            how = run.end.status if run.end.status in ("finished", "failed") else "ended"
            return f"{how}, step {run.end.step:,}"


def columns_of(path: Path) -> list[str]:
    """The header of a table. Raises `ValueError` with one sentence."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as table:
            header = table.readline(1 << 16)
    except OSError as error:
        raise ValueError(f"cannot read {path.name}: {error.strerror}") from None
    if not header.strip():
        raise ValueError(f"{path.name} is empty; its first line must name the columns")
    delimiter = max(",;\t|", key=header.count)
    return [
        name.strip() for name in next(csv.reader([header], delimiter=delimiter)) if name.strip()
    ]
