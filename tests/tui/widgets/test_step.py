"""The step panel's rows."""

from typing import Any

import pytest
from fakes_tui import CODES, state_of
from foghill.engine.protocol.state import PHASES
from foghill.engine.protocol.views import PhaseRow, Phases
from foghill.tui.widgets.rows import width_of
from foghill.tui.widgets.step import next_phase, step_rows


def phases(done: int, step: int = 3) -> Phases:
    rows = tuple(
        PhaseRow(phase, "64×1×8×8 f32, 64 i64", "mean 0.25" if phase != "batch" else "", code)
        for phase, code in zip(PHASES, CODES, strict=True)
    )
    return Phases(step, done, rows)


def lines(view: Phases | None, width: int = 23, height: int = 8, **changes: Any) -> list[str]:
    rows = step_rows(view, state_of(**changes), width, height)
    assert len(rows) <= height
    assert all(width_of(row) <= width for row in rows)
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def test_the_mark_is_at_the_next_phase_and_its_code_below():
    said = lines(phases(3))
    assert [line[0] for line in said[:6]] == list("   ▸  ")
    assert said[-1] == "opt.zero_grad()"
    assert next_phase(phases(6)) == 0
    assert next_phase(None) == 0


def test_phases_of_the_step_before_are_dim():
    rows = step_rows(phases(3), state_of(), 23, 8)
    inks = [row[2][1] for row in rows[:6]]
    assert inks == ["", "", "", "dim", "dim", "dim"]


def test_a_running_run_has_no_mark_and_no_code():
    said = lines(phases(6), status="running")
    assert "▸" not in "".join(said)
    assert CODES[0] not in said


def test_metrics_stand_below_the_phases():
    said = lines(phases(6), metrics={"accuracy": 0.5, "valid_accuracy": 0.9375})
    assert said[6] == "valid_accuracy 0.9375"
    said = lines(phases(6), metrics={"valid_r2": -0.17163, "valid_mae": 41.5})
    assert said[6] == "valid_r2 -0.1716", "whole numbers or none"


def test_wider_panels_say_more():
    assert lines(phases(6), width=23)[1] == " predict  mean 0.25"
    assert lines(phases(6), width=44)[1] == " predict  64×1×8×8 f32, 64 i64     mean 0.25"
    assert lines(phases(6), width=90)[5].endswith("opt.step()")


def test_numbers_of_an_older_step_say_so_first():
    metrics = {"r2": -0.58259, "mae": 22.4688}
    assert lines(phases(6, step=57), step=200, metrics=metrics)[6] == "step 57  r2 -0.5826"
    assert lines(phases(6, step=200), step=200, metrics=metrics)[6] == "r2 -0.5826  mae 22.47"


def test_a_step_not_yet_taken_has_no_number():
    fresh = Phases(201, 0, tuple(PhaseRow(phase) for phase in PHASES))
    assert lines(fresh)[6] == ""


def test_the_line_of_code_is_whole_in_a_panel_of_eighty_cells():
    rows = tuple(
        PhaseRow(phase, "20 f32, 20 f32", "mean 185.3", "loss = loss_fn(prediction, y)")
        for phase in PHASES
    )
    for line in lines(Phases(3, 6, rows), width=78)[:6]:
        assert line.endswith("loss = loss_fn(prediction, y)")


@pytest.mark.parametrize("height", range(1, 9))
def test_the_next_phase_is_in_sight_in_any_height(height: int):
    for done in range(7):
        assert any(line.startswith("▸") for line in lines(phases(done), height=height))


def test_before_the_engine_answers_the_phases_are_named():
    assert [line.strip("▸ ") for line in lines(None)[:6]] == list(PHASES)
