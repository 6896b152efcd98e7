"""Validation in the life of a run: when it happens, what it says, who may interrupt it."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Pause, Rejected, Restart, Run, Set, Step, Validate
from sessions import GATES, LINE, Live, gate, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_it_happens_each_epoch_or_every_so_many_steps(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run("step>=6"))
        live.until(lambda s: s.status == "paused" and s.step == 6)
        assert live.store.exact("valid_loss", 0, 99)[0] == [2, 4, 6]
        live.do(Set({"valid_every": 3}))
        live.do(Run("step>=12"))
        live.until(lambda s: s.status == "paused" and s.step == 12)
        assert live.store.exact("valid_loss", 7, 99)[0] == [9, 12]
        assert live.session.state.series[:2] == ("loss", "valid_loss") or (
            "valid_loss" in live.session.state.series
        )


def test_now_also_before_the_first_step_and_in_the_middle_of_one(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Validate())
        first = live.until(lambda s: s.valid_loss is not None and not s.doing).valid_loss
        assert live.store.exact("valid_loss", 0, 0)[1] == [first]
        live.do(Step("phase", 4))
        live.until(lambda s: s.phase == "zero")
        live.do(Validate())
        state = live.until(lambda s: not s.doing)
        assert (state.phase, state.valid_loss, state.step) == ("zero", first, 0)
        live.do(Step("phase", 2))
        live.until(lambda s: s.step == 1)
        live.do(Validate())
        assert live.until(lambda s: not s.doing).valid_loss != first


def test_where_nothing_is_held_out_it_is_refused(tmp_path: Path) -> None:
    with Live(write(tmp_path, LINE + 'settings["valid"] = 0.0\n')) as live:
        assert live.ready().validation == "no validation"
        answer = live.tell(Validate())
        assert isinstance(answer, Rejected)
        assert "no validation data" in answer.reason
        live.do(Set({"valid": 0.5}))
        live.do(Validate())
        live.until(lambda s: s.valid_loss is not None)


HELD = (
    LINE.replace("points: int = 10", "points: int = 6000")
    + 'settings["batch_size"] = 6000\n'
    + "def metrics(prediction, target):\n"
    + "    from sessions import GATES\n"
    + '    GATES["metrics"]()\n'
    + "    return {}\n"
)


def test_orders_are_taken_between_its_batches(tmp_path: Path) -> None:
    held = gate("metrics")
    with Live(write(tmp_path, HELD)) as live:
        live.ready()
        live.do(Validate())  # 1,200 rows in two batches
        assert held.reached.wait(20)
        reply = live.post(Restart())
        held.open()
        reply.wait()
        assert live.until(lambda s: not s.doing).valid_loss is None  # it was not completed


def test_pausing_during_it_lets_it_end_and_then_pauses(tmp_path: Path) -> None:
    held = gate("metrics")
    with Live(write(tmp_path, HELD)) as live:
        live.ready()
        live.do(Step("step", 100))
        assert held.reached.wait(20)
        paused = live.post(Pause())
        held.open()
        assert paused.wait().step == 1  # type: ignore[union-attr]
        state = live.until(lambda s: s.valid_loss is not None and not s.doing)
        assert (state.status, state.step) == ("paused", 1)


def test_an_end_met_while_paused_during_it_is_not_forgotten(tmp_path: Path) -> None:
    held = gate("metrics")
    with Live(write(tmp_path, HELD + 'settings["stop"] = "step>=1"\n')) as live:
        live.ready()
        live.do(Run())
        assert held.reached.wait(20)
        paused = live.post(Pause())
        held.open()
        paused.wait()
        state = live.until(lambda s: s.status == "finished")
        assert (state.step, state.why) == (1, "step>=1 reached")


def test_looking_at_the_held_out_data_changes_no_number(tmp_path: Path) -> None:
    drops = LINE.replace(
        "nn.Linear(width, 1))", "nn.BatchNorm1d(width), nn.Dropout(), nn.Linear(width, 1))"
    )
    losses = []
    for every in (0, 1):
        with Live(write(tmp_path, drops)) as live:
            live.ready()
            live.do(Set({"valid_every": every, "width": 8}))
            live.do(Restart())
            live.do(Step("step", 40))
            live.until(lambda s: s.status == "paused" and s.step == 40)
            losses.append(live.losses())
    assert losses[0] == losses[1]


def test_while_it_goes_on_the_state_says_how_far(tmp_path: Path) -> None:
    held = gate("metrics")
    with Live(write(tmp_path, HELD)) as live:
        live.ready()
        live.do(Validate())
        assert held.reached.wait(20)
        assert live.session.state.doing.startswith("validating")
        GATES["metrics"].open()
        live.until(lambda s: not s.doing)
