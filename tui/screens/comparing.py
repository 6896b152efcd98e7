"""What `C` and `F` ask: which replicas to train beside the run, and the learning rate's pictures.

Called by rows of the command table that are methods of `LiveScreen`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from ...engine.protocol.commands import MOST_REPLICAS, Compare, FindRate
from ...engine.protocol.knob import Knob, Value, format_value
from ...engine.protocol.state import State
from .ask import AskScreen
from .confirm import Choice, ChoiceScreen

if TYPE_CHECKING:
    from .live import LiveScreen

_AROUND = (0.03, 0.1, 0.3, 3.0, 10.0, 30.0)  # times the present rate
_FACTORS = {3.0: ("× 3", "x"), 1 / 3: ("÷ 3", "d")}  # words, key
_TYPED = "typed"
_EXAMPLE = "such as lr=0.01,0.1 optimizer=sgd,adam (each with each)"


@dataclass(frozen=True)
class Offer:
    """Replicas to be had with one key."""

    label: str
    key: str
    replicas: tuple[dict[str, Value], ...]
    help: str = ""


def offers(run: State) -> list[Offer]:
    """What suits the present run, the likeliest first."""
    found: list[Offer] = []
    lr, momentum, optimizer = (_acting(run, n) for n in ("lr", "momentum", "optimizer"))
    if lr is not None and float(lr.value) > 0:
        for factor, (words, key) in _FACTORS.items():
            for value in _rates(lr, [factor]):
                help = f"{format_value(lr.value)} → {format_value(value)}"
                found.append(Offer(f"the same, at lr {words}", key, ({"lr": value},), help))
        around = _rates(lr, _AROUND)
        ends = f"{format_value(min(around))} to {format_value(max(around))}" if around else ""
        replicas: tuple[dict[str, Value], ...] = tuple({"lr": value} for value in around)
        found.append(Offer(f"{len(around)} rates around it", "r", replicas, ends))
    if momentum is not None and momentum.value != 0.9:
        found.append(Offer("with momentum 0.9", "m", ({"momentum": 0.9},)))
    if optimizer is not None and optimizer.value != "adam" and "adam" in optimizer.choices:
        adam: dict[str, Value] = {"optimizer": "adam"}
        if lr is not None:
            adam["lr"] = 0.001
        found.append(Offer("with adam", "a", (adam,), "at its usual lr 0.001" if lr else ""))
    if run.compared:
        found.append(Offer("end the comparison", "e", (), "this run goes on alone"))
    return [offer for offer in found if offer.replicas or offer.key == "e"]


def _acting(run: State, name: str) -> Knob | None:
    knob = run.knob(name)
    return None if knob is None or knob.unused else knob


def _rates(lr: Knob, factors: Sequence[float]) -> list[float]:
    """The present rate times each, to three digits, where the knob takes it."""
    rates: list[float] = []
    for factor in factors:
        value = float(f"{float(lr.value) * factor:.3g}")
        try:
            rates.append(float(lr.check(value)))
        except ValueError:
            continue
    return rates


def compare(screen: "LiveScreen") -> None:
    """Which replicas: one of the offers, or typed."""
    run = screen.state.run
    offered = offers(run)
    choices = [Choice(str(i), o.label, o.key, o.help) for i, o in enumerate(offered)]
    choices.append(Choice(_TYPED, "other knobs", "t", _EXAMPLE.removesuffix(" (each with each)")))

    def take(answer: str | None) -> None:
        if answer == _TYPED:
            _ask(screen)
        elif answer is not None:
            _order(screen, offered[int(answer)].replicas)

    where = f"from step {run.step:,} on" if run.step else "from the start"
    question = f"Train beside this run, {where}"
    screen.app.push_screen(ChoiceScreen(question, tuple(choices)), take)


def _ask(screen: "LiveScreen") -> None:
    run = screen.state.run

    def wrong(text: str) -> str:
        try:
            parsed(run, text)
        except ValueError as error:
            return str(error)
        return ""

    def take(text: str | None) -> None:
        if text is not None:
            _order(screen, parsed(run, text))

    screen.app.push_screen(AskScreen("Compare with which values?", (_EXAMPLE,), "lr=", wrong), take)


def _order(screen: "LiveScreen", replicas: tuple[dict[str, Value], ...]) -> None:
    if replicas:
        screen.state = replace(screen.state, picture="compare")
    screen.order(Compare(replicas))


def parsed(run: State, text: str) -> tuple[dict[str, Value], ...]:
    """Every combination of the lists typed; raises `ValueError` with what is wrong."""
    lists: dict[str, list[Value]] = {}
    for part in text.split():
        name, equals, values = part.partition("=")
        knob = run.knob(name)
        if not equals or not values:
            raise ValueError(f"{part!r} is not NAME=VALUE,VALUE; {_EXAMPLE}")
        if knob is None:
            there = ", ".join(knob.name for knob in run.knobs)
            raise ValueError(f"there is no knob {name!r}; there are {there}")
        lists[name] = [knob.parse(value) for value in values.split(",")]
    combinations = [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    if not lists:
        raise ValueError(_EXAMPLE)
    if len(combinations) > MOST_REPLICAS:
        raise ValueError(f"{len(combinations)} combinations; at most {MOST_REPLICAS} replicas")
    return tuple(combinations)


def rates(screen: "LiveScreen") -> None:
    """Show or leave the picture `rates`; where there is none yet, look for a rate first."""
    state = screen.state
    there = "rates" in state.run.pictures
    if there and state.showing == "rates":
        screen.state = replace(state, picture="", focus="picture")
        return
    screen.state = replace(state, picture="rates", focus="picture" if there else state.focus)
    if not there:
        find_rate(screen)


def find_rate(screen: "LiveScreen") -> None:
    """Try rising learning rates on a copy, and show what came of it."""
    screen.state = replace(screen.state, picture="rates")
    screen.order(FindRate())
