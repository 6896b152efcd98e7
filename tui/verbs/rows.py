"""The rows of a table as inputs of a model, for `predict`.

Where the model was trained on a table, cells are read as they were in training: a missing number
gets the mean of the training rows, a missing word is a word of its own where there was one.
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.protocol.views import PredictRequest
from ..predict_input import UNKNOWN, Reader, columns, number_in_table, number_typed, row
from . import VerbError

_UNNAMED = "column"  # and its number, as training calls a column without a name


@dataclass(frozen=True)
class Row:
    """One input to ask for. `place` counts from 1; `where` is "" for one of no table."""

    place: int
    request: PredictRequest
    where: str = ""


def rows_of(path: Path, inputs: Sequence[str], *, trained_on_table: bool) -> tuple[list[Row], int]:
    """The rows by the names of their columns, or in their order, and how many cannot be read.

    Those say so on standard error, and so do the numbers that are missing.
    """
    lines, delimiter = _lines(path)
    header, body = _headed(path, lines, [name for name, _ in columns(inputs)])
    read = number_in_table(delimiter != ",") if trained_on_table else number_typed
    rows: list[Row] = []
    filled: Counter[str] = Counter()
    for place, line in enumerate(body, 1):
        where = f"{path}, row {place}"
        try:
            values = _values(line, header, inputs, read)
        except ValueError as error:
            print(f"foghill: {where}: {error}", file=sys.stderr)
            continue
        filled.update(n for n, v in zip(inputs, values, strict=False) if v == UNKNOWN)
        rows.append(Row(place, PredictRequest(values), where))
    if filled:
        said = ", ".join(f"{count} of {name}" for name, count in filled.items())
        filler = "missing numbers filled in as in training, with the mean"
        print(f"foghill: {path}: {filler}: {said}", file=sys.stderr)
    return rows, len(body) - len(rows)


def _lines(path: Path) -> tuple[list[list[str]], str]:
    """The cells of each line that has any, and what separates them."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VerbError(f"{path} cannot be read: {error}", 2) from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t|", key=first.count)
    table = csv.reader(text.splitlines(), delimiter=delimiter)
    lines = [[cell.strip() for cell in line] for line in table if any(line)]
    if not lines:
        raise VerbError(f"{path} is empty", 2)
    return lines, delimiter


def _headed(
    path: Path, lines: list[list[str]], wanted: list[str]
) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, and the lines below them; in the model's order where the first
    line names none of its inputs."""
    header = [name or f"{_UNNAMED} {i + 1}" for i, name in enumerate(lines[0])]
    lacking = [name for name in wanted if name not in header]
    if wanted and len(lacking) < len(wanted):
        if lacking:
            raise VerbError(f"{path} has no column {', '.join(lacking)}", 2)
        return header, lines[1:]
    return wanted, lines if _numbers(lines[0]) else lines[1:]


def _values(
    line: Sequence[str], header: Sequence[str], inputs: Sequence[str], read: Reader
) -> tuple[float, ...]:
    if not inputs:
        return tuple(float(cell) for cell in line)
    if len(line) < len(header):
        raise ValueError(f"it has {len(line)} fields, and {len(header)} are needed")
    return row(dict(zip(header, line, strict=False)), inputs, read)


def _numbers(line: Sequence[str]) -> bool:
    """Whether a line holds a number, so that it is no line of names."""
    return any(cell.lstrip("+-").replace(".", "", 1).isdigit() for cell in line)
