"""The operations that a training's steps are made of: own steps and losses, augment, abandoning."""

from pathlib import Path

import pytest
import torch
from foghill.engine.experiment.experiment import UserError
from foghill.engine.training.losses import ShapeError
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    everything,
    functions,
    order,
    phases,
    take,
    training,
)

from training.test_training import OWN_LOSS, STEP


def test_a_step_of_ones_own_gets_dict_batches_and_names_its_losses(tmp_path: Path):
    t = training(tmp_path, STEP)
    file = functions(STEP)
    torch.manual_seed(0)
    rows = file["data"]()
    torch.manual_seed(0)
    model = file["model"]()
    descent = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(40):
        loss = take(t, 1)[0]
        first = step % 4 * 8
        index = order(0, step // 4, 30)[first : first + 8]
        parts = file["step"](model, {name: column[index] for name, column in rows.items()})
        total = parts["near"] + parts["small"]
        descent.zero_grad()
        total.backward()
        descent.step()
        assert loss == total.item()
        assert {name: part.item() for name, part in t.named.items()} == {
            name: part.item() for name, part in parts.items()
        }


def test_a_part_called_loss_does_not_hide_the_loss(tmp_path: Path):
    t = training(tmp_path, STEP.replace('"small"', '"loss"'))
    take(t, 1)
    assert list(t.named) == ["near", "own_loss"]


def test_a_step_may_return_one_loss(tmp_path: Path):
    source = STEP.replace('{"near": near, "small": pull * model.weight.square().sum()}', "near")
    t = training(tmp_path, source)
    assert take(t, 3)[2] > 0
    assert t.named == {}


def test_a_model_with_its_own_loss_needs_no_data_and_a_step_is_an_epoch(tmp_path: Path):
    t = training(tmp_path, OWN_LOSS)
    torch.manual_seed(0)
    model = functions(OWN_LOSS)["model"]()
    descent = torch.optim.SGD(model.parameters(), lr=1e-3)
    expected: list[float] = []
    for _ in range(40):
        loss = model()
        expected.append(loss.item())
        descent.zero_grad()
        loss.backward()
        descent.step()
    assert take(t, 40) == expected
    assert (t.feed.place.epoch, t.steps_per_epoch, t.end_step) == (40, 1, 40)


def test_augment_may_write_into_the_batch_without_touching_the_data(tmp_path: Path):
    for typed in ({}, {"batch_size": 8, "shuffle": "off"}, {"batch_size": 8}):
        t = training(tmp_path, RESTLESS, **({"batch_size": 1000} | typed))
        before = t.returned[0].clone(), t.parts.train.rows(100)[0].clone()
        take(t, 12)
        assert torch.equal(t.returned[0], before[0])
        assert torch.equal(t.parts.train.rows(100)[0], before[1])


def test_augment_changes_what_is_predicted_from(tmp_path: Path):
    t = training(tmp_path, RESTLESS, batch_size=1000, noise=0.0)
    file = functions(RESTLESS)
    torch.manual_seed(0)
    x, _ = file["data"]()
    phases(t, 1)
    held = order(0, -1, 50)[:15]
    kept = [row for row in range(50) if row not in set(held.tolist())]
    assert not torch.equal(t.batch[0], x[kept])
    assert torch.allclose(t.batch[0], x[kept], atol=0.03)


def test_a_step_that_is_abandoned_never_began(tmp_path: Path):
    def trained(disturbed: bool) -> tuple[list[float], list[tuple[str, bytes]]]:
        t = training(tmp_path, RESTLESS)
        losses = take(t, 7)
        for count in range(1, 6) if disturbed else ():
            phases(t, count)
            t.abandon_step()
        t.careful = False
        return losses + take(t, 13), everything(t)

    losses, state = trained(disturbed=True)
    expected, undisturbed = trained(disturbed=False)
    assert losses == expected
    assert not differing(state, undisturbed)


def test_an_abandoned_step_gives_piled_up_gradients_back(tmp_path: Path):
    t = training(tmp_path, REGRESSION, zero_grad="off", lr=1e-4)
    take(t, 3)
    before = everything(t)
    for _ in range(3):
        phases(t, 5)
        t.abandon_step()
    assert not differing(everything(t), before)


def test_buffers_that_a_model_replaces_are_put_back(tmp_path: Path):
    source = (
        REGRESSION
        + """
class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(3, 1)
        self.register_buffer("mean", torch.zeros(1), persistent=False)
    def forward(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x.mean().detach()
        return self.line(x) + self.mean

def model():
    return Counting()
"""
    )
    t = training(tmp_path, source)
    take(t, 3)
    before = t.model.mean.clone()
    phases(t, 2)
    assert not torch.equal(t.model.mean, before)
    t.abandon_step()
    assert torch.equal(t.model.mean, before)
    assert "mean" in dict(t.model.named_buffers())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (REGRESSION + "\ndef model():\n    return [1]\n", "must return a torch nn.Module"),
        (REGRESSION + "\ndef model():\n    return nn.ReLU()\n", "no parameter to train"),
        (REGRESSION + "\ndef loss(prediction, target):\n    return 1.0\n", "must be a tensor"),
        (
            REGRESSION
            + "\ndef loss(prediction, target):\n    return prediction - target[:, None]\n",
            "loss.. has shape 32×1; a loss must be a single number",
        ),
        (STEP.replace('"small": ', '"small": 2, "other": '), "small must be a tensor, not a int"),
        (STEP.replace("def step", "def other"), "batches are dicts with left, right"),
    ],
)
def test_what_cannot_be_trained_says_so(tmp_path: Path, source: str, said: str):
    with pytest.raises(ValueError, match=said):
        take(training(tmp_path, source), 1)


def test_a_loss_of_one_number_in_brackets_is_taken_as_it_is(tmp_path: Path):
    plain = REGRESSION + "\ndef loss(p, t):\n    return (p[:, 0] - t).square().mean()\n"
    wrapped = plain.replace(".mean()\n", ".mean()[None, None]\n")
    assert take(training(tmp_path, plain), 5) == take(training(tmp_path, wrapped), 5)


def test_what_the_file_raises_names_its_line(tmp_path: Path):
    with pytest.raises(UserError, match=r"loss\(\) raised KeyError"):
        take(training(tmp_path, REGRESSION + "\ndef loss(p, t):\n    return {}['x']\n"), 1)


def test_a_wrong_shape_is_an_error_and_never_broadcast(tmp_path: Path):
    source = REGRESSION.replace("nn.Linear(hidden, 1)", "nn.Linear(hidden, 2)")
    with pytest.raises(ShapeError, match="prediction has shape 32×2 but the target 32"):
        take(training(tmp_path, source), 1)
