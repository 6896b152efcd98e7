"""All knobs of a run: every run's own and those its functions declare; and where they start.

`experiment.load` gathers them; the session changes them and goes by each knob's `owner` (the
functions that read it, joined by `+`) and `effect`. No torch.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from ..protocol import condition
from ..protocol.knob import Knob, Value
from .parameters import (
    FUNCTIONS,
    OWN,
    KnobError,
    arguments,
    declared,
    effect,
    readers,
    started,
)
from .run_knobs import LARGEST_SEED, RUN_KNOBS

__all__ = [
    "FUNCTIONS",
    "LARGEST_SEED",
    "RUN_KNOBS",
    "KnobError",
    "arguments",
    "declared",
    "gather",
    "meant",
    "readers",
    "replicas",
    "start",
]

FIRST = ("lr", "optimizer", "batch_size")
_KEEP_EFFECT = {"seed", "data_seed", "device", "precision"}  # whoever else reads them


def gather(functions: Mapping[str, Callable[..., object]]) -> dict[str, Knob]:
    """Every knob of a run, in the order of the screen. One name is one knob.

    Those turned most come first, then those the experiment's functions declare.

    `functions` are the experiment's, by what they are (`data`, `model`, ...). A knob's `owner`
    names all functions that read it, joined by `+`. Raises `KnobError`.
    """
    found: dict[str, list[Knob]] = {}
    for owner in (*FUNCTIONS, *(name for name in functions if name not in FUNCTIONS)):
        if owner in functions:
            for knob in declared(functions[owner], owner):
                found.setdefault(knob.name, []).append(knob)
    declared_knobs = {name: _merged(same) for name, same in found.items()}
    knobs = {
        name: _as_own(own, declared_knobs.pop(name)) if name in declared_knobs else own
        for name, own in OWN.items()
    }
    first = {name: knobs.pop(name) for name in FIRST}
    return first | declared_knobs | knobs


def _merged(same: list[Knob]) -> Knob:
    """One knob from its declarations in several functions; bounds may stand in one of them."""
    bounded = [knob for knob in same if (knob.low, knob.high) != (None, None)]
    first = (bounded or same)[0]
    for other in same:
        if other not in bounded:
            other = replace(other, low=first.low, high=first.high)
        for what, one, two in (
            ("takes", first.accepts(), other.accepts()),
            ("starts at", first.default, other.default),
        ):
            if one != two:
                raise KnobError(
                    f"{first.name} {what} {one} in {first.owner}() but {two} in {other.owner}(); "
                    "one name is one knob, so write both alike",
                    other.owner,
                )
    owners = [knob.owner for knob in same]
    log, text = any(knob.log for knob in same), next((k.help for k in same if k.help), "")
    return replace(first, owner="+".join(owners), effect=effect(set(owners)), log=log, help=text)


def _as_own(own: Knob, user: Knob) -> Knob:
    """A run's own knob that the experiment's functions read too: their default and bounds win."""
    if own.kind != user.kind and not (own.kind == "choice" and user.kind == "text"):
        raise KnobError(
            f"{own.name} is every run's own knob and takes {own.accepts()}, "
            f"but {user.owner.split('+')[0]}() declares it as {user.accepts()}; rename it",
            user.owner.split("+")[0],
        )
    bounded = user.low is not None or user.high is not None
    rebuilds = {"data", "model", "optimizer"} & set(user.owner.split("+"))
    knob = replace(
        own,
        kind=user.kind,
        owner=user.owner,
        effect=user.effect if rebuilds and own.name not in _KEEP_EFFECT else own.effect,
        low=user.low if bounded else own.low,
        high=user.high if bounded else own.high,
        log=user.log or (own.log and not bounded),
        choices=user.choices or own.choices,
        help=user.help or own.help,
    )
    owner = user.owner.split("+")[0]
    return started(knob, user.default, f"{own.name} in {owner}()", owner)


def start(
    knobs: Mapping[str, Knob], settings: Mapping[str, object], typed: Mapping[str, str]
) -> dict[str, Knob]:
    """`knobs` at their starting values: the file's `settings`, then what was typed wins.

    The file's value is the knob's default. Raises `KnobError` for an unknown name, a value out
    of bounds and a `stop` that is no condition.
    """
    current = dict(knobs)
    for name, value in settings.items():
        knob = _known(current, name, "settings")
        value = str(value) if knob.kind == "choice" else value
        try:
            checked = knob.check(value)  # pyright: ignore[reportArgumentType]
        except (TypeError, OverflowError):
            sentence = f"settings: {name} takes {knob.accepts()}, not {value!r}"
            raise KnobError(sentence) from None
        except ValueError as error:
            raise KnobError(f"settings: {error}") from None
        current[name] = replace(knob, value=checked, default=checked)
    for name, text in typed.items():
        knob = _known(current, name, "--set")
        try:
            current[name] = replace(knob, value=knob.parse(text))
        except ValueError as error:
            raise KnobError(str(error)) from None
    try:
        condition.parse(str(current["stop"].value) if "stop" in current else "")
    except ValueError as error:
        raise KnobError(f"stop: {error}") from None
    return current


def replicas(knobs: Mapping[str, Knob], compare: object) -> tuple[dict[str, Value], ...]:
    """A file's `compare`: for each replica the knobs that are different. Raises `KnobError`."""
    if not isinstance(compare, list | tuple) or not all(isinstance(r, dict) for r in compare):
        raise KnobError(f'compare must be a list such as [{{"lr": 0.1}}], not {compare!r:.60}')
    checked: list[dict[str, Value]] = []
    for replica in compare:
        checked.append({})
        for name, value in replica.items():
            knob = _known(knobs, name, "compare")
            try:
                checked[-1][knob.name] = knob.check(str(value) if knob.kind == "choice" else value)
            except (TypeError, ValueError, OverflowError):
                sentence = f"compare: {name} takes {knob.accepts()}, not {value!r}"
                raise KnobError(sentence) from None
    return tuple(checked)


def _known(knobs: Mapping[str, Knob], name: str, source: str) -> Knob:
    if name in knobs:
        return knobs[name]
    raise KnobError(f"{source} names {name!r}, which is no knob here; {meant(name, knobs)}")


def meant(name: str, known: Iterable[str]) -> str:
    """Did you mean ...?"""
    names = list(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    return f"did you mean {close[0]}?" if close else "there are " + ", ".join(names)
