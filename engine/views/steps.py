"""The steps taken, a row each: loss, gradients, parameters, a few predictions.

Made of the trail; the newest row is the last, and `PictureRequest.index` counts rows back.
`headless` prints `whole`.
"""

from collections.abc import Sequence
from itertools import pairwise

from ..callbacks.trace import Row, Trail, examples
from ..protocol.pictures import Table
from ..protocol.views import PictureRequest
from ..training.tensors import num
from .subject import Subject, rows

EACH = 4  # numbers of a model that get columns of their own
ROOMY = 14  # rows of a picture that leave room to explain it at length
_NONE = "–"


def available(subject: Subject) -> bool:
    """For every run."""
    return subject.training is not None


def paint(subject: Subject, request: PictureRequest) -> Table:
    """As many of the rows as fit, up to row number `request.index` from the end."""
    columns = _columns(subject)
    lines = _count(subject.trail)
    last = max(lines - request.index, 0)
    first = max(last - request.rows, 0)
    return Table(
        title="steps",
        columns=tuple(columns),
        rows=tuple(_line(subject.trail, place, columns) for place in range(first, last)),
        notes=_notes(subject.trail, request.rows),
        first=first,
        total=lines,
        from_end=True,
    )


def whole(subject: Subject) -> Table:
    """Every row there is."""
    lines = _count(subject.trail)
    return paint(subject, PictureRequest("steps", rows=max(lines, 1)))


def _begins(trail: Trail) -> bool:
    """Whether the start can be shown as a row of its own."""
    first = trail.rows[0] if trail.rows else None
    return first is not None and first.step == 1 and bool(first.before) and _each(trail)


def _each(trail: Trail) -> bool:
    return 0 < len(trail.names) <= EACH


def _clipped(trail: Trail) -> bool:
    """Whether clip shortened any of the gradients."""
    return any(row.clipped is not None for row in trail.rows)


def _count(trail: Trail) -> int:
    return len(trail.rows) + _begins(trail)


def _columns(subject: Subject) -> dict[str, str]:
    """Heading → what stands under it: the name of a field, or `prediction 0`."""
    trail = subject.trail
    found = {"step": "step", "loss": "loss"}
    if _each(trail):
        for place, name in enumerate(trail.names):
            found[f"g({name})"] = f"gradient {place}"
            found[name] = f"after {place}"
    if not _each(trail) or _clipped(trail):
        found["|g|"] = "slope"
    if _clipped(trail):
        found["clipped"] = "clipped"
    if not _each(trail):
        found |= {"|Δ|": "change", "lr": "rate"}
    return found | _of_examples(subject)


def _of_examples(subject: Subject) -> dict[str, str]:
    """The same three examples in each step where a batch is all of the data; else its first."""
    row = subject.trail.rows[-1] if subject.trail.rows else None
    t = subject.training
    if row is None or t is None or not row.prediction:
        return {}
    size, part = t.feed.size, rows(subject)
    if size is None or t.batch_size < size:
        return {"1st ŷ": "prediction 0"} | ({"1st y": "target 0"} if row.target else {})
    if part is None or len(part[0]) != size or part[0].numel() != size:
        return {f"ŷ{i + 1}": f"prediction {n}" for n, i in enumerate(examples(size))}
    inputs = part[0].reshape(-1).tolist()
    at = [num(inputs[i], 3) for i in examples(size)]
    return {f"ŷ({x})": f"prediction {n}" for n, x in enumerate(at)}


def _line(trail: Trail, place: int, columns: dict[str, str]) -> tuple[str, ...]:
    if _begins(trail):
        if place == 0:
            return tuple(_at_start(trail.rows[0], what) for what in columns.values())
        place -= 1
    return tuple(_cell(trail.rows[place], what) for what in columns.values())


def _at_start(row: Row, what: str) -> str:
    name, _, place = what.partition(" ")
    if name == "after":
        return num(row.before[int(place)])
    return "0" if name == "step" else ""


def _cell(row: Row, what: str) -> str:
    name, _, number = what.partition(" ")
    if name == "step":
        return f"{row.step:,}"
    if not number:
        found: float | None = getattr(row, name)
        return _NONE if found is None else num(found, 6 if name == "loss" else 4)
    numbers: Sequence[float] = getattr(row, name)
    place = int(number)
    if place >= len(numbers):
        return _NONE
    return num(numbers[place]) + (_way(row, place) if name == "gradient" else "")


def _way(row: Row, place: int) -> str:
    """Where the parameter really went."""
    if not row.before:
        return ""
    change = row.after[place] - row.before[place]
    return " ↑" if change > 0 else " ↓" if change < 0 else " ·"


def _notes(trail: Trail, height: int) -> tuple[str, ...]:
    if not trail.rows:
        return ("No step yet: s takes one.",)
    notes: list[str] = []
    if _each(trail):
        name = trail.names[0]
        notes.append(
            f"g({name}) > 0: the loss rises with {name}, so the step takes {name} down. The arrow "
            f"says where {name} went; beside it stands {name} after the step."
            if height >= ROOMY
            else f"g({name}) > 0, uphill: the step takes {name} down, ↓."
        )
    if _clipped(trail):
        notes.append(
            "Gradients are those that backward found. Where clip shortened one, the length that "
            "the update used stands under clipped."
        )
    if any(later.step > row.step + 1 for row, later in pairwise(trail.rows)):
        notes.append("Not every step was noted: at full speed a few are, by hand each one is.")
    return tuple(notes)
