"""Turning knobs on a living training: what is rebuilt, what is carried over."""

from pathlib import Path

import torch
from foghill.engine.training.reconfigure import effective, turn
from foghill.engine.training.sampler import Place
from foghill.engine.training.training import Training
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    dismiss,
    everything,
    functions,
    order,
    phases,
    seeded,
    take,
    training,
)
from torch import nn

from training.test_items import NOISY
from training.test_training import STEP

OWN_OPTIMIZER = (
    RESTLESS
    + """
def optimizer(parameters, beta: float = 0.9, amsgrad: bool = False, kind: str = "adam"):
    if kind == "groups":
        parameters = [{"params": parameters[:1], "lr": 0.5}, {"params": parameters[1:]}]
    descent = torch.optim.Adam(parameters, lr=0.01, betas=(beta, 0.99), amsgrad=amsgrad)
    return descent, torch.optim.lr_scheduler.OneCycleLR(descent, 0.1, 500, cycle_momentum=False)
"""
)


def trained(folder: Path, source: str = RESTLESS, steps: int = 5, **typed: object) -> Training:
    t = training(folder, source, **typed)
    take(t, steps)
    return t


def test_a_number_acts_at_the_next_step_as_if_written_into_the_optimizer(tmp_path: Path):
    t = trained(tmp_path, REGRESSION, 0, batch_size=50, lr=0.1)
    file = functions(REGRESSION)
    torch.manual_seed(0)
    x, y = file["data"]()
    torch.manual_seed(0)
    model = file["model"]()
    descent = torch.optim.SGD(model.parameters(), lr=0.1)
    turns = {3: ("lr", 0.3), 6: ("momentum", 0.9), 9: ("weight_decay", 0.1), 12: ("nesterov", True)}
    for step in range(20):
        if step in turns:
            name, value = turns[step]
            assert turn(t, {name: value}) == []
            assert effective(t, name) == value
            descent.param_groups[0][name] = value
        loss = nn.functional.mse_loss(model(x)[:, 0], y)
        descent.zero_grad()
        loss.backward()
        descent.step()
        assert take(t, 1) == [loss.item()]


def test_a_knob_of_the_loss_acts_at_the_next_phase(tmp_path: Path):
    t = trained(tmp_path, STEP, 2)
    phases(t, 2)
    turn(t, {"pull": 5.0})
    take(t, 1)
    assert t.named["small"].item() > 1e-3
    weights = t.model.weight.detach().square().sum()  # type: ignore[operator, union-attr]
    turn(t, {"pull": 0.0})
    take(t, 1)
    assert t.named["small"].item() == 0.0
    assert weights > 0


def test_a_loss_knob_changes_the_loss(tmp_path: Path):
    t = trained(tmp_path, REGRESSION, 0, batch_size=50)
    turn(t, {"loss": "mae"})
    with torch.no_grad():
        expected = nn.functional.l1_loss(t.model(t.returned[0])[:, 0], t.returned[1]).item()
    assert take(t, 1) == [expected]
    turn(t, {"loss": "auto"})
    assert effective(t, "loss") == "mse"


def test_data_is_rebuilt_at_once_weights_stay_and_the_pass_begins_again(tmp_path: Path):
    t = trained(tmp_path, RESTLESS, 7)
    before = dict(everything(t))
    assert turn(t, {"rows": 30}) == []
    after = dict(everything(t))
    assert [n for n in before if n.startswith((".model", ".opt")) and before[n] != after[n]] == []
    assert before[".generators.0"] == after[".generators.0"]
    assert (t.feed.size, t.feed.place) == (21, Place(1, 0))
    torch.manual_seed(0)
    assert torch.equal(t.returned[0], torch.randn(30, 3))


def test_valid_splits_again_without_calling_data(tmp_path: Path):
    t = trained(tmp_path, RESTLESS, 7)
    returned = t.returned
    turn(t, {"valid": 0.5})
    held = sorted(order(0, -1, 50)[:25].tolist())
    assert t.returned is returned
    assert torch.equal(t.parts.held_out.rows(99)[0], returned[0][held])  # type: ignore[union-attr]
    assert (t.feed.place, effective(t, "valid")) == (Place(1, 0), 0.5)


def test_a_model_turned_live_carries_over_all_that_fits(tmp_path: Path):
    t = trained(tmp_path, RESTLESS, 9)
    before = everything(t)
    assert turn(t, {"dropout": 0.1}) == ["all 9 tensors carried over"]
    assert t.model[3].p == 0.1  # type: ignore[index, union-attr]
    changed = {name for name in differing(before, everything(t)) if "by_hand" not in name}
    assert changed == {".values.dropout"}


def test_a_wider_layer_starts_fresh_and_says_so(tmp_path: Path):
    t = trained(tmp_path, RESTLESS, 9)
    last_bias = t.model[4].bias  # type: ignore[index, union-attr]
    old_state = {k: v.clone() for k, v in t.optimizer.state[last_bias].items()}
    kept = last_bias.detach().clone()
    (said,) = turn(t, {"width": 12})
    assert said == (
        "2 of 9 tensors carried over, fresh: 0.weight, 0.bias, 1.weight, 1.bias, "
        "1.running_mean, 1.running_var, 4.weight"
    )
    assert torch.equal(t.model[4].bias, kept)  # type: ignore[index, union-attr]
    state = t.optimizer.state[t.model[4].bias]  # type: ignore[index, union-attr]
    assert all(torch.equal(state[k], v) for k, v in old_state.items())
    assert t.model[0].weight not in t.optimizer.state  # type: ignore[index, union-attr]
    fresh = functions(RESTLESS)
    torch.manual_seed(0)
    assert torch.equal(t.model[0].weight, fresh["model"](width=12)[0].weight)  # type: ignore
    take(t, 3)


def test_gradients_that_pile_up_are_carried_over(tmp_path: Path):
    source = REGRESSION
    t = trained(tmp_path, source, 5, zero_grad="off", lr=1e-4)
    before = [p.grad.clone() for p in t.parameters if p.grad is not None]
    turn(t, {"dropout": 0.2})
    assert all(map(torch.equal, before, [p.grad for p in t.parameters]))
    assert len(before) == 4


def test_data_and_model_are_rebuilt_together(tmp_path: Path):
    source = REGRESSION.replace("rows: int = 50", "rows: int = 50, columns: int = 3").replace(
        "hidden: int = 8", "hidden: int = 8, columns: int = 3"
    )
    source = source.replace("randn(rows, 3)", "randn(rows, columns)").replace(
        "x @ torch.tensor([1.0, -2.0, 0.5])", "x.sum(1)"
    )
    t = trained(tmp_path, source.replace("nn.Linear(3,", "nn.Linear(columns,"))
    assert turn(t, {"columns": 5}) == ["3 of 4 tensors carried over, fresh: 0.weight"]
    take(t, 3)
    assert t.batch[0].shape[1] == 5


def test_an_optimizer_called_again_keeps_its_state_and_its_schedule(tmp_path: Path):
    turned, free = trained(tmp_path, OWN_OPTIMIZER), trained(tmp_path, OWN_OPTIMIZER)
    for t in (turned, free):
        seeded(1)
        if t is turned:
            assert turn(t, {"beta": 0.5}) == []
            assert t.optimizer.param_groups[0]["betas"] == (0.5, 0.99)
            assert turn(t, {"beta": 0.9}) == []
    seeded(1)
    found = take(turned, 9)
    seeded(1)
    assert take(free, 9) == found
    assert (
        turned.optimizer.state_dict()["param_groups"] == free.optimizer.state_dict()["param_groups"]
    )


def test_other_groups_start_fresh_and_say_so(tmp_path: Path):
    t = trained(tmp_path, OWN_OPTIMIZER)
    assert turn(t, {"kind": "groups"}) == ["Adam starts fresh"]
    assert len(t.optimizer.param_groups) == 2
    take(t, 2)


def test_a_number_that_needs_new_state_gets_it(tmp_path: Path):
    t = trained(tmp_path, OWN_OPTIMIZER)
    turn(t, {"amsgrad": True})
    take(t, 2)
    other = trained(tmp_path, RESTLESS, optimizer="rmsprop")
    turn(other, {"momentum": 0.9})
    take(other, 2)


def test_a_rebuilt_model_keeps_its_place_in_the_schedule(tmp_path: Path):
    t = trained(tmp_path, OWN_OPTIMIZER, 30)
    lr = t.optimizer.param_groups[0]["lr"]
    turn(t, {"dropout": 0.2})
    assert t.optimizer.param_groups[0]["lr"] == lr
    assert t.descent.scheduler.last_epoch == 30


def test_another_optimizer_takes_torchs_numbers_but_for_those_set(tmp_path: Path):
    t = trained(tmp_path, RESTLESS, optimizer="sgd", momentum=0.5)
    assert turn(t, {"optimizer": "adamw"}) == ["AdamW starts fresh"]
    assert (t.values["lr"], t.values["weight_decay"]) == (1e-3, 1e-2)
    turn(t, {"lr": 0.2})
    turn(t, {"optimizer": "sgd"})
    group = t.optimizer.param_groups[0]
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.2, 0.5, 0.0)


def test_lr_and_a_new_optimizer_at_once(tmp_path: Path):
    t = trained(tmp_path)
    turn(t, {"optimizer": "sgd", "lr": 0.7})
    assert (effective(t, "lr"), t.optimizer.param_groups[0]["lr"]) == (0.7, 0.7)


def test_a_model_and_a_new_optimizer_at_once(tmp_path: Path):
    t = trained(tmp_path)
    assert turn(t, {"optimizer": "sgd", "dropout": 0.1}) == [
        "all 9 tensors carried over; SGD starts fresh"
    ]


def test_precision_converts_at_once_and_back(tmp_path: Path):
    turned, free = trained(tmp_path), trained(tmp_path)
    seeded(1)
    expected = take(free, 5)
    seeded(1)
    turn(turned, {"precision": "bf16"})
    phases(turned, 2)
    assert turned.prediction.dtype == torch.bfloat16
    turned.abandon_step()
    turn(turned, {"precision": "fp32"})
    assert take(turned, 5) == expected


def test_seeds_wait_for_a_restart(tmp_path: Path):
    turned, free = trained(tmp_path), trained(tmp_path)
    turn(turned, {"seed": 5, "data_seed": 6})
    assert (effective(turned, "seed"), effective(turned, "data_seed")) == (0, 0)
    seeded(1)
    expected = take(free, 12)
    seeded(1)
    turn(turned, {"dropout": 0.4, "valid": 0.3})
    assert take(turned, 12) == expected
    turned.build()
    assert (effective(turned, "seed"), effective(turned, "data_seed")) == (5, 6)


def test_workers_change_nothing_in_the_middle_of_a_pass(tmp_path: Path):
    turned, free = trained(tmp_path, NOISY, 2), trained(tmp_path, NOISY, 2)
    seeded(1)
    expected = take(free, 9)
    seeded(1)
    turn(turned, {"num_workers": 1})
    assert take(turned, 9) == expected
    dismiss(turned)


def test_cosine_back_to_constant_gives_lr_back(tmp_path: Path):
    t = trained(tmp_path, OWN_OPTIMIZER.replace("return descent, ", "return descent  # "), 0)
    turn(t, {"stop": "step>=20"})
    turn(t, {"schedule": "cosine"})
    take(t, 10)
    assert t.optimizer.param_groups[0]["lr"] < 0.006
    turn(t, {"schedule": "constant"})
    assert t.optimizer.param_groups[0]["lr"] == 0.01


def test_before_the_first_step_a_turned_model_or_data_is_what_it_would_be_from_the_start(
    tmp_path: Path,
):
    for turned in ({"points": 30}, {"width": 5}, {"points": 30, "width": 5}):
        solo = training(tmp_path, PRISTINE, **turned)
        expected = take(solo, 4)  # dropout draws from the global generator, one run at a time
        again = training(tmp_path, PRISTINE)
        turn(again, {**turned})
        assert take(again, 4) == expected


def test_weights_given_from_outside_are_carried_over_before_the_first_step(tmp_path: Path):
    t = training(tmp_path, PRISTINE)
    t.given = True
    with torch.no_grad():
        t.parameters[0].fill_(7.0)
    turn(t, {"points": 30})
    assert bool((t.parameters[0] == 7.0).all())


PRISTINE = """
import torch
from torch import nn

def data(points: int = 20):
    x = torch.randn(points, 3)
    return x, x.sum(1)

def model(width: int = 4):
    return nn.Sequential(nn.Linear(3, width), nn.Dropout(0.5), nn.Linear(width, 1))
"""
