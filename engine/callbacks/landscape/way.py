"""The way a small model has come, as weights: read from the run's `Trail` for the hill."""

from math import nan
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..trace import Row, Trail

if TYPE_CHECKING:
    from ...training.training import Training

POINTS = 500  # of a way
LATEST = 200  # of them that are the last steps


def so_far(
    trail: Trail, t: "Training", present: Tensor, height: float
) -> tuple[Tensor, list[float]]:
    """Flat weights [n, d] from the start on, those of now last, and the loss at each; NaN where
    the step from there was not noted. The present's loss is `height`."""
    if not t.step:
        return present[None], [height]
    rows = thinned([row for row in trail.rows if row.step <= t.step])
    places, losses = _start(t, trail.start, rows)
    for row, after in zip(rows, [*rows[1:], None], strict=False):
        places.append(list(row.after))
        losses.append(after.loss if after and after.step == row.step + 1 else nan)
    at = torch.tensor(places, device=present.device).reshape(-1, len(present))
    if len(at) and torch.equal(at[-1], present):
        at, losses = at[:-1], losses[:-1]
    return torch.cat([at, present[None]]), [*losses, height]


def thinned(rows: list[Row]) -> list[Row]:
    """At most about `POINTS` rows: the latest, and evenly spaced ones before them."""
    if len(rows) <= POINTS:
        return rows
    early, late = rows[:-LATEST], rows[-LATEST:]
    every = -(-len(early) // (POINTS - LATEST))
    return early[::every] + late


def _start(
    t: "Training", start: dict[str, Tensor], rows: list[Row]
) -> tuple[list[list[float]], list[float]]:
    """Where the run began, and its loss there, as far as they are known."""
    first = rows[0] if rows else None
    loss = first.loss if first is not None and first.step == 1 else nan
    if first is not None and first.step == 1 and first.before:
        return [list(first.before)], [loss]
    names = [name for name, parameter in t.model.named_parameters() if parameter.requires_grad]
    if names and all(name in start for name in names):
        return [torch.cat([start[name].reshape(-1) for name in names]).tolist()], [loss]
    return [], []
