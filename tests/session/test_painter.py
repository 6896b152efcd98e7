"""Views that need the model: painted when wanted, never more than their share, never in the way."""

import time
from pathlib import Path

import pytest
from foghill.engine import views
from foghill.engine.protocol.commands import (
    Compare,
    FindRate,
    Pause,
    Restart,
    Run,
    Set,
    Speed,
    Step,
)
from foghill.engine.protocol.pictures import Fit, Landscape
from foghill.engine.protocol.views import Failed, Phases, PhasesRequest, PictureRequest
from sessions import LINE, Live, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_a_picture_is_painted_while_paused_and_while_running(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        assert isinstance(live.look(PictureRequest("fit")), Fit)
        live.do(Run())
        assert isinstance(live.look(PictureRequest("fit", 30, 10)), Fit)
        phases = live.look(PhasesRequest())
        assert isinstance(phases, Phases)


def test_a_picture_nobody_looks_at_is_not_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    paint = views.paint
    monkeypatch.setattr(views, "paint", lambda subject, r: (asked.append(r), paint(subject, r))[1])
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 500))
        live.until(lambda s: s.step == 500)
        assert asked == []
        live.look(PictureRequest("fit"))
        live.do(Step("step", 500))
        live.until(lambda s: s.step == 1000)
        assert len(asked) == 1  # one value each time it is wanted
        live.session.want(PictureRequest("fit"), 10**9)  # nothing newer than what was seen
        live.session.unwant(PictureRequest("fit"))
        live.do(Step())
        live.until(lambda s: s.step == 1001)
        assert len(asked) == 1


def test_one_that_cannot_be_painted_says_why(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        failed = live.look(PictureRequest("gallery"))
        assert isinstance(failed, Failed)
        assert "there is no picture 'gallery' of this run" in failed.sentence


def test_data_that_cannot_be_looked_at_costs_the_pictures_not_the_run(tmp_path: Path) -> None:
    text = """
import torch
from torch import nn
settings = {"batch_size": 4, "valid": 0.0, "shuffle": False}
class Few(torch.utils.data.Dataset):
    def __len__(self): return 1000
    def __getitem__(self, index):
        if index >= 12: raise OSError("not here")
        return torch.ones(1), torch.ones(1)
def data(): return Few()
def model(): return nn.Linear(1, 1)
"""
    with Live(write(tmp_path, text)) as live:
        state = live.ready()
        assert state.pictures == ()
        assert sum("no pictures" in note for note in state.notes) == 1
        live.do(Step("step", 3))
        live.until(lambda s: s.step == 3)
        for seed in (1, 2, 3):
            live.do(Set({"valid": seed / 10}))
        assert sum("no pictures" in note for note in live.session.state.notes) == 1


def test_looking_changes_no_number(tmp_path: Path) -> None:
    text = LINE.replace("nn.Linear(width, 1))", "nn.Dropout(0.5), nn.Linear(width, 1))")
    losses = []
    for look in (False, True):
        with Live(write(tmp_path, text)) as live:
            live.ready()
            live.do(Restart())
            for _ in range(10):
                step = live.session.state.step
                live.do(Step("step", 10))
                if look:
                    live.look(PhasesRequest())
                    live.look(PictureRequest("fit"))
                live.until(lambda s, n=step: s.step == n + 10 and s.status == "paused")
            losses.append(live.losses())
    assert losses[0] == losses[1]
    assert len(losses[0]) == 100


def test_the_phases_shown_of_a_paced_run_are_new_ones(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Speed(100))
        live.do(Run())
        steps: list[int] = []
        while len(steps) < 4:
            phases = live.look(PhasesRequest())
            assert isinstance(phases, Phases)
            steps.append(phases.step)
        assert steps[0] < steps[1] < steps[2] < steps[3], "each value is of a step taken since"


def test_the_step_people_stop_at_is_the_one_they_see(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 25))
        live.until(lambda state: state.step == 25 and state.status == "paused")
        phases = live.look(PhasesRequest())
        assert isinstance(phases, Phases)
        assert (phases.step, phases.done) == (25, 6)
        assert phases.rows[2].number == f"{live.session.state.loss:.6g}"


def test_a_picture_with_more_to_it_is_painted_again_until_it_is_complete(tmp_path: Path) -> None:
    text = LINE.replace("width: int = 1", "width: int = 40")
    with Live(write(tmp_path, text)) as live:
        live.ready()
        rough: list[bool] = []
        seen: list[int] = []
        show = live.show

        def shown(request: object, view: object, revision: int) -> None:
            seen.append(revision)
            show(request, view, revision)  # type: ignore[arg-type]

        live.show = shown  # type: ignore[method-assign]
        request = PictureRequest("hill", 60, 20)
        while not rough or rough[-1]:
            view = live.look(request)
            assert isinstance(view, Landscape)
            rough.append(view.rough)
        revision = live.session.revision
        assert seen == [revision - 1] * (len(seen) - 1) + [revision]


def seen_phases(live: Live) -> Phases:
    phases = live.look(PhasesRequest())
    assert isinstance(phases, Phases)
    return phases


def test_a_run_that_stands_shows_its_last_step_whoever_stopped_it(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for _ in range(5):
            live.do(Run())
            step = live.session.state.step
            live.until(lambda s, n=step: s.step > n)
            live.do(Pause())
            state = live.session.state
            phases = seen_phases(live)
            assert (phases.step, phases.done) == (state.step, 6)
            assert phases.rows[2].number == f"{live.losses()[-1]:.6g}"
            assert phases.rows[5].number.startswith("Δ ")
        live.do(Step("phase"))
        assert seen_phases(live).done == 1


@pytest.mark.parametrize("stop", ["epoch>=37", "loss<1e-4", "step>=41"])
def test_a_run_that_finished_shows_its_last_step(tmp_path: Path, stop: str) -> None:
    with Live(write(tmp_path), settings={"stop": stop}) as live:
        live.ready()
        live.do(Run())
        state = live.until(lambda s: s.status == "finished")
        phases = seen_phases(live)
        assert (phases.step, phases.done) == (state.step, 6)
        assert phases.rows[2].number == f"{live.losses()[-1]:.6g}"
        if "loss" not in stop:  # known beforehand, so somebody looked on
            assert "seen" not in phases.rows[5].number


def test_in_a_comparison_without_a_limit_the_phases_go_on(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Compare(tuple({"lr": lr} for lr in (0.01, 0.02, 0.03, 0.05))))
        live.do(Run())
        steps = [seen_phases(live).step for _ in range(4)]
        assert 0 < steps[0] < steps[1] < steps[2] < steps[3]


def test_a_comparison_and_the_rate_finder_forget_no_step(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 3))
        live.until(lambda s: s.step == 3 and s.status == "paused")
        before = seen_phases(live)
        live.do(FindRate())
        live.until(lambda s: "rates" in s.pictures)
        assert seen_phases(live) == before
        live.do(Compare(({"lr": 0.01},)))
        assert seen_phases(live) == before
        live.do(Restart())
        assert not any(row.number for row in seen_phases(live).rows)


def test_a_step_given_up_is_not_shown_as_begun(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Step("step", 2))
        live.until(lambda s: s.step == 2 and s.status == "paused")
        live.do(Step("phase", 3))
        live.until(lambda s: s.phase == "loss")
        assert seen_phases(live).done == 3
        live.do(Set({"points": 12}))
        live.until(lambda s: not s.phase)
        assert seen_phases(live).done == 0


def test_the_phases_do_not_wait_for_a_picture_that_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint = views.paint
    monkeypatch.setattr(views, "paint", lambda subject, r: (time.sleep(1.0), paint(subject, r))[1])
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run())
        live.look(PictureRequest("fit"))  # the next one is twenty seconds away
        began = time.monotonic()
        steps = [seen_phases(live).step for _ in range(3)]
        assert steps[0] < steps[1] < steps[2]
        assert time.monotonic() - began < 15
