"""`python -m bench [NAME ...] [--quick]`: measure, print, and keep in bench/RESULTS.md.

`--quick` only shows that everything works: its numbers mean little and are not kept.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module

from .conditions import sentence
from .engines import own_home
from .table import Figure, Group, keep, plain

NAMES = (
    "engine_speed",
    "first_frame",
    "latency",
    "key_to_wire",
    "terminal_bytes",
    "curve_cost",
    "at_rest",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 also where targets are missed: that is for the reader of the table to judge."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; or all")
    parser.add_argument("--quick", action="store_true", help="show that it works; keep nothing")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no figure {unknown[0]!r}; there are {', '.join(NAMES)}")
    for name in chosen.names or NAMES:
        group, seconds = measured(name, chosen.quick)
        print(plain(group), f"  {seconds:.0f} s\n", sep="\n", flush=True)
        if not chosen.quick:
            keep([group])
    return 0


def measured(name: str, quick: bool) -> tuple[Group, float]:
    """One group of figures, and the seconds it took."""
    module = import_module(f".{name}", __package__)
    measure: Callable[[bool], list[Figure]] = module.measure
    conditions, began = sentence(), time.monotonic()
    with own_home():
        figures = measure(quick)
    return Group(module.TITLE, module.NOTE, conditions, figures), time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
