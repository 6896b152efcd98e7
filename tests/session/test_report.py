"""The state: complete, and true at every moment."""

import json
from pathlib import Path

import msgspec
import pytest
from foghill.engine.protocol.commands import Pause, Run, Set, Step
from foghill.engine.protocol.frames import VERSION, Welcome, decode_engine, encode
from sessions import LINE, Live, gate, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_it_is_complete(tmp_path: Path) -> None:
    path = write(tmp_path, '"""A line.\n\nThrough ten points."""\n' + LINE)
    with Live(path, settings={"stop": "step>=100"}) as live:
        live.ready()
        live.do(Step("step", 6))
        state = live.until(lambda s: s.step == 6 and s.status == "paused")
        assert (state.run, state.directory) == (live.spec.name, live.spec.directory)
        assert (state.experiment, state.kind) == (str(path), "file")
        assert (state.title, state.text) == ("A line.", "Through ten points.")
        assert (state.step, state.epoch, state.steps_per_epoch, state.end_step) == (6, 3, 2, 100)
        assert (state.validation, state.device, state.memory) == (
            "2 held out, 8 train",
            "cpu",
            None,
        )
        assert state.loss == live.losses()[-1]
        assert state.valid_loss == live.store.exact("valid_loss", 6, 6)[1][0]
        assert state.touched
        assert state.seconds > 0
        assert "fit" in state.pictures
        names = {knob.name for knob in state.knobs}
        assert {"lr", "points", "width", "stop", "seed", "threads"} <= names
        size = state.knob("batch_size")
        assert size is not None
        assert (size.value, size.effective) == (4, None)


def test_it_goes_over_the_wire_whatever_the_knobs_are(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        for extreme in (
            {"stop": "step>=1e300 or epoch>=1e18"},
            {"batch_size": 2**62},
            {"lr": 1e308, "valid_every": 2**62, "patience": 2**62},
        ):
            live.do(Set(extreme))  # type: ignore[arg-type]
            frame = encode(Welcome(VERSION, "driver", live.session.state))
            assert decode_engine(frame[4:]).state == live.session.state  # type: ignore[union-attr]
        live.tell(Set({"batch_size": 1e300}))
        encode(Welcome(VERSION, "driver", live.session.state))


def test_rate_and_time_left_are_those_of_running(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        assert live.session.state.seconds_left is None
        live.do(Set({"stop": "step>=1e9"}))
        live.do(Run())
        state = live.until(lambda s: s.steps_per_second > 0 and s.step > 50)
        assert state.seconds_left == pytest.approx((1e9 - state.step) / state.steps_per_second)
        live.do(Pause())
        assert live.session.state.steps_per_second > 0  # as it was last


def test_what_takes_long_before_the_start_is_said(tmp_path: Path) -> None:
    held = gate("data")
    text = '"""Slow."""\n' + LINE.replace(
        "    x = torch", "    from sessions import GATES; GATES['data']()\n    x = torch"
    )
    with Live(write(tmp_path, text)) as live:
        assert held.reached.wait(20)
        state = live.session.state
        assert (state.status, state.doing) == ("warming up", "building data and model")
        assert state.title == "Slow."
        held.open()
        assert live.ready().doing == ""


def test_remarks_last_and_do_not_pile_up(tmp_path: Path) -> None:
    text = LINE + "names = {'x': []}\nmetrics = 7\n"
    with Live(write(tmp_path, text)) as live:
        before = live.ready().notes
        assert before == ("metrics in mine.py is not a function and is left alone",)
        for points in (12, 14, 16):
            live.do(Set({"points": points}))
        assert live.session.state.notes == before


def test_a_state_is_a_value_that_json_takes_too(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        assert json.loads(msgspec.json.encode(live.ready()))["status"] == "paused"
