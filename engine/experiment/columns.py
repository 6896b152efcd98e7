"""What the columns of a table hold, and the numbers they become. Used by `table.py`."""

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

UNNAMED = "column"  # and its number: the name of a column without one
MOST_CATEGORIES = 50  # of a text column that is made into inputs
MOST_CLASSES = 20  # of a target that is a whole number

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "nil", "#n/a", "inf", "+inf", "-inf"}
_TRUE, _FALSE = {"true", "yes"}, {"false", "no"}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True)
class Column:
    """One column: its cells as written, and as numbers (NaN: missing) where it has them."""

    name: str
    kind: Literal["whole", "real", "yes or no", "text"]
    cells: list[str]
    numbers: NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """One input of the model. A `number` is standardised; the others are 0 or 1."""

    name: str
    values: NDArray[np.float64]
    number: bool


def missing(cell: str) -> bool:
    return cell.lower() in MISSING


def read_column(name: str, cells: list[str], decimal_comma: bool = False) -> Column:
    """A column with the narrowest kind that fits every cell that is not missing."""
    present = [cell for cell in cells if not missing(cell)]
    if present and all(cell.lower() in _TRUE | _FALSE for cell in present):
        numbers = [np.nan if missing(c) else float(c.lower() in _TRUE) for c in cells]
        return Column(name, "yes or no", cells, np.array(numbers))
    parsed = [np.nan if missing(cell) else _number(cell, decimal_comma) for cell in cells]
    if not present or any(number is None for number in parsed):
        return Column(name, "text", cells, np.full(len(cells), np.nan))
    numbers = np.array(parsed, dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    whole = all(re.fullmatch(r"[+-]?\d+", cell) for cell in present)
    return Column(name, "whole" if whole else "real", cells, numbers)


def _number(cell: str, decimal_comma: bool) -> float | None:
    """1,5 where columns are not separated by commas; 1,234,567.8 where they are."""
    if decimal_comma:
        cell = cell.replace(",", ".")
    elif _THOUSANDS.fullmatch(cell):
        cell = cell.replace(",", "")
    try:
        return float(cell)
    except ValueError:
        return None


def features(columns: list[Column], notes: list[str]) -> list[Feature]:
    """The model's inputs; `notes` gets what was filled in or left out."""
    inputs: list[Feature] = []
    for column in columns:
        if all(missing(cell) for cell in column.cells):
            notes.append(f"left out {column.name}: it has no values")
        elif len(set(column.cells)) == 1:
            notes.append(f"left out {column.name}: it is the same in every row")
        elif _counts_rows(column):
            notes.append(f"left out {column.name}: it has no name and counts the rows")
        elif column.kind == "text":
            inputs += _one_hot(column, notes)
        else:
            _report_missing(column, notes)
            inputs.append(Feature(column.name, column.numbers, number=True))
    return inputs


def _counts_rows(column: Column) -> bool:
    """The index that data frames write in front, without a name."""
    unnamed = column.name.startswith(f"{UNNAMED} ") and column.kind == "whole"
    return unnamed and bool((np.diff(column.numbers) > 0).all())


def _report_missing(column: Column, notes: list[str]) -> None:
    count = int(np.isnan(column.numbers).sum())
    if count:
        noun = "value" if count == 1 else "values"
        notes.append(f"{column.name}: {count} missing {noun} filled in with the mean")


def _one_hot(column: Column, notes: list[str]) -> list[Feature]:
    """One input per text, with missing as a text of its own."""
    cells = ["missing" if missing(cell) else cell for cell in column.cells]
    texts = sorted(set(cells))
    if len(texts) > MOST_CATEGORIES or len(texts) == len(cells):
        notes.append(f"left out {column.name}: {len(texts)} different texts")
        return []
    count = sum(missing(cell) for cell in column.cells)
    if count:
        notes.append(f"{column.name}: {count} missing, kept as a category")
    here = np.array(cells)
    return [Feature(f"{column.name}={t}", (here == t).astype(np.float64), False) for t in texts]


def target_values(column: Column) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Float64 numbers and no classes, or int64 class numbers and the classes' names.

    Classes are texts, yes and no, and at most 20 different whole numbers that come again.
    """
    different = set(column.cells)
    few = len(different) <= MOST_CLASSES and 2 * len(different) <= len(column.cells)
    if column.kind == "real" or (column.kind == "whole" and not few):
        return column.numbers, ()
    if column.kind == "whole":
        classes = [str(number) for number in sorted({int(cell) for cell in column.cells})]
        cells = [str(int(cell)) for cell in column.cells]
    else:
        classes, cells = sorted(different), column.cells
    number = {name: i for i, name in enumerate(classes)}
    return np.array([number[cell] for cell in cells], dtype=np.int64), tuple(classes)
