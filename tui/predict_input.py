"""Numbers and words that a person types, or a table holds, as one input of a model.

Used by screen and verb.

Inputs called `city=Bonn`, `city=Köln` came from one column of words: one word is typed for them.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from ..engine.protocol.knob import format_number
from ..engine.protocol.pictures import Prediction

UNKNOWN = math.inf  # a missing number: the engine takes the mean of the training rows
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "nil", "#n/a", "inf", "+inf", "-inf"}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_LISTED = 12  # words in a refusal

Reader = Callable[[str, str], float]  # a cell and its column's name in, a number out


def columns(inputs: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """What is typed: (name, ()) for a number, (name, its words) for a choice among words."""
    found: dict[str, list[str]] = {}
    for name in inputs:
        column, equals, word = name.partition("=")
        found.setdefault(column if equals else name, []).extend([word] if equals else [])
    return [(name, tuple(words)) for name, words in found.items()]


def shown(view: Prediction) -> list[tuple[str, str]]:
    """The input as names and values, a word for its columns."""
    names = view.inputs or tuple(f"x{i + 1}" for i in range(len(view.given)))
    given = dict(zip(names, view.given, strict=False))
    return [
        (name, _word(name, words, given) if words else number(given.get(name, 0.0)))
        for name, words in columns(names)
    ]


def number(value: float) -> str:
    """A number as short as it was typed: 0.1 came back from the model's own precision."""
    return format_number(float(f"{value:.6g}")) if math.isfinite(value) else str(value)


def _word(name: str, words: Sequence[str], given: Mapping[str, float]) -> str:
    return max(words, key=lambda word: given.get(f"{name}={word}", 0.0))


def asked(view: Prediction) -> str:
    """What to type, in a line."""
    if not view.inputs:
        count = math.prod(view.shape) if view.shape else 1
        return f"{count} numbers, separated by spaces"
    return "  ".join(f"{name} ({'/'.join(w)})" if w else name for name, w in columns(view.inputs))


def typed(view: Prediction) -> str:
    """The present input as it would be typed."""
    if not view.inputs:
        return " ".join(f"{value:.6g}" for value in view.given)
    values = [value for _, value in shown(view)]
    return " ".join(f'"{value}"' if " " in value or not value else value for value in values)


def parsed(text: str, inputs: Sequence[str]) -> tuple[float, ...]:
    """What was typed as the model's numbers; raises `ValueError`, a sentence."""
    import shlex

    try:
        parts = shlex.split(text.replace(",", " "))
    except ValueError as error:
        raise ValueError(f"{error} in {text!r}") from None
    if not inputs:
        return tuple(number_typed(part, "") for part in parts)
    asked_for = columns(inputs)
    if len(parts) != len(asked_for):
        names = ", ".join(name for name, _ in asked_for)
        raise ValueError(f"{len(asked_for)} to type ({names}), not {len(parts)}")
    return row({name: part for (name, _), part in zip(asked_for, parts, strict=True)}, inputs)


def number_typed(text: str, name: str) -> float:
    """A number; yes and no are 1 and 0. Raises `ValueError`."""
    if text.lower() in ("yes", "true", "no", "false"):
        return float(text.lower() in ("yes", "true"))
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name + ' takes ' if name else ''}a number, not {text!r}")
    return value


def number_in_table(decimal_comma: bool) -> Reader:
    """How a cell is read in training: missing ones too, 1,5 or 1,234 as the table writes them."""

    def read(text: str, name: str) -> float:
        if text.lower() in MISSING:
            return UNKNOWN
        plain = text
        if decimal_comma:
            plain = text.replace(",", ".")
        elif _THOUSANDS.fullmatch(text):
            plain = text.replace(",", "")
        return number_typed(plain, name)

    return read


def row(
    cells: Mapping[str, str], inputs: Sequence[str], read: Reader = number_typed
) -> tuple[float, ...]:
    """The model's numbers of one row of a table; raises `ValueError` naming the column."""
    values: list[float] = []
    for name, words in columns(inputs):
        if name not in cells:
            raise ValueError(f"there is no column {name}")
        cell = cells[name].strip()
        if not words:
            values.append(read(cell, name))
            continue
        alike = [w for w in words if w.lower() == cell.lower()]
        word = cell if cell in alike else next(iter(alike), None)
        if word is None and cell.lower() in MISSING and "missing" in words:
            word = "missing"
        if word is None:
            known = ", ".join(words[:_LISTED]) + (", …" if len(words) > _LISTED else "")
            raise ValueError(f"{name} takes {known}, not {cell!r}")
        values += [float(word == one) for one in words]
    return tuple(values)
