"""`foghill predict`: what a living run's model says to rows of a table, to numbers, to examples.

Asked over the socket, as a screen asks; the model is in eval mode and its weights stay.
"""

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...engine.catalog import Run, find, socket_path
from ...engine.protocol.client import Client
from ...engine.protocol.frames import Bye, Shown
from ...engine.protocol.pictures import Prediction
from ...engine.protocol.views import Failed, PredictRequest
from ..predict_input import columns, number, parsed, row
from . import VerbError

_AT_ONCE = 24  # requests on their way
_WARM_UP_SECONDS = 120.0
_SECONDS = 60.0  # a run that trains answers within a twentieth of its time


def predict(chosen: argparse.Namespace) -> int:
    """Print an answer a line."""
    run = _alive(chosen.name)
    try:
        with Client(socket_path(Path(run.spec.directory)), "watcher", name="predict") as client:
            if client.state.status == "warming up":
                client.wait(lambda state: state.status != "warming up", _WARM_UP_SECONDS)
            asker = _Asker(client)
            (first,) = asker.answers([PredictRequest()])
            requests = _requests(chosen, first)
            for place, view in enumerate(asker.answers(requests), 1):
                print(_json(view, place) if chosen.json else in_words(view, place))
                if view.checksum != view.checksum_after:
                    raise VerbError(f"predicting changed the weights of {run.spec.name}")
    except (ConnectionError, TimeoutError) as error:
        raise VerbError(f"{run.spec.name} does not answer: {error}") from None
    return 0


def _alive(name: str) -> Run:
    run = find(name)
    if run.life == "alive":
        return run
    called, experiment = run.spec.name, run.spec.experiment
    if run.spec.target:
        experiment += f" --target {run.spec.target}"
    if run.life == "elsewhere":
        raise VerbError(f"{called} runs on {run.spec.host}; ask for it there", 2)
    raise VerbError(
        f"{called} has ended, and its model with it; where its weights were saved (W on the "
        f"screen, or foghill ctl {called} save FILE): foghill run {experiment} --weights FILE",
        2,
    )


def _requests(chosen: argparse.Namespace, first: Prediction) -> list[PredictRequest]:
    """What was asked for: a file's rows, one typed input, or the first examples."""
    what: list[str] = chosen.what
    if not what:
        count = min(chosen.count, first.total) if first.total else 0
        return [PredictRequest((), index) for index in range(count)]
    if len(what) == 1 and Path(what[0]).suffix.lower() in (".csv", ".tsv"):
        return [PredictRequest(values) for values in rows_of(Path(what[0]), first)]
    try:
        return [PredictRequest(parsed(" ".join(map(_whole, what)), first.inputs))]
    except ValueError as error:
        raise VerbError(str(error), 2) from None


def _whole(word: str) -> str:
    return f'"{word}"' if " " in word else word


def rows_of(path: Path, first: Prediction) -> list[tuple[float, ...]]:
    """The rows of a table as inputs: by the names of its columns, or in their order."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VerbError(f"{path} cannot be read: {error}", 2) from None
    delimiter = max(",;\t|", key=(text.splitlines() or [""])[0].count)
    lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if any(line)]
    if not lines:
        raise VerbError(f"{path} is empty", 2)
    wanted = [name for name, _ in columns(first.inputs)]
    named = bool(wanted) and all(name in lines[0] for name in wanted)
    header = lines[0] if named else wanted
    body = lines[1:] if named or not _numbers(lines[0]) else lines
    return [_row(path, place, line, header, first) for place, line in enumerate(body, 1)]


def _row(
    path: Path, place: int, line: list[str], header: Sequence[str], first: Prediction
) -> tuple[float, ...]:
    try:
        if not first.inputs:
            return tuple(float(cell) for cell in line)
        if len(line) < len(header):
            raise ValueError(f"it has {len(line)} fields, and {len(header)} are needed")
        return row(dict(zip(header, line, strict=False)), first.inputs)
    except ValueError as error:
        raise VerbError(f"{path}, row {place}: {error}", 2) from None


def _numbers(line: Sequence[str]) -> bool:
    """Whether a line holds a number, so that it is no line of names."""
    return any(cell.strip().lstrip("+-").replace(".", "", 1).isdigit() for cell in line)


class _Asker:
    """Asks for predictions, many at once. A view that was asked for before does not come again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[PredictRequest, Prediction] = {}

    def answers(self, requests: Sequence[PredictRequest]) -> Iterator[Prediction]:
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
        if isinstance(frame, Shown) and isinstance(frame.request, PredictRequest):
            if isinstance(frame.view, Failed):
                raise VerbError(frame.view.sentence, 2)
            if isinstance(frame.view, Prediction):
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
