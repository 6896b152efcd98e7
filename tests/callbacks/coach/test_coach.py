"""The coach in a session: when it looks, what it costs, and that training never notices."""

import time
from pathlib import Path
from typing import Any

import pytest
from coached import after, coached
from foghill.engine.callbacks.coach import coach as module
from foghill.engine.callbacks.coach.coach import Coach
from foghill.engine.protocol.commands import Edit, Restart, Run, Set, Step
from foghill.engine.session.session import Session
from sessions import LINE, Live, write
from torch import nn

# dropout and batch norm draw and remember at every step
RESTLESS = """
import torch
from torch import nn
settings = {"lr": 0.05, "batch_size": 8, "optimizer": "adam"}
def data():
    x = torch.randn(60, 3)
    return x, (x.sum(1) > 0).long()
def model():
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.4),
                         nn.Linear(8, 2))
"""
UNSEEN = """
import torch
from torch import nn
settings = {"lr": 0.1, "batch_size": 4}
class Shy(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(1))
    def __deepcopy__(self, memo): raise RuntimeError("not me")
    def forward(self, x): return x * self.w
def data(): return torch.randn(40, 1), torch.randn(40, 1)
def model(): return Shy()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.fixture
def coaches(monkeypatch: pytest.MonkeyPatch) -> list[Coach]:
    """The coaches of the sessions that a test starts."""
    made: list[Coach] = []
    first = Coach.__init__

    def noted(self: Coach, conductor: Any) -> None:
        made.append(self)
        first(self, conductor)

    monkeypatch.setattr(Coach, "__init__", noted)
    return made


def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps at which a closer look was taken."""
    steps: list[int] = []
    true = module.look

    def counted(t: Any, seconds: float) -> Any:
        steps.append(t.step)
        return true(t, seconds)

    monkeypatch.setattr(module, "look", counted)
    return steps


def test_losses_are_the_same_with_a_look_at_every_chance_and_with_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write(tmp_path, RESTLESS)

    def losses() -> list[float]:
        with Live(path) as live:
            live.ready()
            for step in (1, 7, 20, 60):
                after(live, step)
            return live.losses()

    seen = looks(monkeypatch)
    monkeypatch.setattr(module, "REST", 0)
    monkeypatch.setattr(module, "LEAST_REST", 0.0)
    often = losses()
    assert len(seen) >= 4
    monkeypatch.setattr(module, "look", lambda t, seconds: None)
    monkeypatch.setattr(module, "glance", lambda t: None)
    assert losses() == often
    assert len(often) == 60


def test_a_pause_is_looked_at_and_looks_while_running_rest_a_hundred_times_as_long(
    monkeypatch: pytest.MonkeyPatch,
):
    seen = looks(monkeypatch)
    with coached("plane") as live:
        after(live, 30)
        assert seen[-1] == 30
        while_running = len(seen)
        after(live, 200)  # takes far less than a hundred looks
    assert seen[-1] == 200
    assert len(seen) == while_running + 1


def test_steps_by_hand_are_looked_at_once_they_rest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "QUIET_SECONDS", 3600.0)
    monkeypatch.setattr(module, "LEAST_REST", 3600.0)
    seen = looks(monkeypatch)
    with coached("plane") as live:
        live.ready()
        for _ in range(5):
            live.do(Step("step"))
        live.until(lambda state: state.step == 5 and state.status == "paused")
        assert seen == []
        monkeypatch.setattr(module, "QUIET_SECONDS", 0.0)
        live.do(Step("step"))
        after(live, 7)
    assert seen[-1] == 7


def test_a_model_that_cannot_be_copied_trains_on_unseen(tmp_path: Path):
    with Live(write(tmp_path, UNSEEN)) as live:
        assert after(live, 50) is None
        assert len(live.losses()) == 50


def test_a_verdict_that_raises_is_no_verdict(monkeypatch: pytest.MonkeyPatch):
    def broken(evidence: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "verdict", broken)
    with coached("plane") as live:
        assert after(live, 40) is None
        assert len(live.losses()) == 40


def test_a_restart_begins_with_nothing_to_say():
    with coached("throw", lr=5e-5) as live:
        assert after(live, 12) is not None
        live.do(Restart())
        assert live.until(lambda state: state.step == 0).coach is None


def test_validations_are_heard_with_the_training_loss_they_stood_at(coaches: list[Coach]):
    with coached("linear", valid_every=10) as live:
        after(live, 40)
        evidence = coaches[-1]._evidence()
        steps, values, _ = live.store.exact("valid_loss", 0, 100, 100)
    assert [step for step, _ in evidence.valid] == steps == [10, 20, 30, 40]
    assert [value for _, value in evidence.valid] == values
    assert set(evidence.train_then) == {10, 20, 30, 40}


def test_validations_are_thinned_with_their_training_losses_and_the_lowest_stays(
    coaches: list[Coach], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "VALIDATIONS", 20)
    with coached("linear", valid_every=0) as live:
        live.ready()
        coach = coaches[-1]
        for step in range(1, 200):
            coach.hear("loss", [step], [1.0])
            coach.hear("valid_loss", [step], [0.5 if step == 4 else 1.0 + step])
        evidence = coach._evidence()
    assert len(evidence.valid) <= 20
    assert set(evidence.train_then) == {step for step, _ in evidence.valid}
    assert (4, 0.5) in evidence.valid
    assert evidence.valid[-1] == (199, 200.0)


def test_a_look_at_weights_thrown_off_is_not_a_sound_one(coaches: list[Coach]):
    with coached("curve", optimizer="sgd", lr=0.02) as live:
        after(live, 20)
        live.do(Set({"lr": 0.03}))
        after(live, 40)
        sound = coaches[-1]._evidence().sound
        assert sound is not None
        assert sound.step == 40
        live.do(Set({"lr": 300.0}))
        after(live, 60)
        assert coaches[-1]._evidence().sound is None


def test_the_alarm_goes_up_once_the_loss_leaves_its_band(coaches: list[Coach]):
    """Sixty calm losses, then three far above; it goes up once, until 5 s later or a pause."""
    with coached("linear") as live:
        after(live, 60)
        coach = coaches[-1]
        coach.hear("loss", [61, 62, 63], [90.0, 95.0, 99.0])
        coach._watch_band(10.0)
        advice = coach.advice
        assert advice is not None
        assert (advice.verdict, advice.alarm) == ("climbs", True)
        assert "99 at step 63" in advice.sentence
        assert advice.knobs == {"lr": 0.005}
        coach._watch_band(10.0 + module.ALARM_SECONDS / 2)
        assert coach.advice is not None
        assert coach.advice.alarm
        coach._watch_band(10.0 + module.ALARM_SECONDS + 1)
        assert not coach.advice.alarm  # still outside, and silent
        coach.hear("loss", list(range(64, 300)), [0.1] * 236)
        coach._watch_band(100.0)
        coach.hear("loss", [300, 301, 302], [90.0, 95.0, 99.0])
        coach._watch_band(101.0)
        assert coach.advice.alarm
        coach.paused(by_hand=False)
        assert not coach.advice.alarm


def test_knobs_that_change_no_loss_keep_what_is_known(coaches: list[Coach]):
    with coached("linear") as live:
        after(live, 40)
        live.do(Set({"patience": 5}))
        assert coaches[-1]._losses.count == 40
        live.do(Set({"lr": 0.01}))
        assert coaches[-1]._losses.count == 0
        assert coaches[-1]._since == 40
        live.do(Run(until="step>=50"))
        live.until(lambda state: state.status != "running")
        assert coaches[-1]._losses.count == 10


def test_what_begins_anew_are_the_weights_of_the_start_or_of_the_latest_turn(
    tmp_path: Path, coaches: list[Coach]
):
    def weights(model: nn.Module | None) -> list[float]:
        assert model is not None
        return [number for p in model.parameters() for number in p.detach().flatten().tolist()]

    with coached("linear") as live:
        live.ready()
        coach = coaches[-1]
        first = weights(coach._c.t.model)
        after(live, 40)
        assert weights(coach._origin) == first
        then = weights(coach._c.t.model)
        live.do(Set({"lr": 0.01}))
        after(live, 60)
        assert weights(coach._origin) == then
        live.do(Restart())
        after(live, 1)
        assert weights(coach._origin) == first
        live.do(Edit("0.weight", 0, 3.0))
        after(live, 40)
        assert coach._origin is None  # by hand: what follows does not come of the start alone
        assert coach._try_anew(60.0) is None


def test_the_same_steps_from_the_start_are_tried_once_at_each_look(
    coaches: list[Coach], monkeypatch: pytest.MonkeyPatch
):
    tried: list[int] = []
    true = module.anew

    def counted(t: Any, *rest: Any) -> Any:
        tried.append(t.step)
        return true(t, *rest)

    monkeypatch.setattr(module, "anew", counted)
    with coached("plane", lr=0.5, activation="tanh") as live:
        advice = after(live, 200)
        assert advice is not None
        assert advice.verdict == "bounces"
        assert "from the start, " in advice.sentence
        coach = coaches[-1]
        assert coach._try_anew(60.0) is not None
        rests_until = coach._looks_at
        coaches[-1]._judge(60.0)
        assert tried.count(200) == 1
        assert coach._looks_at == rests_until
        live.do(Set({"lr": 0.4}))
        coach._take_look(1.0)  # at the same step
        assert coach._try_anew(60.0) is None  # no step was taken with this rate yet


def test_a_paced_lesson_and_a_tiny_table_have_a_coach_too(tmp_path: Path):
    with Live(write(tmp_path, LINE)) as live:
        assert after(live, 30) is None


def test_a_rate_turned_too_high_raises_the_alarm_against_what_was_usual_before(
    coaches: list[Coach],
):
    with coached("linear") as live:
        after(live, 60)
        live.do(Set({"lr": 3.0}))
        advice = after(live, 70)
        assert advice is not None
        assert advice.verdict == "diverges"
        assert coaches[-1]._outside
        assert advice.alarm


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """The models that the coach copied to begin anew from."""
    made: list[nn.Module] = []
    true = module.copied

    def counted(model: nn.Module) -> nn.Module:
        made.append(model)
        return true(model)

    monkeypatch.setattr(module, "copied", counted)
    return made


def test_a_model_is_copied_once_before_the_next_step_however_often_knobs_turn(
    copies: list[nn.Module],
):
    with coached("linear") as live:
        live.ready()
        live.do(Set({"lr": 0.02}))
        live.do(Set({"lr": 0.03}))
        assert copies == []
        after(live, 10)
        assert len(copies) == 1
        live.do(Set({"lr": 0.02}))
        live.do(Set({"lr": 0.01}))
        assert len(copies) == 1
        after(live, 20)
        assert len(copies) == 2


def test_a_model_too_large_is_never_copied(
    copies: list[nn.Module], coaches: list[Coach], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("foghill.engine.callbacks.coach.look.LARGEST", 3)
    with coached("linear") as live:
        live.ready()
        live.do(Set({"lr": 0.02}))
        after(live, 10)
        live.do(Set({"lr": 0.03}))
        after(live, 20)
        assert coaches[-1]._evidence().trivial is not None
    assert copies == []


def test_a_run_at_rest_is_looked_at_once_and_then_waits_for_an_order(
    monkeypatch: pytest.MonkeyPatch,
):
    waits: list[float | None] = []
    true = Session.wait

    def counted(self: Session, timeout: float | None) -> None:
        waits.append(timeout)
        true(self, timeout)

    monkeypatch.setattr(Session, "wait", counted)
    seen = looks(monkeypatch)
    with coached("plane") as live:
        after(live, 30)
        assert seen[-1] == 30
        assert waits[-1] is None  # nothing but somebody's wish ends this wait
        looked, waited = len(seen), len(waits)
        live.do(Set({"patience": 5}))
        while len(waits) == waited:
            time.sleep(0.002)
        assert waits[-1] is None
        assert len(seen) == looked


def test_while_a_run_goes_on_only_a_look_in_short_parts_is_begun(
    coaches: list[Coach], monkeypatch: pytest.MonkeyPatch
):
    begun: list[int] = []
    true = module.frozen

    def counted(t: Any) -> Any:
        begun.append(t.step)
        return true(t)

    monkeypatch.setattr(module, "frozen", counted)
    monkeypatch.setattr(module, "PART_SECONDS", 0.0)
    with coached("plane") as live:
        after(live, 20)
        coach = coaches[-1]
        coach._looks_at = coach._judges_at = 0.0
        coach.report()
        assert begun == []
        monkeypatch.setattr(module, "PART_SECONDS", 60.0)
        coach._judges_at = 0.0
        coach.report()
        assert begun == [20]
        before = coach._look
        while coach._parts is not None:
            coach.report()
        assert coach._look is not before
        coach._looks_at = coach._judges_at = 0.0
        coach.report()
        coach.turned({"lr": 0.01})  # what is under way is of other knobs
        assert coach._parts is None
