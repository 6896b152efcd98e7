"""The rows of a step: true shapes, dtypes and numbers, against the same step by hand."""

from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Run, Set, Step
from foghill.engine.protocol.state import PHASES
from foghill.engine.protocol.views import Phases, PhasesRequest
from foghill.engine.views.phases import CODE
from sessions import LINE, Live, write
from torch import nn


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


def look(live: Live) -> Phases:
    phases = live.look(PhasesRequest())
    assert isinstance(phases, Phases)
    return phases


def test_before_the_first_step_only_the_code_is_there(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        phases = look(live)
        assert (phases.step, phases.done) == (0, 0)
        assert [row.phase for row in phases.rows] == list(PHASES)
        assert [row.code for row in phases.rows] == list(CODE.values())
        assert not any(row.number or row.tensors for row in phases.rows)


def test_the_numbers_are_those_of_the_step(tmp_path: Path) -> None:
    text = LINE.replace(
        "nn.Sequential(nn.Linear(1, width), nn.Linear(width, 1))", "nn.Linear(1, 1)"
    )
    with Live(write(tmp_path, text + "settings.update(valid=0.0, batch_size=10)\n")) as live:
        live.ready()
        live.do(Step("phase", 5))
        live.until(lambda s: s.phase == "backward")
        begun = look(live)
        live.do(Step("phase"))
        live.until(lambda s: s.step == 1)
        phases = look(live)
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 10)[:, None]
    prediction = model(x)
    loss = nn.functional.mse_loss(prediction, 2 * x + 1)
    loss.backward()
    norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()  # type: ignore[union-attr]
    assert (begun.step, begun.done, phases.step, phases.done) == (1, 5, 1, 6)
    batch, predict, of_loss, zero, backward, update = phases.rows
    assert batch.tensors == "10×1 f32, 10×1 f32"
    assert (predict.tensors, predict.number) == ("10×1 f32", f"mean {prediction.mean().item():.4g}")
    assert of_loss.number == f"{loss.item():.6g}"
    assert zero.number == "grad = 0"
    assert backward.number == f"|g| {norm.item():.4g}"
    assert update.number == f"Δ {0.1 * norm.item():.3g}"
    assert begun.rows[5].number == ""


def test_gradients_that_pile_up_are_said(tmp_path: Path) -> None:
    with Live(write(tmp_path)) as live:
        live.ready()
        live.do(Set({"zero_grad": False}))
        live.do(Step("phase", 4))
        live.until(lambda s: s.phase == "zero")
        assert look(live).rows[3].number == "grad kept"


def test_the_length_of_a_gradient_is_that_before_clipping(tmp_path: Path) -> None:
    lengths: list[str] = []
    for clip in ("0", "0.01"):
        with Live(write(tmp_path), settings={"clip": clip}) as live:
            live.ready()
            live.do(Step("phase", 6))
            live.until(lambda s: s.step == 1)
            lengths.append(look(live).rows[4].number)
    assert lengths[0] == lengths[1]


def test_no_numbers_of_a_step_longer_ago_stand_beside_a_step_that_has_begun(tmp_path: Path) -> None:
    with Live(write(tmp_path, LINE + "settings.update(lr=1e6, valid=0.0)\n")) as live:
        live.ready()
        live.do(Step("phase", 6))
        live.until(lambda s: s.step == 1 and s.status == "paused")
        live.do(Run())
        state = live.until(lambda s: s.problem is not None)
        phases = look(live)
        assert (phases.step, phases.done) == (state.step + 1, 3)
        assert state.step > 1
        assert [row.number for row in phases.rows[3:]] == ["", "", ""]
        assert phases.rows[4].code == CODE["backward"]


def test_nothing_is_said_of_a_phase_that_failed(tmp_path: Path) -> None:
    text = (
        LINE
        + """
def loss(prediction, target, cut: bool = False):
    found = nn.functional.mse_loss(prediction, target)
    return found.detach() if cut else found
"""
    )
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("step"))
        live.until(lambda s: s.step == 1 and s.status == "paused")
        assert look(live).rows[4].number
        live.do(Set({"cut": True}))
        live.do(Step("step"))
        live.until(lambda s: s.status == "failed")
        phases = look(live)
        assert (phases.step, phases.done) == (2, 4)
        assert [row.number for row in phases.rows[4:]] == ["", ""]


def test_an_own_step_shows_its_own_line(tmp_path: Path) -> None:
    text = LINE + "def step(model, batch): return (model(batch[0]) - batch[1]).pow(2).mean()\n"
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("phase", 3))
        live.until(lambda s: s.phase == "loss")
        rows = look(live).rows
        assert (rows[1].code, rows[2].code) == ("", "loss = step(model, batch)")


def test_gradients_that_have_no_norm_are_no_reason_to_stop(tmp_path: Path) -> None:
    text = """
import torch
from torch import nn
def data(): return torch.arange(10), torch.ones(10, 2)
def model(): return nn.Embedding(10, 2, sparse=True)
"""
    with Live(write(tmp_path, text)) as live:
        live.ready()
        live.do(Step("phase", 12))
        state = live.until(lambda s: s.step == 2 and s.status == "paused")
        assert state.problem is None
