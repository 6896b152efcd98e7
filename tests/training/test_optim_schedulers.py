"""A learning rate turned by hand under torch's schedulers, against plain loops that do the same."""

from collections.abc import Callable
from typing import Any

import pytest
from foghill.engine.training.optim import adopt
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

from training.test_optim import descend, gradients, network, same

SCHEDULERS: dict[str, Callable[[Optimizer], Any]] = {
    "LambdaLR": lambda o: LambdaLR(o, lambda step: 0.95**step),
    "warm-up": lambda o: LambdaLR(o, lambda step: min(1.0, step / 10)),
    "StepLR": lambda o: StepLR(o, 4, 0.5),
    "MultiStepLR": lambda o: MultiStepLR(o, [3, 9], 0.3),
    "ExponentialLR": lambda o: ExponentialLR(o, 0.9),
    "CosineAnnealingLR": lambda o: CosineAnnealingLR(o, 20),
    "CosineAnnealingWarmRestarts": lambda o: CosineAnnealingWarmRestarts(o, 7),
    "OneCycleLR": lambda o: OneCycleLR(o, 0.2, total_steps=60),
    "CyclicLR": lambda o: CyclicLR(o, 0.01, 0.1, step_size_up=5),
    "SequentialLR": lambda o: SequentialLR(o, [LinearLR(o, 0.1), ExponentialLR(o, 0.9)], [5]),
    "ChainedScheduler": lambda o: ChainedScheduler([LinearLR(o, 0.1), ExponentialLR(o, 0.9)]),
    "ReduceLROnPlateau": lambda o: ReduceLROnPlateau(o, factor=0.5, patience=1),
}


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("factor", [1.0, 2.0, 0.25, 0.0])
def test_lr_acts_under_every_scheduler_and_never_contaminates_it(name: str, factor: float):
    model, plain = network(), network()
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.5)
    descent = adopt((optimizer, SCHEDULERS[name](optimizer)))
    other = SGD(plain.parameters(), lr=0.1, momentum=0.5)
    scheduler = SCHEDULERS[name](other)
    start = descent.number("lr")
    assert isinstance(start, float)
    for step in range(40):
        if step == 6:
            descent.turn("lr", start * factor)
        if step == 30:
            descent.turn("lr", start)
        acts = (start * factor) / start if 6 <= step < 30 else 1.0
        loss = gradients(plain)
        lrs = [group["lr"] for group in other.param_groups]
        assert optimizer.param_groups[0]["lr"] == lrs[0]  # as the scheduler left it
        assert descent.effective("lr") == lrs[0] * acts
        for group in other.param_groups:
            group["lr"] *= acts
        other.step()
        for group, lr in zip(other.param_groups, lrs, strict=True):
            group["lr"] = lr
        scheduler.step(loss.detach()) if name == "ReduceLROnPlateau" else scheduler.step()
        descend(model, descent, 1, step)
    assert same(model, plain)


def test_lr_under_a_scheduler_survives_an_update_that_raised():
    model = network()
    optimizer = SGD(model.parameters(), lr=0.1)
    descent = adopt((optimizer, StepLR(optimizer, 1, 0.5)))
    descent.turn("lr", 0.2)
    descend(model, descent, 1)

    def stumble(*_: object) -> None:
        raise RuntimeError("stumbled")

    stumbling = optimizer.register_step_pre_hook(stumble)  # after ours
    with pytest.raises(RuntimeError, match="stumbled"):
        optimizer.step()
    stumbling.remove()
    descend(model, descent, 1, 1)
    assert optimizer.param_groups[0]["lr"] == 0.1 * 0.5 * 0.5


@pytest.mark.parametrize("name", [n for n in SCHEDULERS if n != "ReduceLROnPlateau"])
def test_an_optimizer_called_again_keeps_state_and_schedule(name: str):
    model, plain = network(), network()

    def made(parameters: Any) -> tuple[Optimizer, Any]:
        optimizer = SGD(parameters, lr=0.1, momentum=0.9)
        return optimizer, SCHEDULERS[name](optimizer)

    descent, other = adopt(made(list(model.parameters()))), adopt(made(list(plain.parameters())))
    descend(model, descent, 13)
    again = adopt(made(list(model.parameters())))
    assert again.take_over(descent)
    descend(model, again, 13, 13)
    descend(plain, other, 26)
    assert same(model, plain)
