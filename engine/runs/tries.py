"""What a text asks to try: the numbered items of its section Try, and what ticks each of them.

An item may end with a condition in braces, such as `{lr >= 1.2 and step >= 20}`, which is never
shown. `{x <= -3 then x >= 3}` has two stages, of which the second must come to hold after the
first. `listing` reads them for the picker, `practice` judges them while a run goes on. No torch.
"""

import operator
import re
from collections.abc import Callable, Mapping
from math import inf, isclose, isnan
from typing import NamedTuple

from ..protocol.knob import Value

# What is counted while the engine lives; `saw` holds the names of pictures looked at, and
# each with its page: hill, hill 4.
COUNTERS: tuple[str, ...] = (
    "phases",
    "restarts",
    "replicas",
    "edits",
    "saves",
    "loads",
    "predictions",
    "refusals",
)
SAW = "saw"
STATUS = "status"  # of the run: paused, running, finished, failed
MEASURED = "measured "  # before the name of a number that a knob is called like: loss

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: isclose(a, b, rel_tol=1e-6),
    "!=": lambda a, b: not isclose(a, b, rel_tol=1e-6),
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_TERM = re.compile(r"(\w+)\s*(!=|>=|<=|=|>|<)\s*([^=<>!{}]+)")
_ITEM = re.compile(r"\s+(\d+)\. ")
_BRACES = re.compile(r"\s*\{([^{}]*)\}\s*\Z")
_SWITCH = {"on": True, "off": False}

Facts = Mapping[str, Value | frozenset[str] | None]


class Term(NamedTuple):
    """`name op value`, as written."""

    name: str
    op: str
    value: str


Terms = tuple[Term, ...]  # that must all hold at one moment


class Item(NamedTuple):
    """One thing to try. Without stages it is never ticked; `trouble` says why it has none."""

    number: int
    text: str
    stages: tuple[Terms, ...] = ()
    trouble: str = ""


def condition(text: str) -> tuple[Terms, ...]:
    """The stages of `a >= 1 and b = on then b = off`. Raises `ValueError` with one sentence."""
    return tuple(_stage(part) for part in text.split(" then "))


def _stage(text: str) -> Terms:
    terms: list[Term] = []
    for part in text.split(" and "):
        found = _TERM.fullmatch(part.strip())
        if found is None:
            raise ValueError(
                f"{part.strip()!r} is no condition; write name, one of = != >= > <= < and a value"
            )
        term = Term(found[1], found[2], found[3].strip())
        if term.op not in ("=", "!=") and _number(term.value) is None:
            raise ValueError(f"{term.name} {term.op} {term.value!r}: {term.op} compares numbers")
        terms.append(term)
    return tuple(terms)


def read(text: str) -> tuple[str, tuple[Item, ...]]:
    """`text` without its conditions, and the items of its section Try in their order."""
    lines = text.splitlines()
    first, last = _section(lines)
    starts = [place for place in range(first, last) if _ITEM.match(lines[place])]
    if not starts:
        return text, ()
    kept, items = lines[: starts[0]], list[Item]()
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        shown, item = _item("\n".join(lines[start:end]))
        items.append(item)
        kept += [*shown.splitlines(), *_blank_from(lines, end)]
    return "\n".join([*kept, *lines[last:]]), tuple(items)


def _section(lines: list[str]) -> tuple[int, int]:
    """First line after the heading Try, and one past the last before the next heading."""
    if "Try" not in lines:
        return len(lines), len(lines)
    first = lines.index("Try") + 1
    headings = (n for n in range(first, len(lines)) if lines[n] and not lines[n][0].isspace())
    return first, next(headings, len(lines))


def _item(block: str) -> tuple[str, Item]:
    found = _BRACES.search(block)
    shown = block[: found.start()] if found else block
    number, words = shown.split(".", 1)
    stages, trouble = (), ""
    if found:
        try:
            stages = condition(" ".join(found[1].split()))
        except ValueError as error:
            trouble = str(error)
    return shown, Item(int(number), " ".join(words.split()), stages, trouble)


def _blank_from(lines: list[str], place: int) -> list[str]:
    blank: list[str] = []
    while place < len(lines) and not lines[place].strip():
        blank.append("")
        place += 1
    return blank


def holds(terms: Terms, facts: Facts) -> bool:
    """Whether all of them hold now; what is not known (yet) does not."""
    return bool(terms) and all(_holds(term, _fact(term, facts)) for term in terms)


def _fact(term: Term, facts: Facts) -> Value | frozenset[str] | None:
    """What the term speaks of: `loss = mae` of the knob, `loss < 0.1` of the number."""
    fact = facts.get(term.name)
    if isinstance(fact, str) and _number(term.value) is not None:
        return facts.get(MEASURED + term.name, fact)
    return fact


def _holds(term: Term, fact: Value | frozenset[str] | None) -> bool:
    if fact is None:
        return False
    number = _number(term.value)
    if isinstance(fact, frozenset):
        equal = term.value in fact
    elif isinstance(fact, bool):
        equal = _SWITCH.get(term.value) is fact
    elif isinstance(fact, str):
        equal = fact == term.value
    else:
        return number is not None and _COMPARE[term.op](_finite(fact), number)
    return equal if term.op == "=" else not equal if term.op == "!=" else False


def _finite(fact: float) -> float:
    """A loss that became NaN has grown beyond every number."""
    return inf if isnan(fact) else float(fact)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
