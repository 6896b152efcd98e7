"""The pages a person reads: keys as the table has them, and links that lead somewhere."""

import re
from pathlib import Path

import pytest
from foghill.engine.runs.listing import LESSON_ORDER

from bench.keys_page import PAGE, page

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([README, *(ROOT / "docs").glob("*.md")])


def test_the_page_of_keys_is_written_from_the_command_table():
    assert PAGE.read_text() == page(), "run: python -m bench.keys_page"


def test_the_readme_is_read_in_three_minutes_and_lists_every_lesson():
    text = README.read_text()
    assert len(text.splitlines()) <= 200
    assert [name for name in LESSON_ORDER if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_and_named_files_are_there(path: Path):
    text = path.read_text()
    linked = [path.parent / link for link in re.findall(r"\]\(([^)#:]+)\)", text)]
    named = [ROOT / name for name in re.findall(r"`((?:engine|tui|bench)/[\w/]+\.py)`", text)]
    assert [str(target) for target in linked + named if not target.exists()] == []
