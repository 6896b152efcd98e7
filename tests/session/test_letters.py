"""Letters are taken between phases, keep a step whole, and are answered once, after the journal."""

from pathlib import Path

import pytest
from foghill.engine.history.store import read_journal
from foghill.engine.protocol.commands import Pause, Rejected, Run, Set, Step
from sessions import Live, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_pausing_keeps_the_step_whole(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for _ in range(20):
            live.do(Run())
            answer = live.do(Pause())
            assert answer.phase == ""
            assert live.session.state.status == "paused"
        assert len(live.losses()) == live.session.state.step


def test_the_journal_is_written_before_the_answer_comes(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for number, command in enumerate([Step(), Set({"lr": 0.5}), Pause()], 1):
            live.do(command)
            entries = list(read_journal(live.directory))
            assert len(entries) == number
        assert [(e.who, e.what) for e in entries] == [
            ("tester", "step 1 step"),
            ("tester", "set lr 0.1 → 0.5"),
            ("tester", "pause"),
        ]
        assert isinstance(live.tell(Set({"lr": -1.0})), Rejected)
        assert len(list(read_journal(live.directory))) == 3
