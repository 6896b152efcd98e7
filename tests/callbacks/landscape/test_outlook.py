"""The whole look at a hill: of any experiment, bounded, and training never notices."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.landscape import path as path_module
from foghill.engine.callbacks.landscape import surroundings as module
from foghill.engine.protocol.commands import Set, Speed, Step
from foghill.engine.protocol.views import Failed, PictureRequest
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.reconfigure import turn
from hills import BOWL, CONV, bowl, flat, outlook, trodden
from plain import REGRESSION, RESTLESS, differing, drawn, everything, take, training
from sessions import Live
from torch import Tensor
from training.test_items import NOISY
from training.test_training import OWN_LOSS, STEP

OWN = """
import torch
from torch import nn
settings = {"batch_size": 8, "lr": 0.05, "threads": 1}
class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.gain = nn.Linear(4, 4), nn.Parameter(torch.ones(()))
        self.register_buffer("seen", torch.zeros(()))
    def forward(self, x):
        self.seen += 1
        return x + self.gain * nn.functional.dropout(torch.tanh(self.layer(x)), 0.2)
def data(): return torch.randn(60, 4), torch.randn(60, 4)
def model(): return nn.Sequential(Residual(), nn.LayerNorm(4), Residual(), nn.Linear(4, 4))
def loss(prediction, target, delta: float = 1.0):
    return nn.functional.huber_loss(prediction, target, delta=delta)
"""


def look(folder: Path, source: str, steps: int = 0, index: int = 0, **typed: object):
    found, c = outlook(folder, source, **typed)
    if steps:
        trodden(c, steps)
    return finished(found, c, index), c


def finished(found: module.Outlook, c, index: int = 0, columns: int = 24, rows: int = 8):
    """Looks until there is nothing more to find out."""
    while True:
        with looking(c.t.model):
            sight = found.look(index, columns, rows)
        if not sight.rough:
            return sight


@pytest.mark.parametrize("source", [REGRESSION, RESTLESS, CONV, OWN, BOWL, OWN_LOSS, STEP, NOISY])
def test_weights_are_identical_with_the_hill_looked_at_and_not(tmp_path: Path, source: str):
    free = training(tmp_path, source)
    losses = take(free, 12)
    found, c = outlook(tmp_path, source)
    watched, around = c.t, None
    seen: list[float] = []
    for step in range(12):
        seen += take(watched, 1)
        around = drawn()
        for index in range(3):
            with looking(watched.model):
                found.look(index + step, 20, 6)
        found.note()
        assert drawn() == around
    assert seen == losses
    assert not differing(everything(free), everything(watched))


@pytest.mark.parametrize(
    ("lesson", "knobs"),
    [
        ("digits", {}),
        ("digits", {"architecture": "conv"}),
        ("hill", {"momentum": 0.5}),
        ("line", {}),
    ],
)
def test_a_lessons_losses_are_identical_with_the_hill_open_and_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lesson: str, knobs: dict[str, object]
):
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    losses: list[list[float]] = []
    for open_ in (False, True):
        with Live(Path(lesson)) as live:
            live.ready()
            live.do(Set({"stop": "", **knobs}))  # type: ignore[dict-item]
            live.do(Speed(0))
            for turn in range(1, 4):
                if open_:
                    live.look(PictureRequest("hill", 40, 12, turn))
                live.do(Step("step", 8))
                live.until(lambda s, n=turn: s.step == 8 * n and s.status == "paused")
                if open_:
                    assert not isinstance(live.look(PictureRequest("hill", 40, 12)), Failed)
            losses.append(live.losses())
    assert losses[0] == losses[1]
    assert len(losses[0]) == 24


def test_two_numbers_are_seen_as_they_are(tmp_path: Path):
    sight, c = look(tmp_path, BOWL, 5)
    survey = sight.survey
    assert survey.plane.names == ("x", "y")
    for y, row in zip(survey.y, survey.heights(), strict=True):
        assert row == pytest.approx([bowl(x, y) for x in survey.x], rel=1e-5)
    x, y = flat(c.t).tolist()
    assert sight.trail.at[-1].tolist() == [x, y]
    assert sight.trail.losses[-1] == pytest.approx(bowl(x, y))
    assert sight.slope == pytest.approx((6 * (x - 1) + y + 2, x - 1 + y + 2), rel=1e-5)
    assert sight.update == pytest.approx([-0.1 * slope for slope in sight.slope], rel=1e-4)
    assert survey.lowest() == pytest.approx((1.0, -2.0, 7.0), abs=1e-4)
    assert (sight.page, sight.pages, sight.bend) == (0, 3, None)
    assert sight.full


def test_the_way_to_come_ends_where_the_run_does(tmp_path: Path):
    sight, c = look(tmp_path, BOWL, 5)
    assert sight.ahead is not None
    assert len(sight.ahead.at) == 30 - 5 + 1
    take(c.t, 25)
    assert sight.ahead.at[-1].tolist() == flat(c.t).tolist()


def test_past_its_end_only_the_next_step_is_known(tmp_path: Path):
    sight, _ = look(tmp_path, BOWL, 31)
    assert sight.ahead is None
    assert len(sight.update) == 2


def test_a_slice_along_one_of_two_numbers(tmp_path: Path):
    sight, c = look(tmp_path, BOWL, 3, index=2)
    assert sight.survey.plane.names == ("y",)
    x = flat(c.t)[0].item()
    heights = sight.survey.heights()[0]
    assert heights == pytest.approx([bowl(x, y) for y in sight.survey.x], rel=1e-5)
    assert sight.bend == pytest.approx(1.0)


def test_pages_go_round(tmp_path: Path):
    found, c = outlook(tmp_path, BOWL)
    assert [finished(found, c, index).page for index in (0, 1, 2, 3, 4, 300)] == [0, 1, 2, 0, 1, 0]


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_module, "PAUSE", 0)


def test_a_large_model_goes_from_random_directions_to_its_path(tmp_path: Path, no_pause: None):
    found, c = outlook(tmp_path, REGRESSION, hidden=30)
    assert finished(found, c).survey.plane.kind == "random"
    places = [flat(c.t)]
    for _ in range(6):
        take(c.t, 1)
        found.note()
        places.append(flat(c.t))
    sight = finished(found, c)
    assert sight.survey.plane.kind == "path"
    M = (torch.stack(places) - places[-1]).double()
    _, _, vh = torch.linalg.svd(M, full_matrices=False)
    expected = (M @ vh[:2].T).abs()
    assert torch.allclose(sight.trail.at.abs(), expected, atol=1e-5)
    at = sight.survey.plane.weights(*sight.trail.at[-1].tolist())
    assert torch.allclose(at, places[-1], atol=1e-6)
    assert sight.update == ()


def test_no_path_is_kept_of_what_nobody_looks_at(tmp_path: Path, no_pause: None):
    found, c = outlook(tmp_path, REGRESSION, hidden=30)
    for _ in range(5):
        take(c.t, 1)
        found.note()
    assert finished(found, c).survey.plane.kind == "random"


def test_straight_downhill_falls_as_the_gradient_says(tmp_path: Path):
    sight, c = look(tmp_path, REGRESSION, index=2, hidden=30)
    x, y = c.t.parts.train.rows(50)
    loss = torch.nn.functional.mse_loss(c.t.model(x), y[:, None])
    gradient = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, c.t.parameters)])
    assert sight.survey.plane.names == ("downhill",)
    assert sight.slope == pytest.approx((-gradient.norm().item(),), rel=1e-5)


def test_replicas_are_followed_step_by_step(tmp_path: Path):
    found, c = outlook(tmp_path, BOWL)
    other = training(tmp_path, BOWL, lr=0.03)
    wider = training(tmp_path, REGRESSION)
    c.replicas = [("lr 0.03", other), ("wider", wider)]
    finished(found, c)
    places = [flat(other)]
    for _ in range(7):
        take(other, 1)
        places.append(flat(other))
    ((name, way),) = finished(found, c).others
    assert name == "lr 0.03"
    assert way.at.tolist() == torch.stack(places).double().tolist()
    c.replicas = []
    assert finished(found, c).others == ()


def test_the_way_of_a_replica_begins_anew_where_its_model_was_rebuilt(
    tmp_path: Path, no_pause: None
):
    found, c = outlook(tmp_path, REGRESSION)
    other = training(tmp_path, REGRESSION, lr=0.03)
    c.replicas = [("lr 0.03", other)]
    for t in (c.t, other):
        take(t, 3)
    finished(found, c)
    for t in (c.t, other):
        turn(t, {"hidden": 30})
    c.trail.refit(c.t)
    found.begin()
    ((_, way),) = finished(found, c).others
    assert len(way.at) == 1
    take(other, 1)
    assert len(finished(found, c).others[0][1].at) == 2


def test_turned_knobs_of_the_loss_change_the_ground(tmp_path: Path):
    found, c = outlook(tmp_path, OWN)
    before = finished(found, c).survey
    c.t.values["lr"] = 0.5
    assert finished(found, c).survey is before
    c.t.values["delta"] = 0.1
    after = finished(found, c).survey
    assert after is not before
    assert after.heights()[0][0] < before.heights()[0][0]


def test_a_look_measures_little_of_what_is_costly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "RUNNING", 0.0)
    found, c = outlook(tmp_path, CONV)
    c.status = "running"
    for looks in range(1, 6):
        with looking(c.t.model):
            sight = found.look(0, 60, 20)
        assert sight.rough
        assert sight.survey.measured == looks


def test_models_too_large_to_copy_have_no_hill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found, c = outlook(tmp_path, REGRESSION)
    assert found.there
    monkeypatch.setattr(module, "LARGEST", 10)
    assert not found.there
    c.t.parameters = [torch.nn.Parameter(torch.zeros(3, dtype=torch.complex64))]
    assert not found.there


def test_broken_weights_are_looked_at_all_the_same(tmp_path: Path):
    for source in (BOWL, REGRESSION):
        found, c = outlook(tmp_path, source)
        with torch.no_grad():
            c.t.parameters[0].fill_(float("nan"))
        heights: list[Tensor] = []
        for index in range(3):
            with looking(c.t.model):
                heights.append(torch.tensor(found.look(index, 20, 6).survey.heights()))
        assert heights


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("source", [BOWL, CONV, REGRESSION])
def test_on_an_accelerator_it_sees_the_same_ground(tmp_path: Path, source: str):
    here, _ = look(tmp_path, source, 3)
    there, _ = look(tmp_path, source, 3, device="cuda")
    expected, found = here.survey.heights(), there.survey.heights()
    assert torch.allclose(torch.tensor(found), torch.tensor(expected), rtol=1e-2, atol=1e-2)
