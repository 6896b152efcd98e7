"""What a person did with this run, and which of the text's tries that ticks.

Told by `orders` of every command that took effect and by the painter of every picture painted;
the reporter asks for `tries` with each state, which is when conditions are judged.
"""

from typing import TYPE_CHECKING

from . import progress
from .protocol.commands import Edit, Load, Restart, Save, Step
from .protocol.state import Try
from .protocol.views import PredictRequest, Request
from .tries import COUNTERS, MEASURED, SAW, Facts, Item, holds

if TYPE_CHECKING:
    from .conductor import Conductor

_COUNTED: dict[type, str] = {Restart: "restarts", Edit: "edits", Save: "saves", Load: "loads"}


class Practice:
    """Counters since the engine started, and the items that are done. Those stay done."""

    def __init__(self, conductor: "Conductor") -> None:
        self._c = conductor
        self._counted = dict.fromkeys(COUNTERS, 0)
        self._saw: frozenset[str] = frozenset()
        self._last_prediction: PredictRequest | None = None
        self._items: tuple[Item, ...] | None = None
        self._done: frozenset[int] = frozenset()
        self._tries: tuple[Try, ...] = ()

    def ordered(self, command: object) -> None:
        """A command took effect."""
        if isinstance(command, Step) and command.unit == "phase":
            self._counted["phases"] += command.count
        elif name := _COUNTED.get(type(command)):
            self._counted[name] += 1

    def looked(self, request: Request) -> None:
        """Something was painted for somebody."""
        if isinstance(request, PredictRequest):
            if request != self._last_prediction:  # the same again is only a newer frame
                self._counted["predictions"] += 1
            self._last_prediction = request
        elif (name := getattr(request, "name", "")) and name not in self._saw:
            self._saw |= {name}

    def tries(self) -> tuple[Try, ...]:
        """All there is to try, judged now."""
        if self._items is None:
            self._begin()
        if open_items := [item for item in self._items or () if item.number not in self._done]:
            facts = self._facts()
            new = {item.number for item in open_items if holds(item.terms, facts)}
            if new:
                self._done |= new
                self._tries = self._judged()
                if self._kept:
                    progress.add(self._name, self._done)
        return self._tries

    def _begin(self) -> None:
        experiment = self._c.experiment
        if experiment is None:
            return
        self._items = experiment.tries
        if self._kept and self._items:
            known = {item.number for item in self._items}
            self._done = progress.tried().get(self._name, frozenset()) & known
        self._tries = self._judged()

    @property
    def _kept(self) -> bool:
        spec = self._c.session.spec
        return spec.kind == "lesson" and not spec.headless

    @property
    def _name(self) -> str:
        return self._c.session.spec.experiment

    def _judged(self) -> tuple[Try, ...]:
        return tuple(
            Try(item.number, item.text, item.number in self._done) for item in self._items or ()
        )

    def _facts(self) -> Facts:
        c = self._c
        facts: dict[str, object] = {**self._counted, SAW: self._saw}
        facts["replicas"] = len(c.comparison.runners)
        if c.ready:
            numbers = c.numbers()
            facts |= {MEASURED + name: number for name, number in numbers.items()}
            facts |= numbers | c.t.values
        return facts  # pyright: ignore[reportReturnType]
