"""finetune: a head start on new data, paid with what was known; old examples keep it."""

from functools import cache

import pytest
import torch
from torch import Tensor, nn

from lessons.plain import Trained, experiment, trained
from lessons.seeds import promise

AT = (0, 20, 50, 200)


@cache
def read(seed: int, train: str, **settings: object) -> dict[int, tuple[float, float]]:
    """What is read of the old and of the new digits after some numbers of steps."""
    found: dict[int, tuple[float, float]] = {}

    def look(run: Trained) -> None:
        if len(run.losses) in AT:
            x, y = run.parts[1]
            with torch.no_grad():
                right = (run.model(x).argmax(1) == y).float()
            found[len(run.losses)] = right[y < 5].mean().item(), right[y > 4].mean().item()

    trained("finetune", seed, train=train, look=look, **settings)
    return found


@promise()
def test_the_trained_net_is_ahead_after_twenty_steps(seed: int):
    assert read(seed, "all")[20][1] > read(seed, "scratch")[20][1]


@promise()
def test_by_step_200_from_scratch_has_caught_up(seed: int):
    assert read(seed, "scratch")[200][1] > read(seed, "all")[200][1] - 0.1
    for train in ("scratch", "all", "last"):
        assert read(seed, train)[200][1] > 0.6


@promise()
def test_what_was_known_is_forgotten_within_fifty_steps(seed: int):
    assert read(seed, "all")[0][0] > 0.8
    assert read(seed, "all")[50][0] < 0.1
    assert read(seed, "last")[20][0] > read(seed, "all")[20][0] - 0.02
    assert read(seed, "last")[200][0] < 0.1


@promise()
def test_ten_old_examples_keep_most_of_it(seed: int):
    assert read(seed, "all", kept=10)[200][0] > 0.5
    assert read(seed, "all", kept=10)[200][1] > 0.6


@promise()
def test_with_ten_times_the_examples_nothing_is_left_of_the_head_start(seed: int):
    scratch, trained_net = (read(seed, train, examples=300) for train in ("scratch", "all"))
    assert abs(scratch[200][1] - trained_net[200][1]) < 0.03


@promise()
def test_shorter_steps_forget_more_slowly(seed: int):
    assert read(seed, "all", lr=2e-4)[50][0] > read(seed, "all")[50][0] + 0.2
    assert read(seed, "all", lr=2e-4)[50][1] < read(seed, "all")[50][1]


@pytest.mark.parametrize(("train", "moved"), [("scratch", 6090), ("all", 6090), ("last", 1290)])
def test_these_weights_move_and_no_others(train: str, moved: int):
    before: list[Tensor] = []

    def look(run: Trained) -> None:
        if not run.losses:
            before.extend(p.detach().clone() for p in run.model.parameters())

    run = trained("finetune", 0, 5, train=train, look=look)
    after = list(run.model.parameters())
    assert sum(p.numel() for p in after if p.requires_grad) == moved
    for was, now in zip(before, after, strict=True):
        assert torch.equal(was, now) != now.requires_grad


def test_what_is_frozen_has_no_gradient_left_from_what_it_learned_before():
    e = experiment("finetune", train="last")
    model: nn.Module = e.call("model")
    assert all(p.grad is None for p in model.parameters())


def test_all_and_last_start_from_the_same_trained_weights():
    def start(train: str) -> list[Tensor]:
        e = experiment("finetune", train=train)
        torch.manual_seed(3)
        model: nn.Module = e.call("model")
        return [p.detach() for p in model.parameters()]

    all_, last, scratch = start("all"), start("last"), start("scratch")
    assert all(map(torch.equal, all_, last))
    assert not any(map(torch.equal, all_, scratch))


def test_metrics_tell_old_from_new():
    e = experiment("finetune")
    target = torch.tensor([0, 1, 4, 5, 9])
    prediction = nn.functional.one_hot(torch.tensor([0, 1, 5, 5, 4]), 10).float()
    found = e.call("metrics", prediction, target)
    assert {name: pytest.approx(value.item()) for name, value in found.items()} == {
        "new": 1 / 2,
        "old": 2 / 3,
    }
    assert list(e.call("metrics", prediction[3:], target[3:])) == ["new"]


def test_its_data_has_new_digits_and_as_many_old_ones_as_are_kept():
    e = experiment("finetune", kept=7)
    (x, y), (held_out, digit) = e.call("data")
    assert len(x) == 37
    assert (y[:30] > 4).all()
    assert (y[30:] < 5).all()
    assert len(digit) == 600
    assert set(digit.tolist()) == set(range(10))
    known = {image.numpy().tobytes() for image in held_out}
    assert not any(image.numpy().tobytes() in known for image in x)
