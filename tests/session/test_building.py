"""What a run is built from: at its start, after a restart, after a knob was turned."""

from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Rejected, Restart, Run, Set, SetBack, Step
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import CurveRequest
from sessions import LINE, Live, write

DROPS = LINE.replace("nn.Linear(width, 1))", "nn.Dropout(0.5), nn.Linear(width, 1))")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def train(live: Live, steps: int) -> list[float]:
    step = live.session.state.step
    live.do(Step("step", steps))
    live.until(lambda s: s.step == step + steps and s.status == "paused")
    return live.losses()


def value(state: State, name: str) -> object:
    knob = state.knob(name)
    assert knob is not None
    return knob.value


def test_a_restart_is_the_same_start(tmp_path: Path) -> None:
    with Live(write(tmp_path, DROPS)) as live:
        live.ready()
        first = train(live, 20)
        live.do(Restart())
        state = live.session.state
        assert (state.step, state.epoch, state.loss, state.series) == (0, 0, None, ("loss",))
        assert live.losses() == []
        assert train(live, 20) == first


def test_what_was_measured_of_a_model_or_data_is_forgotten_with_them(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for knob, number in (("lr", 0.2), ("width", 2), ("points", 20)):
            live.do(Step("epoch", 1))
            live.until(lambda s: s.status == "paused" and s.valid_loss is not None)
            live.do(Set({knob: number}))
            state = live.session.state
            assert (state.valid_loss is None) == (knob != "lr"), knob
            assert ("valid_r2" in state.metrics) == (knob == "lr"), knob
            assert state.loss is not None


def test_a_knob_nobody_set_starts_at_what_the_optimizer_has_of_its_own(tmp_path: Path) -> None:
    with Live(write(tmp_path), settings={"optimizer": "adamw"}) as live:
        decay = live.ready().knob("weight_decay")
        assert decay is not None
        assert (decay.value, decay.default) == (0.01, 0.01)
        live.do(Set({"optimizer": "sgd"}))
        decay = live.session.state.knob("weight_decay")
        assert decay is not None
        assert (decay.value, decay.default) == (0.0, 0.01)


def test_new_weights_on_the_same_data_and_new_data_with_the_same_weights(tmp_path: Path) -> None:
    text = LINE.replace("x = torch.linspace(-1, 1, points)[:, None]", "x = torch.randn(points, 1)")
    with Live(write(tmp_path, text)) as live:
        live.ready()
        first = train(live, 3)
        answer = live.do(Restart("weights"))
        assert (answer.step, answer.note) == (0, "seed 1, data seed 0")
        state = live.session.state
        assert (value(state, "seed"), value(state, "data_seed")) == (1, 0)
        other_weights = train(live, 3)
        live.do(Set({"seed": 0}))
        assert live.do(Restart("data")).note == "seed 0, data seed 1"
        other_data = train(live, 3)
        assert first[0] != other_weights[0] != other_data[0] != first[0]
        live.do(Set({"data_seed": -1}))
        live.do(Restart())
        assert train(live, 3) == first


def test_a_seed_acts_at_the_next_restart_and_says_so(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        change = live.do(Set({"seed": 5})).changes[0]
        assert (change.new, change.effective) == (5, 0)
        knob = live.session.state.knob("seed")
        assert knob is not None
        assert (knob.effective, knob.effect) == (0, "next restart")
        live.do(Restart())
        knob = live.session.state.knob("seed")
        assert knob is not None
        assert knob.effective is None


def test_a_restart_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    text = DROPS.replace(
        "    x = torch", "    if torch.initial_seed() == 3: raise OSError('no disk')\n    x = torch"
    )
    with Live(write(tmp_path, text)) as live:
        live.ready()
        undisturbed = train(live, 20)
        live.do(Restart())
        train(live, 10)
        live.do(Set({"data_seed": 3}))
        answer = live.tell(Restart())
        assert isinstance(answer, Rejected)
        assert "data() raised OSError: no disk" in answer.reason
        assert live.session.state.step == 10
        assert train(live, 10) == undisturbed


def test_the_old_line_of_training_stays_in_the_store(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        train(live, 5)
        live.do(Restart())
        train(live, 2)
    import sqlite3

    branches = sqlite3.connect(live.directory / "run.db").execute(
        "select distinct branch from losses where series = 'loss'"
    )
    assert len(branches.fetchall()) == 2


def test_a_knob_turned_while_running_acts_and_leaves_a_mark(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run())
        live.until(lambda s: s.step > 5)
        answer = live.do(Set({"lr": 0.001, "batch_size": 8}))
        assert {c.knob: (c.old, c.new, c.effective) for c in answer.changes} == {
            "lr": (0.1, 0.001, 0.001),
            "batch_size": (4, 8, 8),
        }
        state = live.until(lambda s: s.steps_per_epoch == 1)
        assert state.status == "running"
        curve = live.curves.curve(CurveRequest(), live.store.exact)
        assert [(m.step, m.text) for m in curve.marks] == [
            (answer.step, "lr 0.1 → 0.001, batch_size 4 → 8")
        ]


def test_a_knob_can_be_set_back_and_forth(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Set({"lr": 0.3}))
        live.do(Set({"lr": 0.3}))  # the same again is no change
        for old, new in [(0.3, 0.1), (0.1, 0.3), (0.3, 0.1)]:
            change = live.do(SetBack("lr")).changes[0]
            assert (change.old, change.new, change.effective) == (old, new, new)
        knob = live.session.state.knob("lr")
        assert knob is not None
        assert (knob.value, knob.previous) == (0.1, 0.3)


def test_a_rebuild_in_the_middle_of_a_step_begins_it_again(tmp_path: Path) -> None:
    with Live(write(tmp_path, DROPS)) as live:
        live.ready()
        undisturbed = train(live, 6)
        live.do(Restart())
        train(live, 2)
        live.do(Step("phase", 3))
        live.until(lambda s: s.phase == "loss")
        answer = live.do(Set({"width": 1, "optimizer": "adam"}))
        assert "the step begun starts again" in answer.note
        assert (answer.phase, live.session.state.phase) == ("", "")
        live.do(Set({"optimizer": "sgd"}))
        assert train(live, 1)[:3] == undisturbed[:3]


def test_a_number_turned_in_the_middle_of_a_step_leaves_it_begun(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("phase", 3))
        live.until(lambda s: s.phase == "loss")
        assert live.do(Set({"lr": 0.5})).phase == "loss"
        live.do(Step("phase", 3))
        assert live.until(lambda s: s.step == 1).phase == ""


def test_weights_from_a_file_are_loaded_also_at_a_restart(tmp_path: Path) -> None:
    weights = {"0.weight": torch.ones(1, 1), "0.bias": torch.zeros(1)}
    torch.save(weights, tmp_path / "w.pt")
    with Live(write(tmp_path), weights=str(tmp_path / "w.pt")) as live:
        assert "2 of 4 tensors of the model start from w.pt" in live.ready().notes[0]
        first = train(live, 3)
        live.do(Restart())
        assert train(live, 3) == first
        live.do(Restart("weights"))
        assert train(live, 3) != first


def test_weights_that_do_not_fit_are_found_before_the_first_step(tmp_path: Path) -> None:
    torch.save({"other": torch.ones(1)}, tmp_path / "w.pt")
    with Live(write(tmp_path), weights=str(tmp_path / "w.pt")) as live:
        problem = live.ready().problem
        assert problem is not None
        assert "nothing in w.pt fits" in problem.sentence
        assert problem.before_first_step
        assert isinstance(live.tell(Run()), Rejected)  # nothing is there to run
        assert isinstance(live.tell(Step("phase")), Rejected)


def test_headless_without_an_end_is_refused(tmp_path: Path) -> None:
    with Live(write(tmp_path), headless=True) as live:
        assert live.session.join(20)
        assert "--steps N" in (live.reason or "")
        assert live.session.exit_code == 2
