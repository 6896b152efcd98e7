"""What a person does in a real session ticks what the text asks to try."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Restart, Set, Speed, Step
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.runs import listing, progress
from sessions import LINE, Live, write

TRYING = '''"""Mine.

Try
  1. Take six phases. {phases >= 6}
  2. Turn lr up and take
     two steps. {lr >= 0.2 and
     step >= 2}
  3. Look at the fit. {saw = fit}
  4. Begin anew, twice. {restarts >= 2}
  5. Validate. {valid_loss > 0 and optimizer = sgd}
  6. A slip. {lr ~ 3}
"""
'''


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def done(live: Live) -> list[int]:
    return [one.number for one in live.session.state.tries if one.done]


def test_a_users_file_may_have_things_to_try(tmp_path: Path):
    with Live(write(tmp_path, TRYING + LINE)) as live:
        state = live.ready()
        assert [one.text for one in state.tries][1] == "Turn lr up and take two steps."
        assert "{" not in state.text
        assert any(note.startswith("Try 6: 'lr ~ 3' is no condition") for note in state.notes)
        assert done(live) == []
        live.do(Step("phase", 5))
        assert done(live) == []
        live.do(Step("phase"))
        assert done(live) == [1]
        live.until(lambda state: state.step == 1 and state.status == "paused")
        live.do(Step("step", 2))
        live.until(lambda state: state.step == 3 and state.status == "paused")
        live.do(Set({"lr": 0.2}))
        live.do(Step("step"))
        live.until(lambda state: state.step == 4 and state.status == "paused")
        assert 2 not in done(live)  # one step was taken with it
        live.do(Step("step"))
        live.until(lambda state: state.step == 5 and state.status == "paused")
        assert 2 in done(live)
        live.do(Set({"lr": 0.1}))
        assert 2 in done(live)  # it stays done
        assert 3 not in done(live)
        live.look(PictureRequest("fit", 40, 10))
        assert 3 in done(live)  # at the look, with nothing else happening
        live.do(Restart())
        assert 4 not in done(live)
        live.do(Restart("weights"))
        assert 4 in done(live)
        live.do(Step("epoch"))
        live.until(lambda state: state.epoch == 1 and state.status == "paused")
        assert done(live) == [1, 2, 3, 4, 5]
    assert progress.tried() == {}  # of lessons alone


SINCE = '''"""Mine.

Try
  1. Turn points. {points = 20 and valid_loss < 1e9}
  2. Turn lr. {lr = 0.2 and step >= 2 and saw = fit}
  3. Turn it again, then restart. {lr = 0.3 and epoch >= 1}
  4. Change the loss. {optimizer = sgd and loss < 1e9 and restarts >= 1}
  5. Turn the page. {saw = hill 2}
"""
'''


def stepped(live: Live, count: int = 1, unit: str = "step") -> None:
    live.do(Step(unit, count))  # type: ignore[arg-type]
    live.until(lambda state: state.status != "running" and not state.doing)


def test_what_came_before_a_knob_was_turned_does_not_count(tmp_path: Path):
    with Live(write(tmp_path, SINCE + LINE)) as live:
        live.ready()
        stepped(live, 1, "epoch")
        live.look(PictureRequest("fit", 40, 10))
        assert live.session.state.valid_loss is not None
        live.do(Set({"points": 20}))
        stepped(live)
        assert done(live) == []  # the loss is of other data
        stepped(live, 1, "epoch")
        assert done(live) == [1]
        live.do(Set({"lr": 0.2}))
        stepped(live, 2)
        assert done(live) == [1]  # the fit was looked at before
        live.look(PictureRequest("fit", 40, 10))
        assert done(live) == [1, 2]
        live.do(Set({"lr": 0.3}))
        live.do(Restart())
        assert done(live) == [1, 2]
        stepped(live, 1, "epoch")
        assert done(live) == [1, 2, 3, 4]


def test_a_number_from_before_the_loss_was_changed_is_none(tmp_path: Path):
    with Live(write(tmp_path, SINCE + LINE)) as live:
        live.ready()
        stepped(live)
        live.do(Set({"loss": "mae"}))
        live.do(Restart())
        assert done(live) == []
        stepped(live)
        live.do(Set({"loss": "mse"}))
        assert done(live) == [4]


def test_a_page_of_a_picture_is_looked_at_by_its_number(tmp_path: Path):
    with Live(write(tmp_path, SINCE + LINE)) as live:
        live.ready()
        live.look(PictureRequest("hill", 40, 10))
        assert done(live) == []
        live.look(PictureRequest("hill", 40, 10, 1))
        assert done(live) == [5]


STAGES = '''"""Mine.

Try
  1. Turn lr down, then up. {lr <= 0.01 then lr >= 1}
  2. Step, then look. {step >= 1 then saw = fit}
  3. Turn points and be refused. {points = 20 and refusals >= 1}
"""
'''


def test_a_later_stage_must_come_to_hold_after_the_one_before(tmp_path: Path):
    with Live(write(tmp_path, STAGES + LINE)) as live:
        live.ready()
        live.do(Set({"lr": 1.0}))
        live.look(PictureRequest("fit", 40, 10))
        live.do(Set({"lr": 0.01}))
        stepped(live)
        assert done(live) == []  # the fit was looked at before the step
        live.do(Set({"lr": 1.5}))
        assert done(live) == [1]
        live.look(PictureRequest("fit", 40, 10))
        assert done(live) == [1, 2]


def test_what_was_refused_counts_as_refused_since_the_knob_was_turned(tmp_path: Path):
    with Live(write(tmp_path, STAGES + LINE)) as live:
        live.ready()
        live.tell(Set({"lr": -1.0}))
        live.do(Set({"points": 20}))
        live.do(Set({"lr": 0.3}))
        assert done(live) == []
        live.tell(Set({"lr": -1.0}))
        live.do(Speed(0))
        assert done(live) == [3]


def test_what_was_refused_does_not_count(tmp_path: Path):
    with Live(write(tmp_path, TRYING + LINE)) as live:
        live.ready()
        live.tell(Step("phase", 0))
        live.tell(Set({"lr": -1.0}))
        assert done(live) == []


def test_ticks_of_a_lesson_are_kept_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listing, "_LESSONS", tmp_path)
    write(tmp_path, TRYING + LINE, "mine.py")
    with Live("mine") as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Step("phase", 6))
    assert progress.tried() == {"mine": {1}}
    with Live("mine") as live:  # type: ignore[arg-type]
        live.ready()
        assert done(live) == [1]
        live.do(Set({"lr": 0.3}))
        live.do(Step("step", 2))
        live.until(lambda state: state.step == 2 and state.status == "paused")
        assert done(live) == [1, 2, 5]
    assert progress.tried() == {"mine": {1, 2, 5}}


def test_a_headless_run_ticks_nothing_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "_LESSONS", tmp_path)
    write(tmp_path, TRYING + LINE, "mine.py")
    with Live("mine", headless=True, until="step>=4", settings={"lr": "0.5"}) as live:  # type: ignore[arg-type]
        live.session.join(30)
    assert progress.tried() == {}
