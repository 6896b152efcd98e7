"""For which seeds a lesson must hold what it promises: three, or twenty in `make promises`.

`@promise()` over a function of one seed makes the test; `promised` is the same as a call.
"""

import json
import os
from collections.abc import Callable, Sequence

ALL = tuple(range(20))
QUICK = (0, 1, 2)
FULL = bool(os.environ.get("FOGHILL_PROMISES"))
SEEDS = ALL if FULL else QUICK
MAY_BREAK = 1  # of all twenty
NOTES = "FOGHILL_PROMISES_NOTES"  # a file: what held, line by line, for RESULTS.md

Check = Callable[[int], object]


def promised(check: Check, quick: Sequence[int] = QUICK, name: str = "") -> None:
    """`check(seed)` holds for every seed of `quick`; in full runs, for at least 19 of all 20.

    A check that raises `AssertionError` does not hold; anything else it raises is an error.
    """
    seeds = ALL if FULL else quick
    broken: dict[int, str] = {}
    for seed in seeds:
        try:
            check(seed)
        except AssertionError as error:
            broken[seed] = str(error) or "the assertion does not hold"
    _note(name or check.__name__, len(seeds) - len(broken), len(seeds))
    told = "\n".join(f"seed {seed}: {why}" for seed, why in broken.items())
    assert len(broken) <= (MAY_BREAK if FULL else 0), f"broken for {sorted(broken)}\n{told}"


def promise(quick: Sequence[int] = QUICK) -> Callable[[Check], Callable[[], None]]:
    """A test that the decorated function of a seed holds; see `promised`."""

    def made(check: Check) -> Callable[[], None]:
        name = f"{check.__module__}.{check.__name__}"

        def test() -> None:
            promised(check, quick, name)

        test.__name__, test.__doc__, test.__module__ = (
            check.__name__,
            check.__doc__,
            check.__module__,
        )
        return test

    return made


def _note(name: str, held: int, of: int) -> None:
    if path := os.environ.get(NOTES):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "held": held, "of": of}) + "\n")
