"""README's table of keys has every key of the live screen, and none twice."""

import re
from pathlib import Path

from foghill.tui.commands import LIVE
from foghill.tui.key_names import shown_key

README = Path(__file__).parent.parent / "README.md"
ARROWS = {"↑", "↓", "←", "→", "h", "j", "k", "l"}
NOT_TAUGHT = {"shift-tab", "ctrl-p", "ctrl-c", "="}  # other ways to the same


def named() -> list[str]:
    """Keys of the first column, written out."""
    lines = README.read_text().split("\n")
    start = lines.index("| key | does |") + 2
    table = iter(lines[start:])
    keys: list[str] = []
    for line in table:
        if not line.startswith("|"):
            break
        cell = line.split("|")[1]
        if "arrows" in cell:
            keys += sorted(ARROWS)
        elif "`1` … `9`" in cell:
            keys += [str(number) for number in range(1, 10)]
        else:
            keys += re.findall(r"`([^`]+)`", cell)
    return keys


def test_every_key_of_the_screen_stands_in_the_readme_once():
    keys = named()
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)
    ours = {shown_key(key) for entry in LIVE for key in entry.keys} - NOT_TAUGHT
    assert ours - set(keys) == set(), "not in README's table"
    assert set(keys) - ours == set(), "no keys of the screen"
