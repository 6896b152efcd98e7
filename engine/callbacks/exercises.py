"""What a person did with this run, and which of the text's tries that ticks.

Told by `orders` of every command that took effect or was refused, and by the painter of every
picture painted. Conditions are judged at each of these, and with each state, when the reporter asks
for `tries`.

A stage that names knobs (or `replicas`, which a comparison turns) is judged by what came since the
last of them was turned: `step` and `epoch` count from there (or from the restart, where that came
later), what is counted was done since, a picture looked at since, and a number measured since. No
number from before data, model or loss were exchanged counts anywhere. Where a stage comes after
another, its pictures must have been looked at since that one held.
"""

from collections.abc import Callable, Mapping, Sized
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..protocol.commands import Compare, Edit, Load, Restart, Save, Step
from ..protocol.knob import Value
from ..protocol.state import Try
from ..protocol.views import PredictRequest, Request
from ..runs import progress
from ..runs.tries import COUNTERS, MEASURED, SAW, STATUS, Facts, Item, Terms, holds
from ..training.reconfigure import rebuilds

if TYPE_CHECKING:
    from .run import Run

Numbers = Mapping[str, float | None]

_NOTHING: Numbers = MappingProxyType({})
_COUNTED: dict[type, str] = {Restart: "restarts", Edit: "edits", Save: "saves", Load: "loads"}


class Turn(NamedTuple):
    """How things stood when a knob was turned. `moment` counts turns of any knob, and stages."""

    moment: int = 0
    step: float = 0.0
    epoch: float = 0.0
    latest: Numbers = _NOTHING
    counted: Mapping[str, int] = MappingProxyType({})


class Practice:
    """Counters since the engine started, and the items that are done. Those stay done."""

    def __init__(self, run: "Run", replicas: Callable[[], Sized]) -> None:
        self._c = run
        self._replicas = replicas
        self._counted = dict.fromkeys(COUNTERS, 0)
        self._moment = 0
        self._values: dict[str, Value] = {}  # of the knobs, to see which are turned
        self._turns: dict[str, Turn] = {}  # the last of each knob
        self._stale = _NOTHING  # measured before data, model or loss were exchanged
        self._saw: dict[str, int] = {}  # pictures, and the moment of the last look
        self._last_prediction: PredictRequest | None = None
        self._items: tuple[Item, ...] | None = None
        self._stages: dict[int, tuple[int, int]] = {}  # of items begun: how many held, and when
        self._done: frozenset[int] = frozenset()
        self._tries: tuple[Try, ...] = ()

    def ordered(self, command: object) -> None:
        """A command took effect."""
        if isinstance(command, Step) and command.unit == "phase":
            self._counted["phases"] += command.count
        elif name := _COUNTED.get(type(command)):
            self._counted[name] += 1
        if isinstance(command, Restart):
            zero = {"step": 0.0, "epoch": 0.0, "latest": _NOTHING}
            self._turns = {name: turn._replace(**zero) for name, turn in self._turns.items()}
            self._stale = _NOTHING
        self._note_turns(["replicas"] if isinstance(command, Compare) else [])
        self._judge()

    def refused(self) -> None:
        """A command was rejected."""
        self._counted["refusals"] += 1

    def _note_turns(self, more: list[str]) -> None:
        c = self._c
        if not c.ready:
            return
        new = [name for name, value in c.t.values.items() if self._values.get(name) != value]
        if not new and not more:
            return
        self._values = dict(c.t.values)
        self._moment += 1
        latest, epoch = dict(c.latest), c.t.feed.place.epoch
        turn = Turn(self._moment, c.t.step, epoch, latest, dict(self._counted))
        self._turns |= dict.fromkeys([*new, *more], turn)
        if "loss" in new or any(rebuilds(c.knobs[name]) for name in new):
            self._stale = latest

    def looked(self, request: Request) -> None:
        """Something is painted for somebody; what that ticks is told at once."""
        new = self._judge()  # before the look: of what came after it, this shows nothing
        if isinstance(request, PredictRequest):
            if request != self._last_prediction:  # the same again is only a newer frame
                self._counted["predictions"] += 1
            self._last_prediction = request
        elif name := getattr(request, "name", ""):
            page = getattr(request, "index", 0) + 1
            self._saw |= dict.fromkeys((name, f"{name} {page}"), self._moment)
        if self._judge() or new:
            self._c.publish()

    def tries(self) -> tuple[Try, ...]:
        """All there is to try, judged now."""
        if self._items is None:
            self._begin()
        if self._c.ready and not self._values:
            self._values = dict(self._c.t.values)
        self._judge()
        return self._tries

    def _judge(self) -> bool:
        """Tick what holds now; whether anything is new."""
        left = [item for item in self._items or () if item.number not in self._done]
        new = {item.number for item in left if self._came_true(item)}
        if not new:
            return False
        self._done |= new
        self._tries = self._judged()
        if self._kept:
            progress.add(self._name, self._done)
        return True

    def _came_true(self, item: Item) -> bool:
        """Go on to the item's next stage as long as it holds; whether that was the last."""
        held, began = self._stages.get(item.number, (0, 0))
        while held < len(item.stages) and holds(
            item.stages[held], self._facts(item.stages[held], began)
        ):
            self._moment += 1
            held, began = held + 1, self._moment
            self._stages[item.number] = held, began
        return 0 < len(item.stages) == held

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
        spec = self._c.spec
        return spec.kind == "lesson" and not spec.headless

    @property
    def _name(self) -> str:
        return self._c.spec.experiment

    def _judged(self) -> tuple[Try, ...]:
        return tuple(
            Try(item.number, item.text, item.number in self._done) for item in self._items or ()
        )

    def _facts(self, terms: Terms, began: int) -> Facts:
        """What is known to a stage of these terms that came up at the moment `began`."""
        c = self._c
        turns = [self._turns[term.name] for term in terms if term.name in self._turns]
        since = max(turns, key=lambda turn: turn.moment, default=Turn())
        first = max(since.moment, began)
        saw = frozenset(name for name, moment in self._saw.items() if moment >= first)
        counted = {
            name: count - since.counted.get(name, 0) for name, count in self._counted.items()
        }
        facts: dict[str, object] = {**counted, SAW: saw, STATUS: c.status}
        facts["replicas"] = len(self._replicas())
        if c.ready:
            numbers = self._numbers(since)
            facts |= {MEASURED + name: number for name, number in numbers.items()}
            facts |= numbers | c.t.values
        return facts  # pyright: ignore[reportReturnType]

    def _numbers(self, since: Turn) -> dict[str, float | None]:
        """What was measured since; a number measured again is another object, even if equal."""
        numbers = {
            name: number
            for name, number in self._c.numbers().items()
            if number is not since.latest.get(name) and number is not self._stale.get(name)
        }
        numbers["step"] = self._c.t.step - since.step
        numbers["epoch"] = self._c.t.feed.place.epoch - since.epoch
        return numbers
