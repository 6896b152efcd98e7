"""Optimizers turned by hand, against plain loops that do the same."""

import math
from typing import Any

import pytest
import torch
from foghill.engine.training.optim import (
    BUILT_IN,
    Descent,
    adopt,
    build,
    carry_state,
    cosine,
    torch_defaults,
)
from torch import nn
from torch.optim import SGD, Adam, RMSprop
from torch.optim.lr_scheduler import (
    StepLR,
)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


X = torch.randn(16, 3, generator=torch.Generator().manual_seed(1))


def gradients(model: nn.Module) -> torch.Tensor:
    model.zero_grad()
    loss = model(X).square().mean()
    loss.backward()
    return loss


def descend(model: nn.Module, descent: Descent, steps: int, first: int = 0) -> None:
    for step in range(first, first + steps):
        loss = gradients(model)
        descent.before_update(step)
        descent.optimizer.step()
        descent.after_update(loss)


def groups(model: nn.Sequential, **numbers: Any) -> list[dict[str, Any]]:
    first, second = list(model[0].parameters()), list(model[2].parameters())
    return [{"params": first}, {"params": second, **numbers}]


def same(one: nn.Module, two: nn.Module) -> bool:
    return all(map(torch.equal, one.parameters(), two.parameters()))


@pytest.mark.parametrize("name", BUILT_IN)
def test_knobs_nobody_set_are_torchs_defaults(name: str):
    plain = BUILT_IN[name]([torch.ones(1)]).defaults
    assert torch_defaults(name) == {k: plain[k] for k in torch_defaults(name)}
    assert set(torch_defaults(name)) == {"lr", "momentum", "nesterov", "weight_decay"} & set(plain)


def test_groups_keep_their_proportions_and_come_back_exactly():
    model = network()
    own = groups(model, lr=0.03, weight_decay=0.0, momentum=0.7)
    descent = adopt(SGD(own, lr=0.1, weight_decay=0.01, momentum=0.9))
    before = [{k: v for k, v in g.items() if k != "params"} for g in descent.optimizer.param_groups]
    descent.turn("lr", 0.2)
    descent.turn("weight_decay", 0.02)
    first, second = descent.optimizer.param_groups
    assert (first["lr"], second["lr"]) == (0.2, 0.03 * (0.2 / 0.1))
    assert (first["weight_decay"], second["weight_decay"]) == (0.02, 0.0)
    for name, values in (("lr", (0.0, 0.3, 0.1)), ("weight_decay", (0.0, 0.01)),
                         ("momentum", (0.0, 0.9)), ("nesterov", (True, False))):  # fmt: skip
        for value in values:
            descent.turn(name, value)
    after = [{k: v for k, v in g.items() if k != "params"} for g in descent.optimizer.param_groups]
    assert after == before


def test_a_first_group_at_zero_does_not_pull_the_others_along():
    descent = adopt(SGD(groups(network(), weight_decay=0.1), lr=0.1))
    descent.turn("weight_decay", 0.5)
    assert [g["weight_decay"] for g in descent.optimizer.param_groups] == [0.5, 0.1]
    descent.turn("weight_decay", 0.0)
    assert [g["weight_decay"] for g in descent.optimizer.param_groups] == [0.0, 0.1]


def test_the_cosine_is_that_of_the_paper():
    assert [cosine(t, 4) for t in range(6)] == [
        0.5 * (1 + math.cos(math.pi * min(t, 4) / 4)) for t in range(6)
    ]
    assert (cosine(0, 7), cosine(7, 7), cosine(700, 7)) == (1.0, 0.0, 0.0)


def test_a_cosine_keeps_the_proportions_of_groups_and_gives_lr_back():
    model, plain = network(), network()
    descent = adopt(SGD(groups(model, lr=0.03), lr=0.1))
    other = SGD(groups(plain, lr=0.03), lr=0.1)
    descent.schedule(20)
    descent.turn("lr", 0.05)
    for step in range(12):
        for group, lr in zip(other.param_groups, (0.05, 0.03 * (0.05 / 0.1)), strict=True):
            group["lr"] = lr * 0.5 * (1 + math.cos(math.pi * step / 20))
        gradients(plain)
        other.step()
    descend(model, descent, 12)
    assert same(model, plain)
    assert descent.number("lr") == 0.05
    descent.schedule(0)
    assert [g["lr"] for g in descent.optimizer.param_groups] == [0.05, 0.03 * (0.05 / 0.1)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_numbers_turned_live_act_as_if_written_into_the_groups(name: str):
    model, plain = network(), network()
    values = {
        "optimizer": name,
        "momentum": 0.0,
        "nesterov": False,
        "weight_decay": 0.0,
        "lr": 0.01,
    }
    descent = build(list(model.parameters()), values)
    other = BUILT_IN[name](plain.parameters(), lr=0.01, weight_decay=0.0)
    if name == "rmsprop":  # torch makes its buffer only where momentum is on from the start
        other = RMSprop(plain.parameters(), lr=0.01, momentum=1e-300)
        other.param_groups[0]["momentum"] = 1e-300
    turns = [{"lr": 0.02}, {"momentum": 0.9, "weight_decay": 0.1}, {"nesterov": True}, {"lr": 0.0}]
    step = 0
    for numbers in turns:
        for key, value in numbers.items():
            descent.turn(key, value)
            if key in other.param_groups[0]:
                other.param_groups[0][key] = value
        descend(model, descent, 5, step)
        step += 5
        for _ in range(5):
            gradients(plain)
            other.step()
        if name != "rmsprop":
            assert same(model, plain)
    assert all(torch.isfinite(p).all() for p in model.parameters())


def test_rmsprop_gets_momentum_on_the_way():
    """torch raises `KeyError: momentum_buffer` there; the buffer begins at 0, as it would have."""
    model, plain = network(), network()
    descent = build(list(model.parameters()), torch_defaults("rmsprop") | {"optimizer": "rmsprop"})
    other = RMSprop(plain.parameters())
    descend(model, descent, 3)
    for _ in range(3):
        gradients(plain)
        other.step()
    descent.turn("momentum", 0.9)
    other.param_groups[0]["momentum"] = 0.9
    for parameter in plain.parameters():
        other.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    descend(model, descent, 5, 3)
    for _ in range(5):
        gradients(plain)
        other.step()
    assert same(model, plain)


def test_amsgrad_turned_on_by_a_second_call_has_its_buffer():
    model = network()
    parameters = list(model.parameters())
    descent = adopt(Adam(parameters))
    descend(model, descent, 3)
    again = adopt(Adam(parameters, amsgrad=True))
    assert again.take_over(descent)
    descend(model, again, 3, 3)
    assert again.optimizer.state[parameters[0]]["step"] == 6


def test_another_class_or_other_groups_start_fresh():
    model = network()
    descent = adopt(SGD(list(model.parameters()), lr=0.1, momentum=0.9))
    descend(model, descent, 2)
    assert not adopt(Adam(list(model.parameters()))).take_over(descent)
    regrouped = adopt(SGD(groups(model), lr=0.1, momentum=0.9))
    assert not regrouped.take_over(descent)
    assert not regrouped.optimizer.state


def test_carried_state_is_a_copy():
    one, two = network(), network()
    first, second = Adam(one.parameters()), Adam(two.parameters())
    gradients(one)
    first.step()
    pairs = dict(zip(two.parameters(), one.parameters(), strict=True))
    assert carry_state(first, second, pairs.get)
    kept = {p: second.state[p]["exp_avg"].clone() for p in second.state}
    gradients(one)
    first.step()
    assert all(torch.equal(second.state[p]["exp_avg"], was) for p, was in kept.items())
    assert len(kept) == 4
    assert not carry_state(first, SGD(two.parameters()), pairs.get)


def test_state_and_restore_bring_back_what_was_turned():
    model = network()
    optimizer = SGD(list(model.parameters()), lr=0.1)
    descent = adopt((optimizer, StepLR(optimizer, 2)))
    descend(model, descent, 3)
    descent.turn("lr", 0.3)
    state = descent.state()
    descent.turn("lr", 0.7)
    descent.restore(state)
    assert descent.number("lr") == 0.3
    assert descent.effective("lr") == 0.1 * 0.1 * (0.3 / 0.1)


@pytest.mark.parametrize("returned", [None, 3, ["x", "y"], nn.Linear(1, 1)])
def test_what_is_no_optimizer_is_refused(returned: Any):
    with pytest.raises(ValueError, match="must return a torch optimizer or"):
        adopt(returned)


def test_numbers_an_optimizer_does_not_have_read_as_none():
    descent = adopt(Adam(network().parameters()))
    descent.turn("momentum", 0.5)
    assert (descent.effective("momentum"), descent.number("momentum")) == (None, None)
    assert "momentum" not in descent.optimizer.param_groups[0]
