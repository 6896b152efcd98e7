"""The course page: every lesson is on it, and every line to paste can be pasted."""

import re
import shlex
from pathlib import Path

import pytest
from foghill.engine.protocol.condition import parse
from foghill.engine.runs import catalog
from foghill.engine.runs.listing import LESSON_ORDER
from foghill.tui.cli import build_parser
from foghill.tui.commands import LIVE
from foghill.tui.keys import read, split
from lessons.plain import experiment

PAGE = (Path(__file__).parent.parent / "docs" / "workshop.md").read_text()
LINES = re.findall(r"`(foghill run [^`]* --keys [^`]*)`", PAGE)
HERE = {lesson.name for lesson in catalog.lessons()}


def test_every_lesson_has_its_row_and_a_line():
    for name in LESSON_ORDER:
        assert f"| `{name}` |" in PAGE, name
        assert any(f"foghill run {name} " in line for line in LINES), name


@pytest.mark.parametrize("line", LINES)
def test_a_line_can_be_pasted(line: str):
    chosen = build_parser().parse_args(shlex.split(line)[1:])
    settings, moves = split(read(chosen.keys))
    if chosen.experiment not in HERE:
        pytest.skip(f"there is no lesson {chosen.experiment} yet")
    knobs = experiment(chosen.experiment, **settings).knobs
    keys = {key for entry in LIVE for key in entry.keys}
    for move in moves:
        if move.kind == "set":
            knobs[move.knob].parse(move.text)
        elif move.kind == "until":
            parse(move.text)
        elif move.kind == "key":
            assert move.text in keys, move
