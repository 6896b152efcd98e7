"""A table as an experiment: `foghill run houses.csv --target price`.

Reads a CSV file with its columns' types and gives `experiment.load` the functions, settings and
notes that a Python file would have. What is in the columns is `columns.py`'s business.
"""

import csv
import difflib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from .columns import (
    UNNAMED,
    Column,
    Feature,
    features,
    missing,
    read_column,
    target_values,
)

_DELIMITERS = ",;\t|"


class TableError(ValueError):
    """One sentence about a table, with what to do."""


@dataclass
class TableParts:
    """What a Python file would have: its functions, `settings`, `names`, and its docstring."""

    functions: Mapping[str, Callable[..., Any]]
    settings: Mapping[str, object]
    names: dict[str, object]
    notes: list[str]
    title: str
    text: str


def read_table(path: Path, target: str) -> TableParts:
    """The experiment of predicting column `target` of `path`. Raises `TableError`."""
    notes: list[str] = []
    columns, aim, _ = read_columns(path, target, notes)
    inputs = features([c for i, c in enumerate(columns) if i != aim], notes)
    if not inputs:
        raise TableError(f"{path.name} has no column to predict {target} from")
    y, classes = target_values(columns[aim])
    if len(set(y.tolist())) < 2:
        raise TableError(f"{target} has the same value in every row of {path.name}")
    return _parts(path, columns[aim], inputs, y, classes, notes)


def read_columns(path: Path, target: str, notes: list[str]) -> tuple[list[Column], int, str]:
    """All columns of the rows that have a target, which is the target, and the delimiter."""
    text = _text(path)
    delimiter = max(_DELIMITERS, key=_first_line(text).count)
    header, rows = _rows(path, text, delimiter)
    if target not in header:
        raise TableError(_no_target(path, target, header))
    aim = header.index(target)
    kept = [row for row in rows if not missing(row[aim])]
    if len(kept) < len(rows):
        notes.append(f"left out {len(rows) - len(kept)} rows without {target}")
    if len(kept) < 2:
        raise TableError(f"{path.name} has {len(kept)} rows with {target}; at least 2 are needed")
    columns = [
        read_column(name, [row[i] for row in kept], decimal_comma=delimiter != ",")
        for i, name in enumerate(header)
    ]
    return columns, aim, delimiter


def _rows(path: Path, text: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Column names and rows."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        table = [(lines.line_num, [cell.strip() for cell in row]) for row in lines if any(row)]
    except csv.Error as error:
        raise TableError(f"{path.name}, line {lines.line_num}: {error}") from None
    if not table:
        raise TableError(f"{path.name} is empty; a table has a line of column names, then rows")
    (_, header), *rows = table
    if not rows:
        raise TableError(f"{path.name} has column names but no rows")
    for line, row in rows:
        if len(row) != len(header):
            raise TableError(
                f"{path.name}, line {line} has {len(row)} field{'s' * (len(row) != 1)} "
                f"but the first line has {len(header)} column names"
            )
    header = [name or f"{UNNAMED} {i + 1}" for i, name in enumerate(header)]
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise TableError(f"{path.name} has two columns called {min(twice)}; rename one")
    return header, [row for _, row in rows]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(f"{path.name} is not UTF-8 text; save it as CSV in UTF-8") from None
    except OSError as error:
        raise TableError(f"{path.name} cannot be read: {error.strerror}") from None


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _no_target(path: Path, target: str, header: list[str]) -> str:
    close = difflib.get_close_matches(target, header, n=1)
    listed = ", ".join(header[:12]) + (", …" if len(header) > 12 else "")
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{path.name} has no column {target!r}; {hint}its columns are {listed}"


def _parts(
    path: Path,
    aim: Column,
    inputs: list[Feature],
    y: NDArray[Any],
    classes: tuple[str, ...],
    notes: list[str],
) -> TableParts:
    names: dict[str, object] = {"x": [f.name for f in inputs], "y": aim.name, "classes": classes}
    what = f"one of {len(classes)} classes" if classes else "a number"
    text = (
        f"{len(y)} rows; {aim.name} ({what}) is predicted from {len(inputs)} inputs: "
        + ", ".join(feature.name for feature in inputs)
        + ".\n\nNumbers are standardised by the training rows. layers 0 is a linear model."
    )
    return TableParts(
        functions={
            "data": _data(np.stack([f.values for f in inputs], 1), inputs, y, classes, names),
            "model": _model(len(inputs), len(classes) or 1),
        },
        settings={"optimizer": "adam", "lr": 1e-3, "batch_size": 32},
        names=names,
        notes=notes,
        title=f"{path.name}: {aim.name}",
        text=text,
    )


def _data(
    raw: NDArray[np.float64],
    inputs: list[Feature],
    y: NDArray[Any],
    classes: tuple[str, ...],
    names: dict[str, object],
) -> Callable[..., Any]:
    """`data()`: (train, valid), x float32 [rows, inputs], y float32 or int64 [rows]."""
    scaled = np.array([feature.number for feature in inputs])

    def data(*, valid: float, seed: int, data_seed: int) -> Any:
        import torch

        from .randomness import held_out_rows

        rows, others = held_out_rows(len(y), valid, seed if data_seed < 0 else data_seed)
        train, held_out = rows.numpy(), others.numpy()
        mean, deviation = _mean_and_deviation(raw[train], scaled)
        names.update(x_offset=mean.tolist(), x_scale=deviation.tolist())
        x = torch.from_numpy((np.where(np.isnan(raw), mean, raw) - mean) / deviation).float()
        target = torch.from_numpy(y)
        if not classes:
            offset, scale = (float(n[0]) for n in _mean_and_deviation(y[train, None], None))
            names.update(offset=offset, scale=scale)
            target = ((target - offset) / scale).float()
        parts = [(x[part], target[part]) for part in (train, held_out)]
        return parts[0], (parts[1] if len(held_out) else None)

    return data


def _mean_and_deviation(
    values: NDArray[np.float64], scaled: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By column, NaN left out; 0 and 1 where not `scaled`, 1 for a column that never differs."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(0), 1)
    mean = np.where(known, values, 0.0).sum(0) / count
    deviation = np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(0) / count)
    deviation = np.where(deviation > 0, deviation, 1.0)
    if scaled is None:
        return mean, deviation
    return np.where(scaled, mean, 0.0), np.where(scaled, deviation, 1.0)


def _model(inputs: int, outputs: int) -> Callable[..., Any]:
    """`model()`: a network of `layers` hidden layers; scores [rows, classes] or [rows, 1]."""

    def model(
        layers: Annotated[int, (0, 6), "hidden layers; 0 is a linear model"] = 2,
        width: Annotated[int, (1, 512), "log", "units in a hidden layer"] = 32,
        activation: Annotated[Literal["relu", "gelu", "tanh"], "bends between layers"] = "relu",
    ) -> Any:
        from torch import nn

        bend = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}[activation]
        parts: list[Any] = []
        for layer in range(layers):
            parts += [nn.Linear(width if layer else inputs, width), bend()]
        return nn.Sequential(*parts, nn.Linear(width if layers else inputs, outputs))

    return model
