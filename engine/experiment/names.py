"""What an experiment calls its inputs, its target and its classes, and how numbers are shown.

`experiment` reads them from the dictionary `names` of the user's file; pictures show them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .knobs import meant


@dataclass(frozen=True)
class Names:
    """A target is shown as y · scale + offset, and input i, where `x_scale` has one for each,
    as x · x_scale[i] + x_offset[i]. `x_range` and `y_range` are lowest and highest of a fit."""

    x: tuple[str, ...] = ()
    y: str = "y"
    classes: tuple[str, ...] = ()
    offset: float = 0.0
    scale: float = 1.0
    x_offset: tuple[float, ...] = ()
    x_scale: tuple[float, ...] = ()
    x_range: tuple[float, ...] = ()
    y_range: tuple[float, ...] = ()


def names_of(described: Mapping[str, object]) -> Names:
    """`described`, checked; `ValueError` says what is wrong with it."""
    known = {field.name for field in fields(Names)}
    for name in described:
        if name not in known:
            raise ValueError(f"names has the entry {name!r}; {meant(name, known)}")
    try:
        return Names(
            _texts(described.get("x", ())),
            str(described.get("y", "y")),
            _texts(described.get("classes", ())),
            *_numbers([described.get("offset", 0.0), described.get("scale", 1.0)]),
            x_offset=_numbers(described.get("x_offset", ())),
            x_scale=_numbers(described.get("x_scale", ())),
            x_range=_range(described.get("x_range", ())),
            y_range=_range(described.get("y_range", ())),
        )
    except (TypeError, ValueError):
        raise ValueError(
            "names takes lists of texts for x and classes, a text for y, numbers for offset and "
            f"scale, [lowest, highest] for x_range and y_range, not {dict(described)!r}"
        ) from None


def _range(values: Any) -> tuple[float, ...]:
    numbers = _numbers(values)
    if numbers and (len(numbers) != 2 or numbers[0] >= numbers[1]):
        raise ValueError
    return numbers


def _numbers(values: Any) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in values)
    if not all(map(math.isfinite, numbers)):
        raise ValueError
    return numbers


def _texts(values: Any) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(str(value) for value in values)
