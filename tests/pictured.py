"""One picture of a training, painted and drawn as the session and the screen do."""

from dataclasses import replace
from typing import Any

from foghill.engine import views
from foghill.engine.protocol.pictures import Table
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.training import Training
from foghill.engine.views.subject import subject


def picture(t: Training, name: str, index: int = 0, phase: str = "") -> Any:
    with looking(t.model):
        seen = replace(subject(t), phase=lambda: phase)
        return views.paint(seen, PictureRequest(name=name, columns=60, rows=20, index=index))


def there(t: Training) -> tuple[str, ...]:
    """Names of the pictures of this training."""
    with looking(t.model):
        return views.pictures(subject(t))


def column(table: Table, name: str) -> list[str]:
    place = table.columns.index(name)
    return [row[place] for row in table.rows]


def numbers(table: Table, name: str) -> list[float]:
    return [float(word) for word in column(table, name)]
