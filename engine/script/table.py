"""Writes the reading of a table as plain Python, as `experiment/table.py` does. For `export.py`."""

from pathlib import Path

from ..experiment.columns import MISSING, Column, features, target_values
from ..experiment.table import read_columns
from .words import written

_TEXT = '''import csv
import math

import numpy as np
import torch
from torch import nn

FILE = {file}
MISSING = {missing}


def number(cell):
    """A cell as a number, NaN where it has none."""
    if cell.lower() in MISSING:
        return math.nan
{words}    value = float(cell{commas})
    return value if math.isfinite(value) else math.nan


def mean_and_deviation(values):
    """By column, without what is missing; 1 for a column that never differs."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(0), 1)
    mean = np.where(known, values, 0.0).sum(0) / count
    deviation = np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(0) / count)
    return mean, np.where(deviation > 0, deviation, 1.0)


def data(valid, seed, data_seed):
    """(train, held out), each (x, y); numbers are standardised by the training rows."""
    with open(FILE, encoding="utf-8-sig", newline="") as file:
        lines = [row for row in csv.reader(file, delimiter={delimiter}) if any(row)]
    rows = [[cell.strip() for cell in row] for row in lines[1:]]
    rows = [row for row in rows if row[{aim}].lower() not in MISSING]
    raw = np.stack(
        [
{inputs}        ],
        1,
    ).astype(np.float64)
{target}
    generator = torch.Generator()
    generator.manual_seed((seed if data_seed < 0 else data_seed) * 1_000_003 - 1)
    train = np.ones(len(rows), dtype=bool)
    train[torch.randperm(len(rows), generator=generator)[: round(valid * len(rows))]] = False
    mean, deviation = mean_and_deviation(raw[train])
    is_number = np.array({scaled})
    mean, deviation = np.where(is_number, mean, 0.0), np.where(is_number, deviation, 1.0)
    x = torch.from_numpy((np.where(np.isnan(raw), mean, raw) - mean) / deviation).float()
{finish}
    return (x[train], y[train]), ((x[~train], y[~train]) if not train.all() else None)


{model}'''
_MODEL = '''def model(layers, width, activation):
    """A network of `layers` hidden layers; 0 is a linear model."""
    bend = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}[activation]
    parts = []
    for layer in range(layers):
        parts += [nn.Linear(width if layer else INPUTS, width), bend()]
    return nn.Sequential(*parts, nn.Linear(width if layers else INPUTS, OUTPUTS))
'''


def table_source(path: Path, target: str) -> str:
    """A Python file that does what `foghill run TABLE --target COLUMN` does."""
    columns, aim, delimiter = read_columns(path, target, [])
    _, classes = target_values(columns[aim])
    inputs: list[str] = []
    scaled: list[bool] = []
    for place, column in enumerate(columns):
        if place != aim:
            for line, is_number in _inputs(place, column):
                inputs.append(f"            {line},\n")
                scaled.append(is_number)
    model = _MODEL.replace("INPUTS", str(len(inputs))).replace("OUTPUTS", str(len(classes) or 1))
    yes_no = any(column.kind == "yes or no" for column in columns)
    words = '    if cell.lower() in ("true", "yes", "false", "no"):\n'
    words += '        return float(cell.lower() in ("true", "yes"))\n'
    return _TEXT.format(
        file=written(str(path)),
        missing="{" + ", ".join(written(word) for word in sorted(MISSING)) + "}",
        words=words if yes_no else "",
        commas='.replace(",", "")' if delimiter == "," else '.replace(",", ".")',
        delimiter=written(delimiter),
        aim=aim,
        inputs="".join(inputs),
        scaled=str(scaled),
        target=_target(aim, columns[aim], classes),
        finish=_finish(classes),
        model=model,
    )


def _inputs(place: int, column: Column) -> list[tuple[str, bool]]:
    """The lines that make a column's inputs, and whether each is standardised."""
    found = features([column], [])
    if column.kind != "text":
        return [(f"[number(row[{place}]) for row in rows]", True) for _ in found]
    texts = [feature.name.removeprefix(f"{column.name}=") for feature in found]
    lines: list[tuple[str, bool]] = []
    for text in texts:
        here = f"row[{place}] == {written(text)}"
        if text == "missing":
            here = f"row[{place}].lower() in MISSING or {here}"
        lines.append((f"[{here} for row in rows]", False))
    return lines


def _target(aim: int, column: Column, classes: tuple[str, ...]) -> str:
    if not classes:
        return f"    y = np.array([number(row[{aim}]) for row in rows])"
    listed = ", ".join(written(name) for name in classes)
    cell = f"str(int(row[{aim}]))" if column.kind == "whole" else f"row[{aim}]"
    return f"    classes = [{listed}]\n    y = np.array([classes.index({cell}) for row in rows])"


def _finish(classes: tuple[str, ...]) -> str:
    if classes:
        return "    y = torch.from_numpy(y)"
    lines = (
        "(offset,), (scale,) = mean_and_deviation(y[train, None])",
        "y = ((torch.from_numpy(y) - offset) / scale).float()",
    )
    return "\n".join("    " + line for line in lines)
