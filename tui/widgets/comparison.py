"""The table of a comparison: how every entrant stands, the best marked, and who stopped why."""

from msgspec.structs import replace

from ...engine.protocol.pictures import Comparison, Entrant, Table
from ..draw.axes import number
from ..draw.compared import apart, sign_of
from ..draw.grid import Grid
from ..draw.palette import Palette
from . import table

_DIGITS, _FEW = 4, 3  # of losses, of metrics


def draw(view: Comparison, width: int, height: int, pens: Palette, page: int = 0) -> Grid:
    """One row for each entrant, with the sign it has in the chart."""
    return table.draw(tabled(view, pens, width), width, height, pens, page)


def last(view: Comparison, width: int, height: int) -> int:
    """How far down the arrows go."""
    return table.last(tabled(view, Palette(), width), width, height)


def below(view: Comparison, width: int, height: int, page: int) -> int:
    """Lines out of sight further down."""
    return table.below(tabled(view, Palette(), width), width, height, page)


def title(view: Comparison, pens: Palette) -> str:
    """What the caption says: who leads."""
    leader = best(view)
    said = f"{len(view.entrants)} side by side"
    if leader is None:
        return said
    entrant = view.entrants[leader]
    by = "validation" if _by_validation(view) else "loss"
    return f"{said} {pens.signs.dot} best {by}: {entrant.label}"


def words(view: Comparison) -> str:
    """The best first, then everybody."""
    leader = best(view)
    first = f"Best: {view.entrants[leader].label}. " if leader is not None else ""
    return first + table.words(tabled(view, Palette()))


def without_held_out(view: Comparison) -> Comparison:
    """Only what training told."""
    unseen = (replace(one, valid_loss=None, best_valid=None, metrics={}) for one in view.entrants)
    return replace(view, entrants=tuple(unseen))


def best(view: Comparison) -> int | None:
    """Who has the lowest best loss, on held-out data where it was measured."""
    found = [
        (score, i) for i, e in enumerate(view.entrants) if (score := _score(view, e)) is not None
    ]
    return min(found)[1] if found else None


def _by_validation(view: Comparison) -> bool:
    return any(entrant.best_valid is not None for entrant in view.entrants)


def _score(view: Comparison, entrant: Entrant) -> float | None:
    return entrant.best_valid if _by_validation(view) else entrant.best


def tabled(view: Comparison, pens: Palette, width: int = 999) -> Table:
    """The comparison as a table. What matters most comes first: the last columns may not fit."""
    valid, leader = _by_validation(view), best(view)
    metrics = _metrics(view)
    columns = ["", "loss"] + (["valid"] if valid else [])
    columns += [name.removeprefix("valid_") for name in metrics]
    columns += (["best valid"] if valid else []) + ["best loss"]
    labels = apart([entrant.label for entrant in view.entrants], max(width // 3 - 2, 6))
    rows: list[tuple[str, ...]] = []
    for i, (entrant, label) in enumerate(zip(view.entrants, labels, strict=True)):
        row = [f"{sign_of(i, pens)} {label}", _shown(entrant.loss)]
        row += [_shown(entrant.valid_loss)] if valid else []
        row += [_shown(entrant.metrics.get(name), _FEW) for name in metrics]
        row += [_at(entrant.best_valid, entrant.best_valid_step)] if valid else []
        rows.append((*row, _at(entrant.best, entrant.best_step)))
    stopped = [
        f"{sign_of(i, pens)} {entrant.label} stopped: {entrant.stopped}"
        for i, entrant in enumerate(view.entrants)
        if entrant.stopped
    ]
    return Table(
        title="comparison",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(*stopped, f"best: lowest and its step; {_lowest(view, pens)}", *view.notes),
        marked=() if leader is None else (leader,),
    )


def _lowest(view: Comparison, pens: Palette) -> str:
    return f"{pens.signs.mark} in front: lowest best {'valid' if _by_validation(view) else 'loss'}"


def _metrics(view: Comparison) -> list[str]:
    """The first two that were measured on held-out data; R² says what an absolute error does."""
    names = dict.fromkeys(name for entrant in view.entrants for name in entrant.metrics)
    own = [name for name in names if name.startswith("valid_") and name != "valid_mae"]
    return own[:2]


def _shown(value: float | None, digits: int = _DIGITS) -> str:
    return "–" if value is None else number(value, digits)


def _at(value: float | None, step: int) -> str:
    return "–" if value is None else f"{number(value, _DIGITS)} {step:,}"
