"""What one entrant of a comparison measured, and how a replica follows the run."""

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from foghill.engine.callbacks.comparison.entrants import Event, Runner, Standing, windowed
from foghill.engine.training.reconfigure import turn
from foghill.engine.training.replica import Replica
from hypothesis import given
from hypothesis import strategies as st
from plain import REGRESSION, RESTLESS, measured, take, training

Kept = dict[str, dict[int, float]]


def runner(folder: Path, source: str = RESTLESS, **changes: float) -> tuple[Runner, Kept]:
    """A replica that follows a run, and what it kept."""
    kept: Kept = {}

    def keep(name: str, steps: object, values: object) -> None:
        kept.setdefault(name, {}).update(zip(steps, values, strict=True))  # type: ignore[call-overload]

    t = training(folder, source)
    return Runner(Replica.fork(t, changes, "other"), keep), kept


def arrive(one: Runner, step: int) -> None:
    while one.behind(step):
        one.go_on(step)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=40), st.integers(1, 12), st.data())
def test_the_best_mean_is_the_same_in_whatever_portions_losses_come(
    losses: list[float], window: int, data: st.DataObject
):
    standing = Standing("one", SimpleNamespace(steps_per_epoch=window, step=0))  # type: ignore
    done = 0
    while done < len(losses):
        size = data.draw(st.integers(1, len(losses) - done))
        done += size
        standing.noted(done, losses[done - size : done])
    means = [math.fsum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    if not means:
        assert standing.best is None
        return
    assert standing.best == pytest.approx(min(means))
    assert standing.loss == pytest.approx(means[-1])
    assert means[standing.best_step - window] == pytest.approx(min(means))


def test_a_huge_loss_does_not_spoil_the_means_after_it():
    assert windowed([1e30, 0.25, 0.75, 0.5], 2)[1:] == [0.5, 0.625]
    assert windowed([1.0, 2.0], 3) == []


def test_it_keeps_every_loss_under_its_step(tmp_path: Path):
    one, kept = runner(tmp_path, lr=0.05)
    arrive(one, 4)
    arrive(one, 11)
    alone = take(training(tmp_path, RESTLESS, lr=0.05), 11)
    assert kept["loss · other"] == dict(enumerate(alone, 1))
    assert one.standing.step == one.replica.step == 11


def test_it_does_at_each_step_what_the_run_did_there(tmp_path: Path):
    one, kept = runner(tmp_path, lr=0.05)
    one.todo.extend([Event(3), Event(5, {"dropout": 0.0, "lr": 0.9}), Event(8)])
    arrive(one, 10)
    alone = training(tmp_path, RESTLESS, lr=0.05)
    losses = take(alone, 3)
    valid = {3: measured(alone)["valid_loss"]}
    losses += take(alone, 2)
    turn(alone, {"dropout": 0.0})
    losses += take(alone, 3)
    valid[8] = measured(alone)["valid_loss"]
    losses += take(alone, 2)
    assert list(kept["loss · other"].values()) == losses
    assert kept["valid_loss · other"] == valid
    assert one.standing.best_valid == min(valid.values())
    assert "valid_accuracy" in one.standing.metrics


def test_its_own_patience_ends_it_with_its_best(tmp_path: Path):
    one, _ = runner(tmp_path, lr=5.0, patience=1)
    one.todo.extend(Event(step) for step in range(1, 30))
    arrive(one, 30)
    assert one.replica.stopped.startswith("no improvement in 1 validations; best ")
    assert not one.behind(30)
    assert one.standing.patience.best_step < one.replica.step


def test_a_loss_that_is_not_finite_is_history_but_no_mean(tmp_path: Path):
    one, kept = runner(tmp_path, REGRESSION, lr=1e30)
    arrive(one, 20)
    last = max(kept["loss · other"])
    assert not math.isfinite(kept["loss · other"][last])
    assert one.standing.step == last - 1
    assert one.replica.stopped


def test_one_that_has_stopped_expects_nothing_more(tmp_path: Path):
    one, _ = runner(tmp_path, lr=0.05)
    one.expect(Event(3))
    one.replica.stop("it was enough")
    for step in range(3, 300):
        one.expect(Event(step))
    assert len(one.todo) == 1


def test_what_is_expected_is_done_in_the_order_of_steps(tmp_path: Path):
    one, _ = runner(tmp_path)
    for event in (Event(2), Event(3, {"lr": 0.1}), Event(2, {"lr": 0.2}), Event(3), Event(4, {})):
        one.expect(event)
    assert [event.step for event in one.todo] == [2, 2, 3, 3]
    assert one.todo[1].turned == {"lr": 0.2}
    one.hurry(2)
    assert [(e.step, e.turned) for e in one.todo][2:] == [(2, {"lr": 0.1}), (2, None)]
