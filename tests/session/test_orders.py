"""What an answer and the journal say of a command."""

from pathlib import Path

import pytest
from foghill.engine.history.store import read_journal
from foghill.engine.protocol.commands import (
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
    Speed,
    Step,
    Stop,
)
from foghill.engine.protocol.views import CurveRequest
from foghill.engine.session import apply as orders
from sessions import Live, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("command", "answer", "line"),
    [
        (Run(), Applied(1, 5), "run"),
        (Run("loss<1"), Applied(1, 5, note="until loss<1"), "run until loss<1"),
        (Step("epoch", 3), Applied(1, 5), "step 3 epoch"),
        (Speed(30.0), Applied(1, 5, note="at most 30 steps a second"), "speed 30"),
        (Restart("data"), Applied(1, 0, note="seed 0"), "restart with new data"),
        (
            Set({"lr": 0.2}),
            Applied(1, 5, changes=(Change("lr", 0.1, 0.2, 0.2),), note="a remark"),
            "set lr 0.1 → 0.2 (a remark)",
        ),
        (Pause(), Applied(1, 5), "pause"),
        (Stop(delete=True), Applied(1, 5), "stop"),
        (Save("/a/w.pt"), Applied(1, 5, note="2 tensors"), "save /a/w.pt (2 tensors)"),
        (Load("/a/w.pt"), Applied(1, 5, note="2 tensors"), "load /a/w.pt (2 tensors)"),
    ],
)
def test_the_journal_says_what_took_effect(command: Command, answer: Applied, line: str) -> None:
    assert orders.journalled(command, answer).startswith(line)


def test_the_same_value_again_does_nothing_and_says_so(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        answer = live.do(Set({"optimizer": "sgd", "lr": 0.1}))
        assert (answer.changes, answer.note) == ((), "optimizer is sgd, lr is 0.1 already")
        assert live.do(Set({"optimizer": "sgd", "lr": 0.2})).changes == (
            Change("lr", 0.1, 0.2, 0.2),
        )
        marks = live.curves.curve(CurveRequest(("loss",), 0, 10, 10), live.store.exact).marks
        assert [mark.text for mark in marks] == ["lr 0.1 → 0.2"]
    assert [entry.what for entry in read_journal(live.directory)] == ["set lr 0.1 → 0.2", "stop"]


def test_of_several_knobs_all_are_turned_or_none(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        before = live.ready().knobs
        for last in ({"momentum": 7.0}, {"device": "abacus"}, {"width": -1}):
            answer = live.tell(Set({"lr": 0.5, "batch_size": 8} | last))
            assert isinstance(answer, Rejected), last
            assert live.session.state.knobs == before


def test_a_command_nobody_knows_is_refused(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        answer = live.tell("dance")  # type: ignore[arg-type]
        assert isinstance(answer, Rejected)
        assert "knows no command 'dance'" in answer.reason


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, KeyboardInterrupt, AssertionError])
def test_whatever_goes_wrong_there_is_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def broken(*_: object) -> None:
        raise error("inside")

    with Live(write(tmp_path)) as live:
        live.ready()
        monkeypatch.setattr(orders, "turn", broken)
        reply = live.post(Set({"lr": 0.5}))
        answer = reply.wait()
        assert isinstance(answer, Rejected)
        assert error.__name__ in answer.reason
        live.do(Pause())
        assert len(reply.answers) == 1


def test_weights_saved_and_loaded_are_the_same_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 3))
        live.until(lambda state: state.step == 3 and state.status == "paused")
        said = live.do(Save(str(path))).note
        assert said.startswith("4 tensors, ")
        live.do(Restart("weights"))
        assert "4 tensors from w.safetensors · loss here " in live.do(Load(str(path))).note
        curve = live.curves.curve(CurveRequest(), live.store.exact)
        assert any(mark.text == "loaded w.safetensors" for mark in curve.marks)
        entries = [entry.what for entry in read_journal(live.directory)]
        assert any(what.startswith(f"load {path} (4 tensors") for what in entries)


def test_a_step_begun_with_the_old_weights_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Save(str(path)))
        live.do(Step("phase", 3))
        live.until(lambda state: state.phase == "loss")
        before = live.do(Load(str(path)))
        assert before.phase == ""
        live.do(Step("step", 1))
        live.until(lambda state: state.step == 1 and state.status == "paused")
        losses = live.losses()
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 1))
        live.until(lambda state: state.step == 1 and state.status == "paused")
        assert live.losses() == losses


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Save("w.pt"), "from the root on"),
        (Load(""), "from the root on"),
        (Save("/no/such/place/w.pt"), "there is no directory /no/such/place"),
        (Save("/tmp/w.txt"), "ends in .safetensors or .pt"),
        (Load("/no/such/place/w.pt"), "there is no file"),
    ],
)
def test_files_that_cannot_be_are_refused(tmp_path: Path, command: Command, reason: str) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        answer = live.tell(command)
        assert isinstance(answer, Rejected)
        assert reason in answer.reason
