"""Trials of other learning rates against a plain loop, and against a run that had none."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.coach.copies import examples
from foghill.engine.callbacks.coach.look import look
from foghill.engine.callbacks.coach.trial import (
    EVERY,
    FACTORS,
    FEWEST,
    LATER,
    STEPS,
    _swing,
    anew,
    trial,
)
from foghill.engine.training.copies import copied
from plain import RESTLESS, differing, drawn, everything, take, training
from torch import nn
from training.test_items import NOISY


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_each_factor_is_a_plain_run_from_here(tmp_path: Path, momentum: float):
    """All data in one batch: the mean of what is measured in the later half of so many steps."""
    t = training(tmp_path, batch_size=50, lr=0.05, momentum=momentum)
    take(t, 10)
    found = trial(t, examples(t)[0], 60.0)
    assert found is not None
    assert found.steps == STEPS
    x, y = t.parts.train.fields  # type: ignore[union-attr]
    for factor in FACTORS:
        twin = training(tmp_path, batch_size=50, lr=0.05, momentum=momentum)
        take(twin, 10)
        twin.optimizer.param_groups[0]["lr"] = 0.05 * factor
        seen: list[float] = []
        for step in range(1, STEPS + 1):
            take(twin, 1)
            if step > STEPS // 2 and step % EVERY == 0:
                with torch.no_grad():
                    seen.append(nn.functional.mse_loss(twin.model(x), y[:, None]).item())
        assert found.after[factor] == pytest.approx(sum(seen) / len(seen), rel=1e-4)
        assert found.fall(factor) == pytest.approx(1 - found.after[factor] / found.before)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("taken", [30, 300])
def test_anew_is_a_plain_run_from_the_start_at_a_tenth_of_the_rate(
    tmp_path: Path, optimizer: str, taken: int
):
    """All data in one batch: the mean of what is measured in the last quarter of as many steps."""
    t = training(tmp_path, batch_size=50, lr=0.3, optimizer=optimizer)
    origin = copied(t.model)
    take(t, taken)
    found = anew(t, origin, 0, 60.0)
    assert found is not None
    assert (found.since, found.steps) == (0, min(taken, LATER))
    twin = training(tmp_path, batch_size=50, lr=0.03, optimizer=optimizer)
    x, y = twin.parts.train.fields  # type: ignore[union-attr]
    seen: list[float] = []
    for step in range(1, found.steps + 1):
        take(twin, 1)
        if step > found.steps * 3 // 4 and (step % EVERY == 0 or step == found.steps):
            with torch.no_grad():
                seen.append(nn.functional.mse_loss(twin.model(x), y[:, None]).item())
    assert found.loss == pytest.approx(sum(seen) / len(seen), rel=1e-4)


def test_anew_has_no_gradients_of_the_run_in_it(tmp_path: Path):
    t = training(tmp_path, batch_size=50, lr=1e-3, zero_grad="off")
    origin = copied(t.model)
    take(t, 20)
    found = anew(t, origin, 0, 60.0)
    twin = training(tmp_path, batch_size=50, lr=1e-4, zero_grad="off")
    take(twin, 20)
    x, y = twin.parts.train.fields  # type: ignore[union-attr]
    with torch.no_grad():
        last = nn.functional.mse_loss(twin.model(x), y[:, None]).item()
    assert found is not None
    assert found.loss == pytest.approx(last, rel=0.05)  # that of step 16 is not in the last quarter


def test_too_little_time_or_too_few_steps_are_no_anew(tmp_path: Path):
    t = training(tmp_path, batch_size=50)
    origin = copied(t.model)
    take(t, FEWEST - 1)
    assert anew(t, origin, 0, 60.0) is None
    take(t, 20)
    assert anew(t, origin, 0, 60.0) is not None
    assert anew(t, origin, 25, 60.0) is None
    assert anew(t, origin, 0, 0.0) is None


def test_training_goes_on_bit_for_bit(tmp_path: Path):
    plain = training(tmp_path, RESTLESS, batch_size=8)
    losses, state = take(plain, 10), everything(plain)
    tried = training(tmp_path, RESTLESS, batch_size=8)
    origin, found = copied(tried.model), take(tried, 8)
    before = drawn()
    assert trial(tried, examples(tried)[0], 60.0) is not None
    assert anew(tried, origin, 0, 60.0) is not None
    assert differing(before, drawn()) == []
    assert found + take(tried, 2) == losses
    assert differing(everything(tried), state) == []


def test_what_runs_away_wins_nothing(tmp_path: Path):
    t = training(tmp_path, batch_size=50, lr=30.0)
    found = trial(t, examples(t)[0], 60.0)
    assert found is not None
    assert found.after[10.0] > 10 * found.before
    assert found.fall(10.0) < 0


def test_gradients_pile_up_in_a_trial_where_they_do_in_the_run(tmp_path: Path):
    """Without zero_grad the first step of a trial has the run's own gradient in it."""
    kept = training(tmp_path, batch_size=50, lr=1e-3, zero_grad="off")
    take(kept, 20)
    found = trial(kept, examples(kept)[0], 60.0)
    assert found is not None
    x, y = kept.parts.train.fields  # type: ignore[union-attr]
    seen: list[float] = []
    for step in range(1, STEPS + 1):
        take(kept, 1)
        if step > STEPS // 2 and step % EVERY == 0:
            with torch.no_grad():
                seen.append(nn.functional.mse_loss(kept.model(x), y[:, None]).item())
    assert found.after[1.0] == pytest.approx(sum(seen) / len(seen), rel=1e-4)


def test_data_that_must_be_fetched_are_not_tried(tmp_path: Path):
    t = training(tmp_path, NOISY)
    assert trial(t, None, 60.0) is None


def test_too_little_time_is_no_trial(tmp_path: Path):
    t = training(tmp_path, batch_size=50)
    assert trial(t, examples(t)[0], 0.0) is None


def test_a_swing_goes_up():
    assert _swing([4.0, 2.0, 1.0, 0.1]) == 1
    assert _swing([4.0, 1.0, 3.0, 2.0]) == 3


def test_the_fewest_steps_that_say_something_may_take_a_little_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    clock = iter(range(10_000))  # a second at each look at the clock
    monkeypatch.setattr(
        "foghill.engine.callbacks.coach.trial.time.thread_time", lambda: float(next(clock))
    )
    t = training(tmp_path, batch_size=50)
    found = trial(t, examples(t)[0], 12.0)
    assert found is not None
    assert found.steps == FEWEST


def test_batch_norm_and_dropout_are_measured_as_in_a_look(tmp_path: Path):
    """By the batch's own statistics, nothing dropped: the two say the same of the same weights."""
    t = training(tmp_path, RESTLESS, batch_size=8)
    take(t, 5)
    found = look(t, 5.0)
    assert found is not None
    assert found.drawn
    assert found.trial is not None
    assert found.trial.before == pytest.approx(found.loss, rel=1e-4)
