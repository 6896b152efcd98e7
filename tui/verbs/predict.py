"""`foghill predict`: what a run's model says to rows of a table, to numbers, to examples.

Asked over the socket, as a screen asks; the model is in eval mode and its weights stay. A run that
has ended is asked with the weights it ended with.
"""

import argparse
import json
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...engine.protocol.client import Client
from ...engine.protocol.frames import Bye, Shown
from ...engine.protocol.pictures import Prediction
from ...engine.protocol.views import Failed, PredictRequest
from ...engine.runs.catalog import Run, find, socket_path
from ..predict_input import number, parsed
from . import VerbError, say
from .revive import alive_again
from .rows import Row, rows_of

_AT_ONCE = 24  # requests on their way
_WARM_UP_SECONDS = 120.0
_SECONDS = 60.0  # a run that trains answers within a twentieth of its time


def predict(chosen: argparse.Namespace) -> int:
    """Print an answer a line; 1 where a row of a table had none."""
    run = find(chosen.name)
    if run.life == "elsewhere":
        raise VerbError(f"{run.spec.name} runs on {run.spec.host}; ask for it there", 2)
    try:
        with _client(run) as client:
            return _answered(client, run, chosen)
    except (ConnectionError, TimeoutError) as error:
        raise VerbError(f"{run.spec.name} does not answer: {error}") from None


@contextmanager
def _client(run: Run) -> Generator[Client]:
    """Somebody to ask."""
    if run.life != "alive":
        with alive_again(run) as client:
            yield client
        return
    with Client(socket_path(Path(run.spec.directory)), "watcher", name="predict") as client:
        if client.state.status == "warming up":
            client.wait(lambda state: state.status != "warming up", _WARM_UP_SECONDS)
        yield client


def _answered(client: Client, run: Run, chosen: argparse.Namespace) -> int:
    asker = _Asker(client)
    (first,) = asker.answers([PredictRequest()])
    if isinstance(first, Failed):
        raise VerbError(first.sentence, 2)
    rows, wrong = _rows(run, chosen, first)
    for row, view in zip(rows, asker.answers([row.request for row in rows]), strict=True):
        if isinstance(view, Failed):
            if not row.where:
                raise VerbError(view.sentence, 2)
            print(f"foghill: {row.where}: {view.sentence}", file=sys.stderr)
            wrong += 1
            continue
        say(_json(view, row.place) if chosen.json else in_words(view, row.place))
        if view.checksum != view.checksum_after:
            raise VerbError(f"predicting changed the weights of {run.spec.name}")
    return 1 if wrong else 0


def _rows(run: Run, chosen: argparse.Namespace, first: Prediction) -> tuple[list[Row], int]:
    """What was asked for (a file's rows, one typed input, or the first examples), and how many
    rows cannot be asked."""
    what: list[str] = chosen.what
    if not what:
        count = min(chosen.count, first.total) if first.total else 0
        return [Row(i + 1, PredictRequest((), i)) for i in range(count)], 0
    if len(what) == 1 and Path(what[0]).suffix.lower() in (".csv", ".tsv"):
        return rows_of(Path(what[0]), first.inputs, trained_on_table=run.spec.kind == "table")
    try:
        return [Row(1, PredictRequest(parsed(" ".join(map(_whole, what)), first.inputs)))], 0
    except ValueError as error:
        raise VerbError(str(error), 2) from None


def _whole(word: str) -> str:
    return f'"{word}"' if " " in word else word


class _Asker:
    """Asks for predictions, many at once. A view that was asked for before does not come again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[PredictRequest, Prediction | Failed] = {}

    def answers(self, requests: Sequence[PredictRequest]) -> Iterator[Prediction | Failed]:
        """In the order of the requests."""
        for start in range(0, len(requests), _AT_ONCE):
            some = requests[start : start + _AT_ONCE]
            self._client.look(*dict.fromkeys(some))
            while not all(request in self._known for request in some):
                self._take()
            yield from (self._known[request] for request in some)

    def _take(self) -> None:
        frame = self._client.receive(_SECONDS)
        if isinstance(frame, Bye):
            raise VerbError("the run ended meanwhile")
        if (
            isinstance(frame, Shown)
            and isinstance(frame.request, PredictRequest)
            and isinstance(frame.view, Prediction | Failed)
        ):
            self._known[frame.request] = frame.view


def in_words(view: Prediction, place: int) -> str:
    """`3  seven  98.2 %  right`."""
    parts = [f"{place:>4}", view.answer]
    if view.scores:
        parts.append(f"{100 * max(view.scores):.1f} %")
    elif len(view.values) > 1:
        parts = [parts[0], " ".join(number(value) for value in view.values)]
    if view.target:
        same = "right" if view.target == view.answer else f"is {view.target}"
        parts.append(same if view.classes else f"data say {view.target}")
    return "  ".join(parts)


def _json(view: Prediction, place: int) -> str:
    """One object a line, full precision."""
    found: dict[str, object] = {"row": place, "answer": view.answer}
    if view.classes:
        found["scores"] = dict(zip(view.classes, view.scores, strict=False))
    else:
        found["values"] = view.values
    if view.target:
        found["target"] = view.target
    return json.dumps(found | {"weights": view.checksum_after}, ensure_ascii=False)
