"""Looking never changes training, and numbers on the screen are those of plain PyTorch.

For every lesson there is, with every picture there is: new ones are covered as they come.
"""

import math
import time
from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Restart, Step
from foghill.engine.protocol.state import State
from foghill.engine.protocol.views import (
    Failed,
    Phases,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    Request,
    View,
)
from foghill.engine.runs import catalog
from foghill.engine.session import conductor, painter
from foghill.engine.training.training import Training
from plain import differing, drawn, everything
from sessions import Live

from lessons.plain import trained

LESSONS = [lesson.name for lesson in catalog.lessons()]
STEPS = 6
PHASES = 9  # by hand: one step and a half


class Watched(Live):
    """A session in which somebody looks at everything, again and again."""

    def __init__(self, lesson: str, watching: bool) -> None:
        self.watching = watching
        self.seen: dict[Request, list[View]] = {}
        super().__init__(lesson)  # type: ignore[arg-type]

    def show(self, request: Request, view: View, revision: int) -> None:
        self.seen.setdefault(request, []).append(view)
        super().show(request, view, revision)
        if self.watching:
            self.session.want(request, revision)

    def publish(self, state: State, revision: int) -> None:
        if self.watching:
            for name in state.pictures:
                for size in ((78, 12), (118, 26)):
                    self.session.want(PictureRequest(name, *size), revision)
            if "predict" in state.pictures:
                self.session.want(PredictRequest(), revision)
            self.session.want(PhasesRequest(True), revision)
        super().publish(state, revision)

    def rested(self) -> State:
        """Paused, and everything painted that was wanted since."""
        state = self.until(lambda state: state.status in ("paused", "finished", "failed"))
        if self.watching:
            self.seen.clear()
            wanted = [PictureRequest(name, 78, 12) for name in state.pictures]
            for request in wanted:
                self.session.want(request, -1)
            deadline = time.monotonic() + 60
            with self._news:
                while missing := [request for request in wanted if request not in self.seen]:
                    left = deadline - time.monotonic()
                    assert left > 0, f"not painted: {missing}"
                    self._news.wait(left)
        return state


@pytest.fixture(autouse=True)
def hurry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are painted after every step, without a rest."""
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path))
    monkeypatch.setattr(painter, "PAUSE", 0)
    monkeypatch.setattr(painter, "AT_MOST_EVERY", 0)
    monkeypatch.setattr(conductor, "REPORT_EVERY", 0)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[conductor.Conductor]:
    """The conductors of sessions, as they are made."""
    made: list[conductor.Conductor] = []

    class Kept(conductor.Conductor):
        def __init__(self, session: object) -> None:
            super().__init__(session)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(conductor, "Conductor", Kept)
    return made


def trained_by_hand(live: Watched) -> None:
    """Steps, single phases with pauses in the middle of a step, a restart, steps again."""
    live.ready()
    live.rested()
    for command in (Step("step", 2), *[Step("phase")] * PHASES, Restart(), Step("step", STEPS)):
        live.do(command)
        live.rested()


def _caught_up(live: Watched, made: conductor.Conductor) -> None:
    """Replicas stand where the run stands."""
    runners = made.comparison.runners
    live.until(lambda state: all(runner.replica.t.step == made.t.step for runner in runners))
    live.until(lambda state: not state.doing)


def state_of(made: conductor.Conductor) -> list[tuple[str, bytes]]:
    """All that training changes, in the run and in replicas beside it."""
    found = [(f"run{name}", content) for name, content in everything(made.t)]
    for number, runner in enumerate(made.comparison.runners):
        t: Training = runner.replica.t
        found += [(f"replica {number}{name}", content) for name, content in everything(t)]
    return [*found, *drawn()]


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_picture_looked_at_all_the_time_changes_nothing(
    lesson: str, trainings: list[conductor.Conductor]
):
    ended: list[list[tuple[str, bytes]]] = []
    losses: list[list[float]] = []
    for watching in (False, True):
        with Watched(lesson, watching) as live:
            trained_by_hand(live)
            _caught_up(live, trainings[-1])
            ended.append(state_of(trainings[-1]))
            losses.append(live.losses())
            state = live.session.state
            if watching:
                assert state.pictures
                for name in state.pictures:
                    views = live.seen[PictureRequest(name, 78, 12)]
                    assert not [v.sentence for v in views if isinstance(v, Failed)], name
            else:
                assert not live.seen
    assert losses[0] == losses[1]
    assert differing(*ended) == []


def close(a: float | None, b: float) -> bool:
    return a is not None and (a == b or math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-7))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_numbers_on_the_screen_are_those_of_plain_pytorch(lesson: str):
    with Watched(lesson, watching=False) as live:
        live.ready()
        live.do(Step("step", STEPS))
        first, losses = live.rested(), live.losses()
        phases = live.look(PhasesRequest(True))
        live.do(Step("epoch"))
        second = live.rested()
    plain = trained(lesson, 0, STEPS)
    assert losses == plain.losses
    assert first.loss == plain.losses[-1]
    assert isinstance(phases, Phases)
    shown = next(row.number for row in phases.rows if row.phase == "loss")
    number = float(shown.replace(",", "").replace("−", "-"))
    assert number == pytest.approx(plain.losses[-1], rel=0.01)
    after = trained(lesson, 0, second.step)
    assert second.loss == after.losses[-1]
    if second.valid_loss is not None:
        assert close(second.valid_loss, after.valid_loss)
        assert after.parts[1] is not None
        name = "valid_r2" if after.parts[1][1].is_floating_point() else "valid_accuracy"
        if name in second.metrics and not math.isnan(after.valid):
            assert close(second.metrics[name], after.valid)
