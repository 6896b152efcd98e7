"""Broken input gets one clear sentence and the right exit code, headless and on the screen."""

from pathlib import Path

import pytest
from engines import headless, left_over, served
from foghill.engine.protocol.commands import Run
from terminal import FOGHILL, Terminal

FILE = """
import torch
from torch import nn
def data(): return torch.randn(8, 2), torch.randn(8, 1)
def model(): return nn.Linear(2, 1)
"""
UNEQUAL = FILE.replace("torch.randn(8, 1)", "torch.randn(7, 1)")
NAN = FILE.replace("torch.randn(8, 2)", "torch.full((8, 2), float('nan'))")
NOT_SCALAR = FILE + "def loss(prediction, target): return (prediction - target) ** 2\n"

# kind: (files, what is typed after `foghill run`, what the sentence says)
BROKEN: dict[str, tuple[dict[str, str], str, tuple[str, ...]]] = {
    "missing file": ({}, "mine.py", ("there is no file mine.py",)),
    "syntax error": (
        {"mine.py": "import torch\ndef data(:\n"},
        "mine.py",
        ("mine.py has a syntax error", "line 2"),
    ),
    "no model": (
        {"mine.py": "def data(): return 1, 2\n"},
        "mine.py",
        ("there is no model()", "add def model()"),
    ),
    "wrong shapes": (
        {"mine.py": FILE.replace("Linear(2, 1)", "Linear(3, 1)")},
        "mine.py",
        ("shapes cannot be multiplied", "the batch is 6×2 f32, 6×1 f32"),
    ),
    "prediction and target": (
        {"mine.py": FILE.replace("Linear(2, 1)", "Linear(2, 3)")},
        "mine.py",
        ("the prediction has shape 6×3 but the target 6×1",),
    ),
    "loss not scalar": (
        {"mine.py": NOT_SCALAR},
        "mine.py",
        ("loss() has shape 6×1", "take its mean"),
    ),
    "unequal length": ({"mine.py": UNEQUAL}, "mine.py", ("unequal length: x has 8, y has 7",)),
    "NaN in the data": ({"mine.py": NAN}, "mine.py", ("not finite", "row 0", "drop those rows")),
    "unknown knob": (
        {"mine.py": FILE},
        "mine.py --set momentun=0.9",
        ("'momentun'", "did you mean momentum?"),
    ),
    "out of bounds": (
        {"mine.py": FILE},
        "mine.py --set momentum=2",
        ("momentum takes a number from 0 to 1, not 2",),
    ),
    "no such column": (
        {"t.csv": "a,b\n1,2\n3,4\n"},
        "t.csv --target price",
        ("no column 'price'", "columns are a, b"),
    ),
    "no target given": ({"t.csv": "a,b\n1,2\n"}, "t.csv", ("--target COLUMN",)),
    "empty table": ({"t.csv": ""}, "t.csv --target a", ("t.csv is empty",)),
    "no such device": (
        {"mine.py": FILE},
        "mine.py --device cuda:77",
        ("there is no device 'cuda:77' here",),
    ),
}
BEFORE_AN_ENGINE = {"missing file", "no target given"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "300")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def written(kind: str) -> tuple[list[str], tuple[str, ...]]:
    files, typed, says = BROKEN[kind]
    for name, text in files.items():
        Path(name).write_text(text)
    return typed.split(), says


@pytest.mark.slow
@pytest.mark.parametrize("kind", BROKEN)
def test_headless_says_it_in_one_sentence_and_leaves_nothing(kind: str) -> None:
    words, says = written(kind)
    done = headless(*words, "--steps", "3", cwd=Path.cwd())
    assert done.returncode in (1, 2), done
    assert done.stderr.startswith("foghill: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stdout + done.stderr
    for part in says:
        assert part in done.stderr
    assert left_over() == []


@pytest.mark.slow
def test_nan_that_appears_in_training_is_exit_1_and_the_run_is_kept() -> None:
    Path("mine.py").write_text(FILE + "settings = {'lr': 1e30, 'valid': 0.0}\n")
    done = headless("mine.py", "--steps", "300", cwd=Path.cwd())
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "at step" in done.stderr
    assert left_over() == ["mine"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in BROKEN if kind not in BEFORE_AN_ENGINE])
def test_the_engine_tells_a_screen_the_same(kind: str) -> None:
    words, says = written(kind)
    flags = dict(zip(words[1::2], words[2::2], strict=True))
    settings = dict([flags["--set"].split("=")]) if "--set" in flags else {}
    if "--device" in flags:
        settings["device"] = flags["--device"]
    with served(words[0], target=flags.get("--target", ""), settings=settings) as (_, client):
        if client.state.problem is None:
            client.send(Run())
        problem = client.wait(lambda state: state.problem is not None).problem
        assert problem is not None
        assert problem.before_first_step
        for part in says:
            assert part in problem.sentence
        assert client.state.status == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["syntax error", "unknown knob", "empty table", "wrong shapes"])
def test_the_screen_shows_it_and_leaves_with_exit_code_2(kind: str) -> None:
    words, says = written(kind)
    with Terminal(*FOGHILL, "run", *words, columns=200) as terminal:
        if kind == "wrong shapes":
            terminal.shows("· paused ·")
            terminal.press(" ")
        terminal.shows(says[0])
        terminal.press("q")
        assert terminal.wait() == 2
        assert says[0] in terminal.text
        assert "Traceback" not in terminal.text
    assert left_over() == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(BEFORE_AN_ENGINE))
def test_what_is_found_before_an_engine_is_said_without_a_screen(kind: str) -> None:
    words, says = written(kind)
    with Terminal(*FOGHILL, "run", *words, columns=200) as terminal:
        assert terminal.wait() == 2
        assert says[0] in terminal.text
    assert left_over() == []
