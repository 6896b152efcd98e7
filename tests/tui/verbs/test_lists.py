"""`ls` tells living from dead runs; `lessons` shows what ships."""

import json
from pathlib import Path

import pytest
from fake_engine import make_living_run, make_run, state
from foghill.engine.history.store import Store
from foghill.engine.runs import progress
from foghill.engine.runs.catalog import EndNote, runs, write_end_note, write_engine_note
from foghill.tui import listing
from foghill.tui.__main__ import main
from foghill.tui.verbs import lists


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def end(name: str, reason: str) -> None:
    write_end_note(Path(make_run(name).directory), EndNote(reason, "finished", 200, 4, 0.5))


def test_ls_without_runs_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ls"]) == 0
    assert "foghill run parabola" in capsys.readouterr().out


def test_ls_asks_the_living_and_says_how_the_dead_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    end("done", "step>=200 holds")
    make_run("lost")
    with make_living_run("alive", present=state(status="running", step=42, loss=1.25)):
        assert main(["ls"]) == 0
    lines = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert lines["NAME"] == ["EXPERIMENT", "STATE", "STEP", "LOSS", "AGE"]
    assert lines["alive"][:4] == ["ball.py", "running", "42", "1.25"]
    assert lines["done"][:4] == ["ball.py", "ended", "200", "0.5"]
    assert lines["done"][5:] == ["step>=200", "holds"]
    assert lines["lost"][:4] == ["ball.py", "died", "–", "–"]


def test_a_run_that_was_killed_shows_how_far_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(Path(make_run("killed").directory))
    store.record("loss", range(1, 121), [1 / step for step in range(1, 121)])
    store.record("valid_loss", [100], [0.5])
    store.close()
    assert main(["ls"]) == 0
    line = capsys.readouterr().out.splitlines()[1].split()
    assert line[:5] == ["killed", "ball.py", "died", "120", "0.0083333"]
    assert line[6:] == ["what", "it", "stored", "is", "kept:", "foghill", "export"]
    assert main(["ls", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["step"], row["loss"], row["valid_loss"]) == (120, 1 / 120, 0.5)
    assert listing.how_it_stands(runs()[0]) == "died after step 120"


def test_ls_json_is_complete_and_strict(capsys: pytest.CaptureFixture[str]) -> None:
    end("done", "stopped")
    with make_living_run("alive", present=state(run="alive", step=7, loss=float("nan"))):
        assert main(["ls", "--json"]) == 0
    told = json.loads(capsys.readouterr().out, parse_constant=lambda name: 1 / 0)
    by_name = {row["name"]: row for row in told}
    assert by_name["alive"]["life"] == "alive"
    assert (by_name["alive"]["step"], by_name["alive"]["loss"]) == (7, "nan")
    assert (by_name["done"]["state"], by_name["done"]["reason"]) == ("ended", "stopped")


def test_an_engine_that_does_not_answer_is_listed_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "_ANSWER_SECONDS", 0.05)
    with make_living_run("deaf", silent=True):
        assert [lists.row_of(run).state for run in runs()] == ["no answer"]
    write_engine_note(Path(make_run("gone").directory))
    assert [lists.row_of(run).state for run in runs() if run.spec.name == "gone"] == ["no answer"]


def test_a_long_reason_is_cut_to_the_terminal() -> None:
    end("done", "a very long reason " * 10)
    rows = [lists.row_of(run) for run in runs()]
    text = lists.table(rows, rows[0].created + 7200, columns=80)
    assert max(map(len, text.splitlines())) == 80
    assert text.endswith("…")
    assert "  2h  " in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (90_000, "1d")],
)
def test_ages_in_their_largest_unit(seconds: float, words: str) -> None:
    assert lists.in_words(seconds) == words


def test_lessons_are_listed_with_their_titles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names.index("line") < names.index("parabola") < names.index("digits")


def test_what_was_tried_of_a_lesson_is_listed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path))
    progress.add("parabola", {1, 2})
    assert main(["lessons"]) == 0
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()}
    assert lines["parabola"][1:3][0] == "✓"
    assert lines["parabola"][2].startswith("2/")
    assert "✓" not in lines["line"]
    assert main(["lessons", "--json"]) == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    done = [item["done"] for item in found["parabola"]["tries"]]
    assert done[:3] == [True, True, False]
    assert found["parabola"]["title"]


def test_what_was_tried_can_be_forgotten(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path))
    progress.add("parabola", {1, 2})
    progress.add("line", {1})
    assert main(["lessons", "parabola", "--forget"]) == 0
    assert progress.tried() == {"line": {1}}
    assert capsys.readouterr().out.count("✓") == 1
    assert main(["lessons", "gone", "--forget"]) == 2
    assert main(["lessons", "--forget"]) == 0
    assert progress.tried() == {}


def test_a_lesson_shows_its_text_and_how_to_start_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "parabola"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "foghill run parabola"
    assert len(lines) > 4
