"""Every command in every state: one answer, with the step and the value read back."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import eventually
from foghill.engine.history.store import read_journal
from foghill.engine.protocol.commands import (
    Applied,
    Command,
    Pause,
    Rejected,
    Restart,
    Run,
    Set,
    SetBack,
    Speed,
    Step,
    Stop,
    Validate,
)
from sessions import LINE, Live, gate, write

COMMANDS: dict[str, Command] = {
    "run": Run(),
    "run until": Run("loss<1e-30"),
    "pause": Pause(),
    "phase": Step("phase"),
    "step": Step("step", 2),
    "epoch": Step("epoch"),
    "set": Set({"lr": 0.25, "clip": 2.0}),
    "set data": Set({"points": 20}),
    "set model": Set({"width": 3}),
    "set back": SetBack("momentum"),
    "speed": Speed(0.0),
    "restart": Restart(),
    "new weights": Restart("weights"),
    "new data": Restart("data"),
    "validate": Validate(),
    "stop": Stop(),
}
VALIDATED_AT_A_GATE = LINE + (
    'settings["valid_every"] = 3\n'
    "def metrics(prediction, target):\n"
    "    from sessions import GATES\n"
    '    GATES["metrics"]() if len(target) == 2 else None\n'
    "    return {}\n"
)
FAILS = (
    LINE + "def loss(p, t, fails: bool = False): return 1 / 0 if fails else (p - t).pow(2).mean()"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def paused(folder: Path) -> Live:
    live = begun(folder)
    live.do(Step("step", 3))
    live.until(lambda state: state.step == 3 and state.status == "paused")
    return live


def begun(folder: Path, text: str = LINE) -> Live:
    live = Live(write(folder, text))
    live.ready()
    live.do(Set({"momentum": 0.5}))
    return live


def in_mid_step(folder: Path) -> Live:
    live = paused(folder)
    live.do(Step("phase", 2))
    live.until(lambda state: state.phase == "predict" and state.status == "paused")
    return live


def running(folder: Path) -> Live:
    live = begun(folder)
    live.do(Run())
    live.until(lambda state: state.step >= 3)
    return live


def validating(folder: Path) -> Live:
    held = gate("metrics")
    live = begun(folder, VALIDATED_AT_A_GATE)
    live.do(Run())
    assert held.reached.wait(20)
    return live


def finished(folder: Path) -> Live:
    live = begun(folder, LINE + 'settings["stop"] = "step>=3"\n')
    live.do(Run())
    live.until(lambda state: state.status == "finished")
    return live


def failed(folder: Path) -> Live:
    live = begun(folder, FAILS)
    live.do(Step("step", 3))
    live.until(lambda state: state.step == 3 and state.status == "paused")
    live.do(Set({"fails": True}))
    live.do(Step())
    live.until(lambda state: state.status == "failed")
    return live


def check(live: Live, command: Command, expected: Callable[[Applied], object]) -> None:
    answer = live.tell(command)
    assert isinstance(answer, Applied), answer
    assert expected(answer), answer
    if not isinstance(command, Stop):
        live.do(Stop())
    assert live.session.join(20)
    live.store.close()
    assert [len(reply.answers) for reply in live.replies] == [1] * len(live.replies)
    journal = list(read_journal(live.directory))
    assert len(journal) == len(live.replies)
    assert {entry.who for entry in journal} == {"tester"}


def right(name: str, step: int) -> Callable[[Applied], object]:
    """Whether an answer says what this command does at `step`."""

    def says(answer: Applied) -> object:
        changes = {change.knob: change for change in answer.changes}
        at = 0 if "restart" in name or "new " in name else step
        match name:
            case "set":
                values = {knob: (c.new, c.effective) for knob, c in changes.items()}
                return values == {"lr": (0.25, 0.25), "clip": (2.0, 2.0)} and answer.step >= at
            case "set back":
                return (changes["momentum"].old, changes["momentum"].effective) == (0.5, 0.0)
            case "set data":
                return changes["points"].new == 20
            case "set model":
                return "carried over" in answer.note
            case _:
                return answer.step >= at if at else answer.step == 0

    return says


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("state", [paused, in_mid_step, running, finished, failed])
def test_every_command_is_answered_once_in_every_state(
    tmp_path: Path, state: Callable[[Path], Live], name: str
) -> None:
    with state(tmp_path) as live:
        check(live, COMMANDS[name], right(name, 3))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_answered_once_while_validating(tmp_path: Path, name: str) -> None:
    with validating(tmp_path) as live:
        reply = live.post(COMMANDS[name])
        assert not reply.answers
        from sessions import GATES

        GATES["metrics"].open()
        assert right(name, 3)(reply.wait())  # type: ignore[arg-type]
    assert [len(reply.answers) for reply in live.replies] == [1] * len(live.replies)


def test_commands_sent_while_warming_up_are_answered_once_it_is_ready(tmp_path: Path) -> None:
    held = gate("data")
    text = LINE.replace(
        "def data(points: int = 10):\n",
        "def data(points: int = 10):\n    from sessions import GATES\n    GATES['data']()\n",
    )
    with Live(write(tmp_path, text)) as live:
        assert held.reached.wait(20)
        replies = {name: live.post(c) for name, c in COMMANDS.items() if name != "stop"}
        assert not any(reply.answers for reply in replies.values())
        assert live.session.state.status == "warming up"
        held.open()
        answers = {name: reply.wait() for name, reply in replies.items()}
        rejected = {name for name, answer in answers.items() if isinstance(answer, Rejected)}
        assert rejected == {"set back"}  # momentum was never changed
    assert [len(reply.answers) for reply in live.replies] == [1] * len(live.replies)


def test_a_run_that_did_not_load_says_so_to_every_command_and_can_be_stopped(
    tmp_path: Path,
) -> None:
    with Live(write(tmp_path, "x = 1 / 0")) as live:
        state = live.ready()
        assert state.status == "failed"
        assert state.problem is not None
        assert "line 1" in state.problem.sentence
        for name, command in COMMANDS.items():
            answer = live.tell(command)
            accepted = name in ("speed", "stop")
            assert isinstance(answer, Applied if accepted else Rejected), answer
    assert live.reason == "stopped"


def test_what_comes_after_the_end_is_declined(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        late = [live.post(Stop()), live.post(Run()), live.post(Pause())]
        assert live.session.join(20)
        late.append(live.post(Run()))
        assert isinstance(late[0].wait(), Applied)
        for reply in late[1:]:
            assert reply.wait() == Rejected(reply.answers[0].id, "the run has ended")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Set({"momentun": 0.9}), "there is no knob 'momentun'"),
        (Set({"momentum": 2.0}), "momentum takes a number from 0 to 1, not 2"),
        (Set({"momentum": "much"}), "momentum takes a number from 0 to 1"),
        (Set({"lr": float("nan")}), "lr takes a number"),
        (Set({"lr": 0.5, "stop": "soon"}), "'soon' is not a condition"),
        (SetBack("momentum"), "momentum has not been changed"),
        (SetBack("speed"), "there is no knob 'speed'"),
        (Step("step", 0), "at least 1"),
        (Speed(-1.0), "steps a second"),
        (Run("soon"), "'soon' is not a condition"),
        (Run("step>=0"), "holds already, at step 0"),
        (Set({"device": "tpu"}), "there is no device 'tpu'"),
        (Set({"precision": "fp16"}), "fp16 does not exist on cpu"),
        (Set({"schedule": "cosine"}), "needs a known end"),
        (Set({"threads": 2**60}), ""),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    tmp_path: Path, command: Command, reason: str
) -> None:
    with Live(write(tmp_path)) as live:
        before = live.ready()
        answer = live.tell(command)
        assert isinstance(answer, Rejected)
        assert reason in answer.reason
        after = live.session.state
        assert (after.knobs, after.step, after.status) == (before.knobs, 0, "paused")
        live.do(Step())
        live.until(lambda state: state.step == 1)


def test_without_torch_the_session_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "foghill.engine.session.conductor", None)
    with Live(write(tmp_path)) as live:
        state = live.until(lambda state: state.problem is not None)
        assert "torch could not be imported" in state.problem.sentence  # type: ignore[union-attr]
        assert isinstance(live.tell(Run()), Rejected)
        assert isinstance(live.tell(Stop()), Applied)
    assert live.session.exit_code == 2


def test_a_fault_of_ours_ends_the_run_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foghill.engine.session.report import Reporter

    monkeypatch.setattr(Reporter, "publish", lambda self: 1 / 0)
    with Live(write(tmp_path)) as live:
        assert live.session.join(20)
    assert live.reason == "Foghill failed: ZeroDivisionError: division by zero"
    assert live.session.exit_code == 1


def test_a_session_that_hangs_gives_no_sign_of_life_and_one_that_waits_owes_none(
    tmp_path: Path,
) -> None:
    held = gate("step")
    text = LINE + (
        "def step(model, batch):\n"
        "    from sessions import GATES\n"
        "    GATES['step']()\n"
        "    return model(batch[0]).mean()\n"
    )
    with Live(write(tmp_path, text)) as live:
        live.ready()
        eventually(lambda: live.session.idle)
        live.do(Run())
        assert held.reached.wait(20)
        heard = live.session.heartbeat
        assert not live.session.idle
        late = live.post(Pause())
        assert (live.session.heartbeat, late.answers) == (heard, [])
        held.open()
        late.wait()
        assert live.session.heartbeat > heard
        eventually(lambda: live.session.idle)
