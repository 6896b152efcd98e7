"""What a person does in a real session ticks what the text asks to try."""

from pathlib import Path

import pytest
from foghill.engine import listing, progress
from foghill.engine.protocol.commands import Restart, Set, Step
from foghill.engine.protocol.views import PictureRequest
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
        assert 2 not in done(live)
        live.do(Set({"lr": 0.2}))
        assert 2 in done(live)
        live.do(Set({"lr": 0.1}))
        assert 2 in done(live)  # it stays done
        live.look(PictureRequest("fit", 40, 10))
        live.do(Restart())
        assert 3 in done(live)
        assert 4 not in done(live)
        live.do(Restart("weights"))
        assert 4 in done(live)
        live.do(Step("epoch"))
        live.until(lambda state: state.epoch == 1 and state.status == "paused")
        assert done(live) == [1, 2, 3, 4, 5]
    assert progress.tried() == {}  # of lessons alone


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
