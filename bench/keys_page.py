"""Writes `docs/keys.md` from the command table: `python -m bench.keys_page` after a change."""

from pathlib import Path

from foghill.tui.commands import LIVE
from foghill.tui.entry import Entry
from foghill.tui.key_names import shown_key
from foghill.tui.state import ScreenState

PAGE = Path(__file__).parent.parent / "docs" / "keys.md"
INTRODUCTION = """# Keys and commands

Every command of the live screen, as `?` lists them. Those without a key are reached with `:` and
their name. Arrows act in the focused panel; every other key does the same everywhere. A key that
can do nothing now is not shown in the footer.
"""


def page() -> str:
    """The page as it should stand: a table for each group of commands."""
    groups: dict[str, list[Entry[ScreenState]]] = {}
    for entry in LIVE:
        groups.setdefault(entry.group, []).append(entry)
    return "\n".join((INTRODUCTION, *(_table(name, rows) for name, rows in groups.items())))


def _table(name: str, rows: list[Entry[ScreenState]]) -> str:
    head = (f"## {name.capitalize()}", "", "| key | command | does |", "|---|---|---|")
    return "\n".join((*head, *map(_row, rows), ""))


def _row(entry: Entry[ScreenState]) -> str:
    keys = " ".join(f"`{shown_key(key)}`" for key in entry.keys)
    cells = (keys, f"`{entry.id}`", entry.help)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page())
