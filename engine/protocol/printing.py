"""What a headless run prints when it ends: tables and the phases of its last step, as text.

The conductor paints what `RunSpec.show` names, the reporter writes it to stdout. No torch.
"""

import json
import textwrap
from collections.abc import Iterable

from .pictures import Table
from .views import (
    Failed,
    Passage,
    Phases,
    PhasesRequest,
    PictureRequest,
    Request,
    View,
)

PHASES = "phases"
WIDTH = 96
ROWS = 100_000  # of a table, and steps that are kept for it


def request(name: str) -> Request:
    """The view that is printed under this name."""
    if name == PHASES:
        return PhasesRequest(detail=True)
    return PictureRequest(name, columns=WIDTH, rows=ROWS)


def printed(shown: Iterable[tuple[str, View]], *, jsonl: bool = False) -> str:
    """Everything to show, one after another."""
    write = _in_json if jsonl else _in_words
    return "".join(write(name, view) for name, view in shown)


def _in_words(name: str, view: object) -> str:
    if isinstance(view, Table):
        return table(view)
    if isinstance(view, Phases):
        return phases(view)
    reason = view.sentence if isinstance(view, Failed) else "it is not made of words"
    return f"{name}: not printed, {reason}\n"


def _in_json(name: str, view: object) -> str:
    if isinstance(view, Table):
        shown: dict[str, object] = {"columns": view.columns, "rows": view.rows}
    else:
        shown = {"text": _in_words(name, view)}
    return json.dumps({"show": name, **shown}, ensure_ascii=False) + "\n"


def table(view: Table) -> str:
    """Columns set to the right, under their headings."""
    every = [view.columns, *view.rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in every
    ]
    return "\n".join([*lines, *view.notes]) + "\n"


def phases(view: Phases) -> str:
    """The phases of a step with everything there is to say of each."""
    if not view.done:
        return "no step was looked at\n"
    lines = [f"step {view.step}"]
    for row in view.rows[: view.done]:
        lines += ["", row.phase.upper()]
        for passage in row.detail:
            lines += ["  " + line for line in _passage(passage)]
    return "\n".join(lines) + "\n"


def _passage(passage: Passage) -> list[str]:
    match passage.kind:
        case "code":
            place = f"    # {passage.aside}" if passage.aside else ""
            return [f"| {passage.text}{place}"]
        case "tensor":
            head = "  ".join(w for w in (passage.text, passage.aside, passage.words) if w)
            return [head, *(line for row in passage.rows for line in _filled("  ".join(row)))]
        case "table":
            return table(Table("", passage.rows[0], passage.rows[1:])).splitlines()
        case _:
            return textwrap.wrap(passage.text, WIDTH, break_on_hyphens=False)


def _filled(numbers: str) -> list[str]:
    return textwrap.wrap(numbers, WIDTH, initial_indent="  ", subsequent_indent="  ")
