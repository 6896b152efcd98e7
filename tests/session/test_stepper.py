"""Bursts, observed steps and single phases take the very same steps."""

from pathlib import Path

import pytest
from foghill.engine.protocol.commands import Pause, Run, Set, Speed, Step
from foghill.engine.protocol.views import Phases, PhasesRequest
from sessions import LINE, Live, write

NOISY = LINE.replace("nn.Linear(width, 1))", "nn.Dropout(0.5), nn.Linear(width, 1))")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def test_by_phase_by_step_at_a_pace_or_at_full_speed_the_numbers_are_the_same(
    tmp_path: Path,
) -> None:
    kept = []
    for way in ("phases", "steps", "run", "paced", "observed", "interrupted"):
        with Live(write(tmp_path, NOISY)) as live:
            live.ready()
            live.do(Set({"stop": "step>=30"}))
            match way:
                case "phases":
                    live.do(Step("phase", 180))
                case "steps":
                    for _ in range(30):
                        live.do(Step())
                case "paced":
                    live.do(Speed(1000.0))
                    live.do(Run())
                case "observed":
                    while live.session.state.step < 30:
                        live.session.want(PhasesRequest(), -1)
                        live.do(Step())
                case "interrupted":
                    live.do(Step("phase", 3))
                    while live.session.state.step < 30:
                        live.do(Run())
                        live.do(Speed(0.0))
                        live.do(Pause())
                case _:
                    live.do(Run())
            live.until(lambda s: s.step >= 30 and s.status != "running")  # an order may come late
            kept.append((way, live.losses()[:30]))
    assert len(kept[0][1]) == 30
    for way, losses in kept:
        assert losses == kept[0][1], way


def test_an_observed_step_has_a_row_for_each_phase(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run())
        live.until(lambda s: s.step > 5)

        def numbers() -> Phases:
            phases = live.look(PhasesRequest())
            assert isinstance(phases, Phases)
            return phases

        while (phases := numbers()).done < 6:
            pass
        assert phases.rows[0].tensors == "4×1 f32, 4×1 f32"
        assert all(row.number for row in phases.rows[1:])


def test_orders_are_seen_between_two_steps_of_a_burst(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Run())
        before = 0
        for lr in (0.2, 0.3, 0.4, 0.5):
            answer = live.do(Set({"lr": lr}))
            assert answer.step >= before
            before = answer.step
        assert live.session.state.status == "running"
