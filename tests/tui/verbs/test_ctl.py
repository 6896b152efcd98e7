"""`foghill ctl`: the commands for scripts, their answers in words, their exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from fake_engine import FakeEngine, make_living_run, make_run, state
from foghill.engine.protocol.commands import (
    Answer,
    Applied,
    Change,
    Command,
    Load,
    Pause,
    Rejected,
    Restart,
    Run,
    Save,
    Set,
    SetBack,
    Speed,
    Step,
    Validate,
)
from foghill.engine.protocol.frames import Hello
from foghill.engine.protocol.knob import Knob
from foghill.engine.protocol.state import Problem
from foghill.engine.runs.catalog import EndNote, write_end_note
from foghill.tui.__main__ import main
from foghill.tui.verbs import ctl

KNOBS = (
    Knob(name="lr", kind="float", value=0.01, default=0.01, low=0.0),
    Knob(name="batch_size", kind="int", value=32, default=32, low=1),
    Knob(name="shuffle", kind="bool", value=True, default=True),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def engine(home: Path) -> Iterator[FakeEngine]:
    with make_living_run("ball", present=state(run="ball", step=3, knobs=KNOBS)) as engine:
        yield engine


def tell(*words: str) -> int:
    return main(["ctl", "ball", *words])


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("run", Run()),
        ("run --until epoch>=3", Run("epoch>=3")),
        ("pause", Pause()),
        ("set lr=1e-3 batch_size=8 shuffle=off", None),
        ("back lr", SetBack("lr")),
        ("speed 30", Speed(30.0)),
        ("restart", Restart()),
        ("restart weights", Restart("weights")),
        ("validate", Validate()),
        ("save /tmp/w.pt", Save("/tmp/w.pt")),
        ("load /tmp/w.safetensors", Load("/tmp/w.safetensors")),
    ],
)
def test_every_action_is_its_command(
    words: str, command: Command | None, engine: FakeEngine
) -> None:
    expected = command or Set({"lr": 1e-3, "batch_size": 8, "shuffle": False})
    assert tell(*words.split()) == 0
    assert engine.commands == [expected]


def test_an_answer_says_old_new_and_what_was_read_back() -> None:
    changes = (Change("lr", 0.01, 0.02, 0.02), Change("device", "cpu", "auto", "cuda:0"))
    answer = Applied(1, step=12, phase="backward", changes=changes, note="optimizer kept")
    assert ctl.in_words(answer) == (
        "applied at step 12 (backward), lr 0.01 → 0.02, "
        "device cpu → auto (effective cuda:0); optimizer kept"
    )


def test_a_turned_knob_that_does_nothing_says_so(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(number: int, _: Command) -> Answer | None:
        engine.show(Applied(number, step=3))
        turned = Knob(
            name="batch_size", kind="int", value=8, default=32, low=1, unused="the loader decides"
        )
        engine.publish(state(run="ball", step=3, knobs=(KNOBS[0], turned)))
        return None

    engine.answer = answer
    assert tell("set", "batch_size=8", "lr=0.01") == 0
    said = "foghill: batch_size does nothing at present: the loader decides\n"
    assert capsys.readouterr() == ("applied at step 3\n", said)


def test_a_rejection_is_an_error_with_what_would_be_accepted(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.answer = lambda number, _: Rejected(number, "the run is finished", "restart first")
    assert tell("run") == 1
    said = "foghill: rejected: the run is finished; accepted: restart first\n"
    assert capsys.readouterr() == ("", said)


@pytest.mark.slow
@pytest.mark.parametrize("words", ["status", "status --json", "pause", "step"])
def test_a_reader_who_has_left_is_no_engine_that_does_not_answer(
    words: str, engine: FakeEngine
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    line = [sys.executable, "-P", "-m", "foghill.tui", "ctl", "ball", *words.split()]
    with open(writing, "wb") as pipe:
        done = subprocess.run(line, stdout=pipe, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("set lr=much", "lr takes a number, at least 0, not 'much'"),
        ("set batch_size=0", "at least 1"),
        ("set lrr=1", "did you mean lr?"),
        ("set qqqqq=1", "knobs are lr, batch_size, shuffle"),
        ("set lr", "takes knob=value"),
        ("back lrr", "did you mean lr?"),
    ],
)
def test_a_wrong_knob_or_value_is_told_without_asking_the_engine(
    words: str, said: str, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell(*words.split()) == 2
    assert said in capsys.readouterr().err
    assert engine.commands == []


def test_status_only_watches(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell("status", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["run"], told["step"], told["knobs"]["lr"]) == ("ball", 3, 0.01)
    hello = engine.next(Hello)
    assert isinstance(hello, Hello)
    assert hello.role == "watcher"


def test_a_command_waits_until_the_engine_is_warm(engine: FakeEngine) -> None:
    warm, engine.state = engine.state, state(run="ball", status="warming up")
    original = engine._replies

    def warming(peer, frame):  # the state arrives only after the greeting, as in an engine
        replies = original(peer, frame)
        engine.state = warm
        return replies

    engine._replies = warming
    assert tell("set", "lr=1") == 0
    assert engine.commands == [Set({"lr": 1.0})]


def stepping(engine: FakeEngine, *presents: dict[str, object]) -> None:
    """Answer, then publish these states one after the other."""

    def answer(number: int, _: Command) -> Answer | None:
        answered = Applied(number, step=engine.state.step)
        engine.show(answered)
        for changes in presents:
            engine.publish(msgspec.structs.replace(engine.state, **changes))
        return None

    engine.answer = answer


def test_step_waits_until_the_steps_are_taken(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stepping(
        engine,
        {"status": "paused"},  # from before the command
        {"status": "running", "step": 5},
        {"status": "paused", "step": 8, "loss": 0.5},
    )
    assert tell("step", "5") == 0
    assert engine.commands == [Step("step", 5)]
    assert capsys.readouterr().out.splitlines() == [
        "applied at step 3",
        "ball paused at step 8, epoch 0, loss 0.5",
    ]


def test_step_ends_early_when_the_run_finishes(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stepping(engine, {"status": "finished", "step": 4, "why": "step>=4 holds"})
    assert tell("step", "500") == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("step>=4 holds")


def test_step_fails_when_the_training_does(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = Problem("the loss became NaN at step 4")
    stepping(engine, {"status": "paused", "step": 3, "problem": problem})
    assert tell("step", "5") == 1
    assert capsys.readouterr().err == "foghill: the loss became NaN at step 4\n"


def test_step_ends_when_someone_else_pauses(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ctl, "_SETTLED_SECONDS", 0.1)
    stepping(engine, {"status": "running", "step": 4}, {"status": "paused", "step": 5})
    assert tell("step", "500") == 0
    assert "paused at step 5" in capsys.readouterr().out


def test_a_dead_run_says_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    write_end_note(Path(make_run("ball").directory), EndNote("stopped by ann", "finished"))
    assert tell("status") == 2
    err = capsys.readouterr().err
    assert "ball has ended: stopped by ann" in err
    assert "foghill export ball" in err


def test_an_engine_that_hangs_up_is_one_sentence(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    def vanish(number: int, _: Command) -> None:
        for peer in engine._peers:
            peer.shutdown(2)

    engine.answer = vanish
    assert tell("pause") == 1
    err = capsys.readouterr().err
    assert err.startswith("foghill: ball does not answer")
    assert err.count("\n") == 1
