"""Knobs as Python writes them: annotated keyword parameters with a default. No torch.

`knobs.gather` joins what is declared here with every run's own knobs.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Annotated, Any, Literal

from msgspec.structs import replace

from ..protocol.knob import Effect, Kind, Knob, Value
from .run_knobs import RUN_KNOBS

# The functions an experiment may have, and how many arguments each is given by position. There
# may be any number of further views, `view_NAME`.
FUNCTIONS = {
    "data": 0,
    "model": 0,
    "loss": 2,
    "optimizer": 1,
    "step": 2,
    "metrics": 2,
    "augment": 1,
    "view": 3,
    "gradient": 3,
    "gradient_numpy": 3,
}
_VIEW = "view_"  # any number of further views begin like this
_KINDS: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}
OWN = {knob.name: knob for knob in RUN_KNOBS}


def is_view(function: str) -> bool:
    """Whether a function of this name paints a picture of the experiment's own."""
    return function == "view" or (function.startswith(_VIEW) and function != _VIEW)


def picture_of(view: str) -> str:
    """The name of the picture that `view` or `view_NAME` paints."""
    return "own" if view == "view" else view.removeprefix(_VIEW).replace("_", " ")


def by_position(function: str) -> int:
    """How many arguments a function of this name is given by position."""
    return FUNCTIONS["view"] if is_view(function) else FUNCTIONS.get(function, 0)


class KnobError(ValueError):
    """One sentence about a knob; `owner` is the function that declared it, if one did."""

    def __init__(self, sentence: str, owner: str = "") -> None:
        super().__init__(sentence)
        self.owner = owner


def declared(function: Callable[..., object], owner: str) -> list[Knob]:
    """The knobs that `function` declares as parameters, in their order.

    A knob is a parameter after those given by position (`FUNCTIONS`) that has a bool, a number
    or a text as its default, or is named like a run's own knob. Raises `KnobError` naming the
    parameter for bounds, choices or a default that cannot be.
    """
    knobs: list[Knob] = []
    for parameter in _parameters(function, owner):
        knob = _knob(function, parameter, owner)
        if knob is not None:
            knobs.append(knob)
    return knobs


def _parameters(function: Callable[..., object], owner: str) -> list[inspect.Parameter]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-in callables have no signature
        return []
    positional = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    by_name = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    given = [p.name for p in parameters if p.kind in positional][: by_position(owner)]
    return [p for p in parameters if p.kind in by_name and p.name not in given]


def _knob(function: Callable[..., object], parameter: inspect.Parameter, owner: str) -> Knob | None:
    name, where = parameter.name, f"{parameter.name} in {owner}()"
    default = _default(parameter, owner)
    bare, bounds, log, text = _annotated(_annotation(function, parameter), where, owner)
    choices = _choices(bare, where, owner)
    kind: Kind | None = "choice" if choices else _KINDS.get(bare)
    if bare is inspect.Parameter.empty:
        kind, choices = _kind_of(default, OWN.get(name))
    if bounds is not None and kind not in ("int", "float"):
        raise KnobError(f"{where} has bounds but is neither int nor float", owner)
    if kind is None or not isinstance(default, bool | int | float | str):
        return None
    low, high = bounds or (None, None)
    value = str(default) if choices else default
    knob = Knob(
        name=name,
        kind=kind,
        value=value,
        default=value,
        owner=owner,
        effect=effect({owner}),
        low=low,
        high=high,
        log=log,
        choices=choices,
        help=text,
    )
    return started(knob, value, where, owner)


def _default(parameter: inspect.Parameter, owner: str) -> Any:
    name = parameter.name
    if parameter.default is not inspect.Parameter.empty:
        return parameter.default
    if name in OWN:
        return OWN[name].default
    raise KnobError(
        f"{owner}() has a parameter {name} without a default; "
        f"give it a starting value, such as {name}: int = 1",
        owner,
    )


def _kind_of(default: Any, own: Knob | None) -> tuple[Kind | None, tuple[str, ...]]:
    """The kind of a parameter without annotation, and its choices."""
    kind: Kind | None = None
    for type_ in _KINDS:
        if isinstance(default, type_):
            kind = kind or _KINDS[type_]  # the first: a bool is an int too
    if own is not None and (own.kind, kind) in {("float", "int"), ("choice", "text")}:
        return own.kind, own.choices
    return kind, ()


def started(knob: Knob, value: Value, where: str, owner: str) -> Knob:
    """`knob` with `value` as its start, checked."""
    try:
        checked = knob.check(value)
    except ValueError:
        raise KnobError(f"{where} starts at {value!r} but takes {knob.accepts()}", owner) from None
    return replace(knob, value=checked, default=checked)


def _annotation(function: Callable[..., object], parameter: inspect.Parameter) -> Any:
    """The parameter's annotation; one that stands as text is looked up where it was written."""
    annotation = parameter.annotation
    if not isinstance(annotation, str):
        return annotation
    written = inspect.unwrap(function)
    names = getattr(written, "__globals__", None) or getattr(
        getattr(written, "__init__", None), "__globals__", {}
    )
    holder = SimpleNamespace(__annotations__={parameter.name: annotation})
    try:
        return typing.get_type_hints(holder, globalns=names, include_extras=True)[parameter.name]
    except Exception:  # a name that exists for type checkers alone, for example
        return object


def _annotated(
    annotation: Any, where: str, owner: str
) -> tuple[Any, tuple[float | None, float | None] | None, bool, str]:
    """The bare type, bounds, whether the scale is logarithmic, and a line of help."""
    if typing.get_origin(annotation) is not Annotated:
        return annotation, None, False, ""
    bare, *extras = typing.get_args(annotation)
    bounds, text = None, ""
    for extra in extras:
        if isinstance(extra, tuple):
            bounds = _bounds(extra, where, owner)
        elif isinstance(extra, str) and extra != "log":
            text = extra
    return bare, bounds, "log" in extras, text


def _bounds(pair: tuple[Any, ...], where: str, owner: str) -> tuple[float | None, float | None]:
    ends = [end for end in pair if end is not None]
    if len(pair) == 2 and all(type(end) in (int, float) for end in ends) and ends == sorted(ends):
        return pair[0], pair[1]
    raise KnobError(f"{where} has the bounds {pair!r}; write (lowest, highest)", owner)


def _choices(bare: Any, where: str, owner: str) -> tuple[str, ...]:
    if typing.get_origin(bare) is not Literal:
        return ()
    options = typing.get_args(bare)
    names = tuple(str(option) for option in options)
    if any(not isinstance(o, str | int) for o in options) or len(set(names)) < len(names):
        raise KnobError(f"{where} has the choices {options!r}; write different texts", owner)
    return names


def effect(owners: set[str]) -> Effect:
    if owners >= {"data", "model"}:
        return "data and model rebuilt"
    if "data" in owners:
        return "data rebuilt"
    if "model" in owners:
        return "model rebuilt"
    return "optimizer called again" if "optimizer" in owners else "next phase"


def readers(function: Callable[..., object], owner: str) -> dict[str, dict[str, Any]]:
    """The knobs `function` takes; for choices that are not texts, what each stands for."""
    taken: dict[str, dict[str, Any]] = {}
    names = {knob.name for knob in declared(function, owner)}
    for parameter in _parameters(function, owner):
        if parameter.name in names:
            bare = _annotated(_annotation(function, parameter), "", "")[0]
            literal = typing.get_origin(bare) is Literal
            taken[parameter.name] = {str(o): o for o in typing.get_args(bare)} if literal else {}
    return taken


def arguments(
    function: Callable[..., object], values: Mapping[str, Value], owner: str = ""
) -> dict[str, Any]:
    """The keyword arguments `function` takes from the knobs' values."""
    taken = readers(function, owner)
    return {name: stands.get(str(values[name]), values[name]) for name, stands in taken.items()}
