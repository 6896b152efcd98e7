"""The trail of a run against the same steps in plain PyTorch."""

import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks import trace as trail
from foghill.engine.callbacks.trace import Row, Trail, examples, norm
from foghill.engine.protocol.commands import Restart, Run, Set, Speed, Step
from foghill.engine.protocol.views import PictureRequest
from sessions import LINE, Live, write
from torch import nn


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.fixture
def trails(monkeypatch: pytest.MonkeyPatch) -> list[Trail]:
    """The trails of the sessions that a test starts."""
    made: list[Trail] = []
    first = Trail.__init__

    def noted(self: Trail) -> None:
        first(self)
        made.append(self)

    monkeypatch.setattr(Trail, "__init__", noted)
    return made


def test_a_norm_is_finite_where_the_numbers_are() -> None:
    large = [torch.tensor([3e30]), None, torch.tensor([[0.0, -4e30]])]
    assert norm(large) == pytest.approx(5e30)
    assert norm([torch.tensor([torch.inf])]) == float("inf")
    assert math.isnan(norm([torch.tensor([torch.nan]), torch.ones(2)]))


def of_run(trails: list[Trail]) -> Trail:
    return next(found for found in trails if found.names or found.rows)


ONE = LINE.replace("nn.Sequential(nn.Linear(1, width), nn.Linear(width, 1))", "nn.Linear(1, width)")
FULL = ONE + "settings.update(valid=0.0, batch_size=10, momentum=0.9, clip=0.5)\n"


def by_hand(steps: int) -> list[tuple[float, list[float], list[float], list[float]]]:
    """(loss, before, gradient found, after) of each step, as a tutorial would train it."""
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 10)[:, None]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    kept = []
    for _ in range(steps):
        before = [p.item() for p in model.parameters()]
        loss = nn.functional.mse_loss(model(x), 2 * x + 1)
        optimizer.zero_grad()
        loss.backward()
        gradient = [p.grad.item() for p in model.parameters()]  # type: ignore[union-attr]
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        kept.append((loss.item(), before, gradient, [p.item() for p in model.parameters()]))
    return kept


@pytest.mark.parametrize("way", ["phases", "steps", "paced"])
def test_every_step_taken_slowly_is_noted_with_its_true_numbers(
    tmp_path: Path, trails: list[Trail], way: str
) -> None:
    with Live(write(tmp_path, FULL)) as live:
        live.ready()
        live.do(Set({"stop": "step>=12"}))
        if way == "phases":
            live.do(Step("phase", 72))
        elif way == "steps":
            live.do(Step("step", 12))
        else:
            live.do(Speed(1000))
            live.do(Run())
        live.until(lambda s: s.step == 12 and s.status != "running")
        found = of_run(trails)
        assert found.names == ("weight", "bias")
        assert [row.step for row in found.rows] == list(range(1, 13))
        for row, (loss, before, gradient, after) in zip(found.rows, by_hand(12), strict=True):
            assert row.loss == loss
            assert row.rate == 0.1
            assert list(row.before) == before
            assert list(row.gradient) == pytest.approx(gradient)
            assert list(row.after) == after
            assert row.slope == pytest.approx(torch.tensor(gradient).norm().item())
            bitten = None if row.slope < 0.5 else pytest.approx(0.5, rel=1e-5)
            assert row.clipped == bitten
            assert row.target == (-1.0, pytest.approx(11 / 9), 3.0)


def test_the_numbers_of_a_run_do_not_change_by_noting(tmp_path: Path) -> None:
    losses = []
    for pace in (0.0, 1000.0):
        with Live(write(tmp_path, FULL)) as live:
            live.ready()
            live.do(Set({"stop": "step>=40"}))
            live.do(Speed(pace))
            live.do(Run())
            live.until(lambda s: s.status == "finished")
            losses.append(live.losses())
    assert losses[0] == losses[1]
    assert len(losses[0]) == 40


def test_a_run_at_full_speed_that_nobody_looks_at_is_only_sampled(
    tmp_path: Path, trails: list[Trail], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[int] = []
    monkeypatch.setattr(Trail, "after", lambda self, t: noted.append(t.step))
    with Live(write(tmp_path, FULL)) as live:
        live.ready()
        live.do(Set({"stop": ""}))
        live.do(Run())
        live.until(lambda s: s.step > 2000)
        assert noted == []
        rows = of_run(trails).rows
        assert rows
        assert all(row.change is None and not row.before and row.after for row in rows)


def test_looking_at_a_picture_of_it_notes_some_steps_in_a_row(
    tmp_path: Path, trails: list[Trail]
) -> None:
    with Live(write(tmp_path, FULL)) as live:
        live.ready()
        live.do(Set({"stop": ""}))
        live.do(Run())
        found = of_run(trails)

        def whole() -> list[int]:
            return [row.step for row in list(found.rows) if row.before]

        while len(whole()) < trail.FEW:
            live.look(PictureRequest("steps"))
        steps = whole()
        assert any(after == before + 1 for before, after in pairwise(steps))


def test_a_restart_begins_anew(tmp_path: Path, trails: list[Trail]) -> None:
    with Live(write(tmp_path, FULL)) as live:
        live.ready()
        live.do(Step("step", 3))
        live.until(lambda s: s.step == 3 and s.status == "paused")
        found = of_run(trails)
        start = {name: value.clone() for name, value in found.start.items()}
        live.do(Restart())
        assert found.rows == []
        assert all(torch.equal(found.start[name], value) for name, value in start.items())


def test_of_a_larger_model_the_norms_are_kept(tmp_path: Path, trails: list[Trail]) -> None:
    text = (
        LINE
        + "settings.update(valid=0.0, batch_size=10)\ndef loss(p, y): return (p - y).abs().mean()\n"
    )
    with Live(write(tmp_path, text), settings={"width": "40"}) as live:
        live.ready()
        live.do(Step("step", 2))
        live.until(lambda s: s.step == 2 and s.status == "paused")
        rows = next(found for found in trails if found.rows).rows
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 40), nn.Linear(40, 1))
    x = torch.linspace(-1, 1, 10)[:, None]
    for row in rows[-1:]:
        for _ in range(row.step):
            model.zero_grad()
            (model(x) - (2 * x + 1)).abs().mean().backward()
            slope = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()  # type: ignore[union-attr]
            with torch.no_grad():
                for p in model.parameters():
                    p -= 0.1 * p.grad  # type: ignore[operator]
        assert (row.before, row.after, row.gradient) == (trail.array("d"),) * 3
        assert row.slope == pytest.approx(slope, rel=1e-5)
        assert row.change == pytest.approx(0.1 * slope, rel=1e-4)


def test_old_rows_are_thinned_and_the_newest_kept() -> None:
    kept = Trail()
    kept.most = 100
    empty = trail.array("d")
    for step in range(1, 1001):
        kept._keep(Row(step, 0.0, 0.1, 0.0, None, empty, empty, empty, (), ()))  # pyright: ignore
    steps = [row.step for row in kept.rows]
    assert len(steps) <= 100
    assert steps[0] == 1
    assert steps == sorted(set(steps))
    assert steps[-40:] == list(range(961, 1001))


def test_which_examples_are_noted() -> None:
    assert examples(20) == [0, 10, 19]
    assert examples(2) == [0, 1]
    assert examples(1) == [0]
    assert examples(0) == []
