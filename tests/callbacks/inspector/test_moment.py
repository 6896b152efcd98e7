"""What is kept of one observed step."""

from pathlib import Path

import pytest
import torch
from foghill.engine.callbacks.inspector.moment import Moment, own_state
from foghill.engine.training.loop import train
from foghill.engine.training.training import Training
from lessons.plain import experiment


def of(lesson: str) -> Training:
    found = experiment(lesson)
    return Training(found, lesson=True, set_by_hand=found.settings)


@pytest.fixture
def training() -> Training:
    return of("parabola")


def taken(t: Training, steps: int) -> Moment:
    """The moment of the last of so many steps."""
    loop, moment = train(t), Moment(t)
    for _ in range(steps):
        moment, before = Moment(t), [p.detach().clone() for p in t.parameters]
        for _ in range(6):
            phase = next(loop)
            if phase == "update":
                moment.before = before
            moment.took(t, phase)
    return moment


def test_it_keeps_copies_that_later_steps_do_not_change(training: Training) -> None:
    moment = taken(training, 1)
    kept = [tensor.clone() for tensor in (*moment.after, *moment.gradients)]  # type: ignore[union-attr]
    taken(training, 3)
    assert all(map(torch.equal, kept, (*moment.after, *moment.gradients)))  # type: ignore[arg-type]
    assert moment.step == 1
    assert [a.item() - b.item() for a, b in zip(moment.after, moment.before, strict=True)] == (
        pytest.approx([-1e-5 * g.item() for g in moment.gradients], rel=1e-3)  # type: ignore[union-attr]
    )


def test_gradients_of_the_step_before_are_those_before_zero(training: Training) -> None:
    first, second = taken(training, 1), taken(training, 1)
    assert first.old == [None, None, None]
    assert [g.item() for g in second.old] == [g.item() for g in first.gradients]  # type: ignore[union-attr]
    assert second.kept is False


def test_every_number_of_a_tiny_model_is_picked_and_the_steepest_of_others(
    training: Training,
) -> None:
    assert taken(training, 1).picked == [(0, 0), (1, 0), (2, 0)]
    moment = taken(of("digits"), 1)
    ((place, i),) = moment.picked
    gradients = [g for g in moment.gradients if g is not None]
    steepest = max(g.abs().max().item() for g in gradients)
    assert abs(gradients[place].reshape(-1)[i].item()) == steepest


def test_a_numbers_own_state_is_its_own() -> None:
    state = {
        "step": torch.tensor(3.0),
        "exp_avg": torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
        "x": None,
    }
    assert own_state(state, 2) == {"step": 3.0, "exp_avg": 3.0}


def test_of_a_huge_model_nothing_is_copied(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foghill.engine.callbacks.inspector.moment.COPIED", 2)
    moment = taken(training, 1)
    assert moment.gradients == moment.after == moment.old == []
    assert moment.loss > 0


def test_the_gradient_before_clipping_and_how_long_it_was(training: Training) -> None:
    training.clip = 10.0
    moment = taken(training, 1)
    found = torch.stack([g for g in moment.unclipped if g is not None])
    used = torch.stack([g for g in moment.used if g is not None])
    length = torch.linalg.vector_norm(found).item()
    assert moment.clipped
    assert moment.norm == pytest.approx(length)
    assert torch.allclose(used, found * 10 / (length + 1e-6))
    training.clip = 1e9
    assert not taken(training, 1).clipped
    training.clip = 0.0
    assert taken(training, 1).norm is None


def test_the_slope_of_a_loss_is_without_the_gradients_that_were_kept(training: Training) -> None:
    training.zero_grad = False
    taken(training, 1)
    moment = taken(training, 1)
    pairs = zip(moment.gradients, moment.old, strict=True)
    assert moment.kept
    assert [s.item() for s in moment.slopes] == [(g - o).item() for g, o in pairs]  # type: ignore


def test_where_a_batch_comes_from(tmp_path: Path) -> None:
    moment = taken(of("digits"), 2)
    assert "examples: numbers 65 to 128 of" in moment.where
    assert moment.whole is False
