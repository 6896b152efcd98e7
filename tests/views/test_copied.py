"""Copies that pictures differentiate and step: exact, and nothing of the training changes."""

from pathlib import Path

import pytest
import torch
from foghill.engine.training.copies import copied, gradients, with_optimizer
from foghill.engine.training.eval_mode import looking
from foghill.engine.training.objective import loss_of
from foghill.engine.views.examples import examples
from foghill.engine.views.subject import subject
from plain import REGRESSION, RESTLESS, differing, everything, phases, take, training
from training.test_training import OWN_LOSS


def test_the_gradient_is_that_of_the_step_and_grad_is_left_alone(tmp_path: Path):
    t = training(tmp_path, REGRESSION, batch_size=8)
    phases(t, 2)
    assert all(p.grad is None for p in t.parameters)
    fresh = gradients(t, t.batch)
    t.loss_of(t.prediction, t.target).backward()
    assert all(p.grad is not None for p in t.parameters)
    for (name, g), p in zip(fresh.items(), t.parameters, strict=True):
        torch.testing.assert_close(g, p.grad, msg=name)


def test_between_steps_it_is_all_data_and_inside_one_its_batch(tmp_path: Path):
    from dataclasses import replace

    t = training(tmp_path, REGRESSION, rows=3000, batch_size=8)
    seen = subject(t)
    assert examples(seen).said == "2,000 of 3,000 training examples"
    assert examples(seen, 10).count == 10
    phases(t, 1)
    inside = examples(replace(seen, phase=lambda: "batch"))
    assert (inside.count, inside.said) == (8, "the 8 examples of this step's batch")
    assert inside.batch is t.batch
    assert examples(subject(training(tmp_path, OWN_LOSS))).said == "the model's own loss"


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_the_copy_of_an_optimizer_takes_the_step_the_original_would(tmp_path: Path, optimizer: str):
    t = training(tmp_path, REGRESSION, optimizer=optimizer, lr=0.01, momentum=0.9)
    take(t, 3)
    phases(t, 5)  # up to backward
    model, twin = with_optimizer(t)
    for ours, theirs in zip(model.parameters(), t.parameters, strict=True):
        ours.grad = theirs.grad.clone()
    twin.step()
    t.update()
    for ours, theirs in zip(model.parameters(), t.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_nothing_of_the_training_changes(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    take(t, 3)
    before = everything(t)
    with looking(t.model):
        model, optimizer = with_optimizer(t)
        for p, g in zip(model.parameters(), gradients(t, t.batch).values(), strict=True):
            p.grad = g
        optimizer.step()
        with torch.enable_grad():
            loss_of(t, copied(t.model).train(), t.batch).backward()
    assert not differing(everything(t), before)
