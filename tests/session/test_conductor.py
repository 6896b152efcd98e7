"""How far a run goes, where it pauses or finishes, and what it says then."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import (
    Pause,
    Restart,
    Run,
    Save,
    Set,
    Speed,
    Step,
    Stop,
    Validate,
)
from foghill.engine.protocol.state import PHASES, State
from sessions import LINE, Live, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def still(state: State) -> bool:
    return state.status != "running"


def test_phases_are_taken_one_by_one(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for number in range(9):
            live.do(Step("phase"))
            phase = PHASES[number % 6]
            between = phase == "update"
            state = live.until(
                lambda s, p=phase, b=between: still(s) and s.phase == ("" if b else p)
            )
            assert state.step == (number + 1) // 6
            assert state.why == ("step 1 complete" if between else f"after {phase}")


def test_several_phases_steps_and_epochs_end_where_they_should(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("phase", 8))
        assert live.until(lambda s: still(s) and s.step == 1).phase == "predict"
        live.do(Step("step", 3))
        assert live.until(lambda s: still(s) and s.step == 4).why == "3 steps taken"
        live.do(Step("step"))  # into the middle of an epoch: two steps are one
        live.until(lambda s: still(s) and s.step == 5)
        live.do(Step("epoch", 2))
        state = live.until(lambda s: still(s) and s.epoch == 4)
        assert (state.step, state.why) == (8, "2 epochs completed")
        assert len(live.losses()) == 8


def test_a_step_key_held_down_adds_up(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for reply in [live.post(Step("step", 100)) for _ in range(10)]:
            reply.wait()
        live.until(lambda s: still(s) and s.step == 1000)


def test_until_a_condition_a_step_an_epoch_a_loss_or_a_time(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        in_time = "time>=1000000"  # replaced once the others have taken their time
        for condition, holds in {
            "step>=5": lambda s: s.step == 5,
            "epoch>=5": lambda s: s.epoch == 5 and s.step == 10,
            "valid_loss<0.05": lambda s: s.valid_loss < 0.05,
            "loss<1e-5": lambda s: s.loss < 1e-5,
            in_time: lambda s: s.seconds >= 0.05,
        }.items():
            if condition == in_time:
                condition = f"time>={live.session.state.seconds + 0.05}"
            live.do(Run(condition))
            state = live.until(still)
            assert state.why == f"{condition} reached"
            assert holds(state), (condition, state)


def test_a_time_is_no_reason_to_look_at_every_step(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run("time>=1000000 or step>=3"))
        assert live.until(still).step == 3


def test_the_pace_is_kept_and_changes_live(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Speed(1e-9))  # the first step comes at once, the second never
        live.do(Run())
        live.until(lambda s: s.step == 1)
        assert live.do(Speed(0)).step == 1
        live.until(lambda s: s.step > 10)
        assert live.do(Speed(10.0)).note == "at most 10 steps a second"
        assert live.until(lambda s: s.pace == 10.0).status == "running"
        live.do(Speed(1e-300))  # so slow that no clock can wait for it
        live.do(Pause())


@pytest.mark.parametrize(
    ("experiment", "status", "step"), [("parabola", "paused", 200), ("file", "finished", 7)]
)
def test_a_lesson_pauses_at_its_end_anything_else_is_finished(
    tmp_path: Path, experiment: str, status: str, step: int
) -> None:
    mine = write(tmp_path, LINE + 'settings["stop"] = "step>=7"\n')
    with Live(mine if experiment == "file" else Path("parabola")) as live:
        assert live.ready().pace == (0.0 if experiment == "file" else 30.0)
        live.do(Speed(0.0))
        live.do(Run())
        state = live.until(still)
        assert (state.status, state.step, state.why) == (status, step, f"step>={step} reached")
        live.do(Run())  # on from there: the condition held already
        live.until(lambda s: s.step > step + 2)


def test_an_end_met_phase_by_phase_is_one_even_where_it_is_validated(tmp_path: Path) -> None:
    with Live(write(tmp_path, LINE + 'settings["stop"] = "step>=2"\n')) as live:
        live.ready()
        live.do(Step("phase", 12))
        state = live.until(still)
        assert (state.status, state.why, state.step) == ("finished", "step>=2 reached", 2)
        assert state.valid_loss is not None


def test_phases_that_end_with_a_validation_pause_after_it(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("phase", 12))
        state = live.until(still)
        assert (state.status, state.why) == ("paused", "step 2 complete")
        assert (state.valid_loss is not None, state.doing) == (True, "")


def test_patience_ends_the_run_and_names_the_best(tmp_path: Path) -> None:
    with Live(write(tmp_path, LINE + 'settings.update(lr=0.0, patience=3, stop="")\n')) as live:
        live.ready()
        live.do(Run())
        state = live.until(still)
        assert state.status == "finished"
        assert "no improvement in 3 validations; best" in state.why
        assert (state.step, "at step 2" in state.why) == (8, True)
        live.do(Run())  # as much patience again
        assert live.until(lambda s: still(s) and s.step > 8).step == 14


def test_validating_by_hand_again_and_again_costs_no_patience(tmp_path: Path) -> None:
    with Live(write(tmp_path, LINE + "settings.update(lr=0.0, patience=2)\n")) as live:
        live.ready()
        live.do(Step("epoch"))
        live.until(lambda s: still(s) and s.step == 2)
        for _ in range(4):
            live.do(Validate())
            live.until(lambda s: not s.doing)
        assert live.session.state.status == "paused"


def test_the_stop_knob_acts_at_once_and_counts_from_when_it_was_turned(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 4))
        live.until(lambda s: still(s) and s.step == 4)
        live.do(Set({"stop": "step>=2"}))  # holds already: does not end it
        live.do(Step("step", 2))
        live.until(lambda s: still(s) and s.step == 6)
        live.do(Set({"stop": "step>=9"}))
        assert live.session.state.end_step == 9
        live.do(Run())
        assert live.until(still).step == 9


def test_a_headless_run_trains_at_once_to_what_was_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, LINE + 'settings["stop"] = "step>=3"\n')
    with Live(path, headless=True, until="step>=7") as live:
        assert live.session.join(20)
        assert (live.reason, live.session.state.step) == ("step>=7 reached", 7)
        assert live.session.state.end_step == 7


def test_time_stands_still_while_paused_and_begins_anew_with_a_restart(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run())
        live.until(lambda s: s.seconds > 0.05)
        live.do(Restart())
        state = live.until(lambda s: s.step == 0)
        assert (state.seconds, state.status, state.why) == (0.0, "paused", "restarted")
        live.do(Speed(5.0))
        assert live.until(lambda s: s.pace == 5.0).seconds == 0.0


def test_the_end_is_told_with_its_state(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run())
        live.until(lambda s: s.step > 5)
        live.do(Stop(delete=True))
        assert live.session.join(20)
        assert live.reason == "deleted"
        assert (live.session.state.status, live.session.state.why) == ("paused", "deleted")


def test_a_run_that_has_ended_keeps_its_weights(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 3))
        live.until(lambda state: state.step == 3 and still(state))
        live.do(Save(str(tmp_path / "w.safetensors")))
    kept = live.directory / "weights.safetensors"
    assert kept.read_bytes() == (tmp_path / "w.safetensors").read_bytes()
    with Live(write(tmp_path)) as live:  # nobody took a step
        live.ready()
    assert not (live.directory / "weights.safetensors").exists()


def test_a_headless_run_saves_its_weights_or_says_before_training_that_it_cannot(
    tmp_path: Path,
) -> None:
    wanted = tmp_path / "w.pt"
    options = {"headless": True, "until": "step>=3", "save": str(wanted)}
    for _ in range(2):  # the same model again
        with Live(write(tmp_path), **options) as live:
            live.until(lambda state: state.status == "finished")
        assert live.session.exit_code == 0
        assert f"4 tensors, {wanted.stat().st_size:,} bytes in w.pt" in live.session.state.notes
    wanted.write_text("a letter")
    with Live(write(tmp_path), **options) as live:
        state = live.until(lambda state: state.problem)
    assert state.step == 0
    assert state.problem is not None
    assert state.problem.sentence.startswith("w.pt is there already, and is no file of weights")
    assert live.session.exit_code == 2
    assert wanted.read_text() == "a letter"
