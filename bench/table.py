"""Rows of figures: printed as a table, and kept in the section "Figures" of RESULTS.md.

Each group stands under its own heading with the conditions it was measured in; measuring one
group again leaves the others, and everything outside the section, as they were.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent / "RESULTS.md"
SECTION = "## Figures"
_TITLE = "# Results\n"


class Figure(NamedTuple):
    """One row. `met` is None where there is no target."""

    name: str
    value: str
    target: str = ""
    met: bool | None = None
    detail: str = ""

    @property
    def verdict(self) -> str:
        return {True: "met", False: "missed", None: ""}[self.met]


class Group(NamedTuple):
    """Figures measured together. `note` says how; `conditions` when and on what."""

    title: str
    note: str
    conditions: str
    figures: Sequence[Figure]


def at_least(name: str, ratio: float, target: float, detail: str = "") -> Figure:
    return Figure(name, f"{ratio:.3f}", f"≥ {target:g}", ratio >= target, detail)


def at_most(
    name: str, value: float, target: float, unit: str = "", detail: str = "", digits: int = 3
) -> Figure:
    return Figure(name, f"{value:.{digits}f}{unit}", f"≤ {target:g}{unit}", value <= target, detail)


def markdown(group: Group) -> str:
    """The group as a heading, a line or two and a table."""
    header = ["figure", "value", "target", "", "detail"]
    rows = [header, ["---"] * len(header)]
    rows += [[f.name, f.value, f.target, f.verdict, f.detail] for f in group.figures]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"### {group.title}\n\n{group.note}\n\n{group.conditions}\n\n{table}\n"


def plain(group: Group) -> str:
    """The group for a terminal."""
    rows = [[f.name, f.value, f.target, f.verdict, f.detail] for f in group.figures]
    widths = [max(len(row[i]) for row in rows) for i in range(4)] if rows else []
    lines = [
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    return "\n".join([group.title, *(f"  {line.rstrip()}" for line in lines)])


def kept(text: str, groups: Sequence[Group]) -> str:
    """The text of RESULTS.md with these groups in place of those of the same title."""
    before, section, after = _parts(text or _TITLE)
    found = {_title(part): part for part in re.split(r"(?m)^(?=### )", section)[1:]}
    found |= {group.title: markdown(group) for group in groups}
    body = "\n".join(part.strip("\n") + "\n" for part in found.values())
    rest = f"\n{after}" if after else ""
    return f"{before.rstrip()}\n\n{SECTION}\n\n{body}{rest}"


def keep(groups: Sequence[Group], path: Path = RESULTS) -> None:
    """Rewrite our section of the file; it is made if it is not there."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(kept(text, groups), encoding="utf-8")


def _parts(text: str) -> tuple[str, str, str]:
    """What stands before our section, in it, and after it."""
    match = re.search(rf"(?m)^{SECTION}\s*$", text)
    if match is None:
        return text, "", ""
    rest = text[match.end() :]
    following = re.search(r"(?m)^## ", rest)
    end = following.start() if following else len(rest)
    return text[: match.start()], rest[:end], rest[end:]


def _title(part: str) -> str:
    return part.splitlines()[0].removeprefix("### ").strip()
