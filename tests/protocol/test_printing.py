"""What a headless run prints in the end: tables and phases as text and as JSON."""

import json
from pathlib import Path

from engines import headless
from foghill.engine.protocol.pictures import Bars, Table
from foghill.engine.protocol.printing import PHASES, printed, request
from foghill.engine.protocol.views import (
    Failed,
    Passage,
    PhaseRow,
    Phases,
    PhasesRequest,
    PictureRequest,
)

TABLE = Table("steps", ("step", "loss"), (("1", "10.5"), ("12", "9")), notes=("a note",))
STEP = Phases(
    3,
    1,
    (
        PhaseRow(
            "batch",
            detail=(
                Passage("says", "What this step learns from."),
                Passage("code", "x, y = batch", "mine.py:3"),
                Passage("tensor", "x", "2 f32", rows=(("1", "2"),)),
                Passage("table", rows=(("name", "value"), ("a", "1"))),
            ),
        ),
        PhaseRow("predict"),
    ),
)


def test_a_table_is_set_under_its_headings():
    assert printed([("steps", TABLE)]) == "step  loss\n   1  10.5\n  12     9\na note\n"


def test_phases_are_said_with_their_numbers():
    words = printed([(PHASES, STEP)])
    assert words.splitlines() == [
        "step 3",
        "",
        "BATCH",
        "  What this step learns from.",
        "  | x, y = batch    # mine.py:3",
        "  x  2 f32",
        "    1  2",
        "  name  value",
        "     a      1",
    ]


def test_in_json_a_table_keeps_its_columns():
    (line,) = printed([("steps", TABLE)], jsonl=True).splitlines()
    assert json.loads(line) == {
        "show": "steps",
        "columns": ["step", "loss"],
        "rows": [["1", "10.5"], ["12", "9"]],
    }
    (line,) = printed([(PHASES, STEP)], jsonl=True).splitlines()
    assert json.loads(line)["text"].startswith("step 3\n")


def test_what_cannot_be_printed_says_why():
    assert printed([("weights", Bars("weights", ("a",), [1.0]))]) == (
        "weights: not printed, it is not made of words\n"
    )
    assert printed([("hill", Failed("it is too large"))]) == "hill: not printed, it is too large\n"


def test_what_is_asked_for():
    assert request(PHASES) == PhasesRequest(detail=True)
    steps = request("steps")
    assert isinstance(steps, PictureRequest)
    assert steps.rows >= 100_000


def test_the_command_line_prints_every_step(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    done = headless("parabola", "--steps", "40", "--show", "steps,phases", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.split()[:2] == ["step", "loss"])
    assert [int(line.split()[0]) for line in lines[begin + 1 : begin + 42]] == list(range(41))
    assert "step 40" in lines
    assert [line for line in lines if line.isupper()] == [
        "BATCH",
        "PREDICT",
        "LOSS",
        "ZERO",
        "BACKWARD",
        "UPDATE",
    ]
    assert lines[-1].startswith("end  step>=40 reached")


def test_a_picture_that_is_not_there_is_refused_before_training(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    done = headless("parabola", "--steps", "4", "--show", "stops", cwd=tmp_path)
    assert done.returncode == 2
    assert "--show stops: this run has no such picture; it has phases, fit" in done.stderr
