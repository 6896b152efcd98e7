"""`foghill export`: exact numbers, whole files only, runs alive and dead. And the engine's part."""

import csv
import io
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_engine import make_living_run, make_run, state
from foghill.engine.history import csv as export
from foghill.engine.protocol.commands import Set
from foghill.engine.protocol.frames import VERSION, Hello
from foghill.engine.runs.catalog import runs
from foghill.tui.__main__ import main

Rows = list[tuple[int, dict[str, float]]]

HISTORY: Rows = [
    (1, {"loss": 1 / 3}),
    (2, {"loss": math.nan, "accuracy": 0.5}),
    (3, {"loss": math.inf, "valid_loss": 0.1 + 0.2}),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> Rows:
    rows = list(HISTORY)
    monkeypatch.setattr(export, "read_losses", lambda _: iter(rows))
    return rows


def test_numbers_come_back_bit_for_bit(
    history: Rows, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.export(home, "out.csv") == 0
    assert capsys.readouterr().out == "out.csv: 3 rows of loss, valid_loss, accuracy\n"
    rows = list(csv.DictReader(io.StringIO(Path("out.csv").read_text())))
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["loss"]) == 1 / 3
    assert (rows[1]["loss"], rows[2]["loss"]) == ("nan", "inf")
    assert float(rows[2]["valid_loss"]) == 0.1 + 0.2
    assert rows[0]["valid_loss"] == rows[0]["accuracy"] == ""


def test_a_dash_is_standard_output(
    history: Rows, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.export(home, "-") == 0
    assert capsys.readouterr().out.splitlines()[0] == "step,loss,valid_loss,accuracy"


def test_a_series_that_appears_meanwhile_does_not_break_the_columns(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([HISTORY[:1], HISTORY])
    monkeypatch.setattr(export, "read_losses", lambda _: iter(next(times)))
    assert export.export(home, "out.csv") == 0
    assert Path("out.csv").read_text().splitlines()[:2] == ["step,loss", f"1,{1 / 3!r}"]


def test_a_failure_leaves_the_old_file_and_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = 0

    def breaking(_: Path) -> Iterator[tuple[int, dict[str, float]]]:
        nonlocal calls
        calls += 1
        yield HISTORY[0]
        if calls == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "read_losses", breaking)
    Path("out.csv").write_text("old")
    assert export.export(home, "out.csv") == 1
    assert capsys.readouterr().err == "foghill: cannot write out.csv: No space left on device\n"
    assert [path.name for path in home.iterdir()] == ["out.csv"]
    assert Path("out.csv").read_text() == "old"


def test_the_file_is_readable_as_any_new_file(history: Rows, home: Path) -> None:
    Path("other").touch()
    export.export(home, "out.csv")
    assert Path("out.csv").stat().st_mode == Path("other").stat().st_mode


def test_a_directory_that_is_not_there_is_one_sentence(
    history: Rows, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.export(home, "gone/out.csv") == 1
    assert capsys.readouterr().err.startswith("foghill: cannot write gone/out.csv: No such file")


def test_a_run_without_losses_or_without_a_store_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.export(home, "out.csv") == 1
    assert capsys.readouterr().err.startswith("foghill: cannot read the history")
    monkeypatch.setattr(export, "read_losses", lambda _: iter(()))
    assert export.export(home, "out.csv") == 1
    assert "no step was taken" in capsys.readouterr().err


def test_the_verb_becomes_the_engines_part(monkeypatch: pytest.MonkeyPatch) -> None:
    directory = make_run("ball").directory
    became: list[list[str]] = []

    def execv(_: str, command: list[str]) -> None:
        became.append(command)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", execv)
    with pytest.raises(SystemExit):
        main(["export", "ball", "--csv", "out.csv"])
    head = [sys.executable, "-P", "-m", "foghill.engine.history.csv"]
    assert became == [[*head, directory, "out.csv"]]


def test_a_script_is_the_engines_part_too(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = make_run()
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: commands.append(command))
    main(["export", "ball", "--script", "ball_script.py"])
    module, directory, target = commands[0][-3:]
    assert (module, directory, target) == (
        "foghill.engine.script",
        spec.directory,
        "ball_script.py",
    )
    with pytest.raises(SystemExit):
        main(["export", "ball", "--script", "a.py", "--csv", "b.csv"])


SCRIPT = '''"""My net.

The run ball of Foghill 0.1.0 as a
plain PyTorch script: it prints each step and its loss.
"""

import torch
'''


@pytest.mark.parametrize(
    ("flag", "name", "content", "written"),
    [
        ("--script", "ball.py", None, False),  # what the run runs
        ("--script", "./ball.py", SCRIPT, False),
        ("--script", "own.py", '"""My net."""\n', False),
        ("--script", "own.py", '"""My net."""\n# ' + SCRIPT.replace('"', "#"), False),
        ("--script", "out.py", SCRIPT, True),
        ("--script", "new.py", None, True),
        ("--csv", "houses.csv", "step,rooms,price\n1,2,3\n", False),
        ("--csv", "photo.csv", b"\xff\xfe\x00", False),
        ("--csv", "empty.csv", "", False),
        ("--csv", "old.csv", "step,loss,valid_loss\n", True),
        ("--csv", "old.csv", "step,loss\n1,0.5\n", True),
        ("--csv", "new.csv", None, True),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_no_file_is_lost_that_was_not_exported(
    flag: str,
    name: str,
    content: str | bytes | None,
    written: bool,
    force: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_run("ball")
    if content is not None:
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: commands.append(command))
    own = Path(name).name == "ball.py"
    main(["export", "ball", flag, name, *(["--force"] if force else [])])
    assert bool(commands) == (written or (force and not own))
    said = capsys.readouterr().err
    if own:
        assert "is what ball runs; take another name, as ball_script.py" in said
    elif not commands:
        assert said == (
            f"foghill: {name} is there already and was not exported; take another name, or add "
            "--force to write over it\n"
        )


def test_what_is_no_file_is_not_written_to(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run("ball")
    os.mkfifo("pipe.csv")
    for name in (".", "pipe.csv"):
        assert main(["export", "ball", "--csv", name, "--force"]) == 2
        assert "is no file; name one, or - for standard output" in capsys.readouterr().err


def test_what_a_living_engine_has_done_is_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foghill.engine.history import store as stores

    with make_living_run("ball", present=state(step=2)) as engine:
        directory = Path(runs()[0].spec.directory)
        store = stores.Store(directory)
        store.record("loss", [1], [0.5])
        looked: list[int] = []
        is_saved = export._is_saved

        def record_meanwhile(directory: Path, step: int) -> bool:
            if not looked:
                store.record("loss", [2], [0.25])
                store.close()
            looked.append(step)
            return is_saved(directory, step)

        monkeypatch.setattr(export, "_is_saved", record_meanwhile)
        assert export.export(directory, "out.csv") == 0
        assert engine.next(Hello) == Hello(VERSION, "watcher", "export")
    assert looked[0] == 2
    assert Path("out.csv").read_text() == "step,loss\n1,0.5\n2,0.25\n"


def test_a_step_that_is_not_on_the_disk_is_not_saved(home: Path) -> None:
    from foghill.engine.history.store import Store

    assert not export._is_saved(home, 1)
    store = Store(home)
    store.record("loss", [1, 2], [0.5, 0.25])
    store.close()
    assert export._is_saved(home, 2)
    assert not export._is_saved(home, 3)


@pytest.mark.slow
def test_the_real_store_of_a_run_is_exported(home: Path) -> None:
    from foghill.engine.history.store import Store

    directory = Path(make_run("ball").directory)
    store = Store(directory)
    steps = list(range(1, 6001))
    store.record("loss", steps, [1 / step for step in steps])
    store.record("valid_loss", [3000, 6000], [0.5, 0.25])
    store.close()
    line = [sys.executable, "-P", "-m", "foghill.tui", "export", "ball", "--csv", "-"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [float(row["loss"]) for row in rows] == [1 / step for step in steps]
    assert [row["step"] for row in rows if row["valid_loss"]] == ["3000", "6000"]


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ["line", "table"])
def test_what_was_exported_is_known_again(home: Path, experiment: str) -> None:
    from foghill.engine.script.export import script
    from foghill.tui.verbs.export import _was_exported
    from sessions import Live

    table = home / "houses.csv"
    table.write_text("rooms,price\n" + "".join(f"{i % 9},{i % 9 + i / 90}\n" for i in range(60)))
    options = {"target": "price"} if experiment == "table" else {}
    path = table if experiment == "table" else Path("line")
    with Live(path, **options) as live:
        live.ready()
        live.do(Set({"lr": 0.2}))  # whoever has an answer finds it in the store
        (home / "out.py").write_text(script(live.directory)[0])
    assert _was_exported(home / "out.py", script=True)
