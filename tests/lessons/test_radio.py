"""radio: dials turned by hand or by the gradient, piling up, and PyTorch's own error."""

import pytest
import torch
from foghill.engine.protocol.commands import Run, Set, Step
from foghill.engine.protocol.views import PictureRequest
from sessions import Live

from lessons.plain import Trained, experiment, trained
from lessons.seeds import promise


def dials(run: Trained) -> list[float]:
    return [*run.model.weight[0].tolist(), run.model.bias.item()]


@promise()
def test_ten_full_batch_steps_win_95_percent(seed: int):
    losses = trained("radio", seed, steps=10).losses
    assert losses[9] <= 0.05 * losses[0]
    shown, fallen = ten(seed)
    assert shown == pytest.approx(losses, rel=1e-3)
    assert fallen[9] >= 95


def ten(seed: int, **settings: object) -> tuple[list[float], list[float]]:
    """The ten losses of the picture, and by how much of the first they have fallen."""
    e = experiment("radio", **settings)
    e.values["seed"] = seed
    torch.manual_seed(seed)
    x, y = e.call("data")
    with torch.no_grad():
        ((_, (_, *rows)),) = e.call("view_ten", None, x, y).items()
    cells = [row[:3] for row in rows] + [row[3:] for row in rows]
    assert [cell[0] for cell in cells] == [str(step) for step in range(1, 11)]
    return [float(cell[1]) for cell in cells], [float(cell[2].rstrip(" %")) for cell in cells]


@promise()
def test_the_ten_steps_pile_up_gradients_where_the_run_does(seed: int):
    losses = trained("radio", seed, steps=10, zero_grad="off").losses
    assert ten(seed, zero_grad="off")[0] == pytest.approx(losses, rel=1e-3, abs=1e-4)


@promise()
def test_rooms_matter_and_the_mailbox_does_not(seed: int):
    rooms, garden, age, mailbox, base = dials(trained("radio", seed))
    assert rooms == pytest.approx(8 * 0.4, abs=0.25)
    assert garden == pytest.approx(0.3, abs=0.15)
    assert age == pytest.approx(-0.4, abs=0.15)
    assert abs(mailbox) < 0.1
    assert base == pytest.approx(1.4, abs=0.25)


@promise()
def test_without_zeroing_the_loss_swings_without_end(seed: int):
    losses = trained("radio", seed, zero_grad="off", steps=200).losses
    assert max(losses[150:]) > losses[0] / 2
    assert trained("radio", seed, steps=200).losses[-1] < 0.02


@promise()
def test_where_the_dials_start_does_not_matter_for_where_they_end(seed: int):
    centred, shifted = (trained("radio", seed, centred=on, steps=1) for on in ("on", "off"))
    assert shifted.losses[0] != centred.losses[0]
    ends = [dials(trained("radio", seed, centred=on)) for on in ("on", "off")]
    assert ends[0] == pytest.approx(ends[1], abs=0.05)


@promise()
def test_real_people_are_half_explained(seed: int):
    run = trained("radio", seed, table="diabetes")
    (_, y), _ = run.parts
    assert y.var(correction=0).item() == pytest.approx(0.59, abs=0.005)
    assert run.loss == pytest.approx(0.29, abs=0.01)


def test_an_empty_house_costs_the_base_level():
    e = experiment("radio")
    torch.manual_seed(0)
    x, y = e.call("data")
    model = e.call("model")
    with torch.no_grad():
        model.bias.fill_(1.25)
        said, (_, zeros, *rows) = e.call("view_rows", model, x, y).values()
    assert zeros[-1] == "125"
    assert said.startswith("All inputs 0: 125 (bias 1.250). Red mailbox: ")
    assert len(rows) == 12
    assert e.names.x == ("rooms", "garden", "age", "mailbox")


def test_of_ten_inputs_the_four_that_count_most_are_shown():
    run = trained("radio", 0, table="diabetes")
    e = experiment("radio", table="diabetes")
    x, y = e.call("data")
    with torch.no_grad():
        ((_, said), (_, (heading, _, first, *_))) = e.call("view_rows", run.model, x, y).items()
    assert said.endswith(").")
    weight = run.model.weight[0].abs().tolist()
    kept = [weight[e.names.x.index(name)] for name in heading[1:5]]
    assert sorted(kept) == sorted(weight)[-4:]
    given = [x[0, e.names.x.index(name)].item() for name in heading[1:5]]
    assert [float(word) for word in first[1:5]] == pytest.approx(given, abs=1e-3)


def test_the_update_by_hand_is_sgd():
    e = experiment("radio")
    torch.manual_seed(0)
    x, y = e.call("data")
    model, twin = e.call("model"), torch.nn.Linear(4, 1)
    twin.load_state_dict(model.state_dict())
    for one, optimizer in (
        (model, e.call("optimizer", model.parameters())),
        (twin, torch.optim.SGD(twin.parameters(), lr=0.3)),
    ):
        torch.nn.functional.mse_loss(one(x)[:, 0], y).backward()
        if one is model:
            _, (_, *rows) = e.call("view_update", model, x, y).values()
        optimizer.step()
    assert torch.equal(model.weight, twin.weight)
    assert torch.equal(model.bias, twin.bias)
    assert [float(row[-1]) for row in rows] == pytest.approx(
        [*model.weight[0].tolist(), model.bias.item()], abs=1e-4
    )


@promise()
def test_the_formula_by_hand_and_numpy_are_autograds(seed: int):
    for table in ("houses", "diabetes"):
        e = experiment("radio", table=table)
        torch.manual_seed(seed)
        x, y = e.call("data")
        model = e.call("model")
        torch.nn.functional.mse_loss(model(x)[:, 0], y).backward()
        expected = torch.cat([model.weight.grad[0], model.bias.grad]).tolist()
        with torch.no_grad():
            ways = [e.call(name, model, x, y) for name in ("gradient", "gradient_numpy")]
        for way in ways:
            found = [*torch.as_tensor(way["weight"]).reshape(-1).tolist(), float(way["bias"])]
            assert found == pytest.approx(expected, abs=1e-4)


def test_without_requires_grad_there_is_pytorchs_own_error_and_turning_it_on_mends_it():
    with Live("radio") as live:  # type: ignore[arg-type]
        live.ready()
        live.do(Step("step", 2))
        live.until(lambda state: state.step == 2 and state.status == "paused")
        live.do(Set({"requires_grad": False}))
        live.do(Step())
        state = live.until(lambda state: state.status == "failed")
        assert state.problem is not None
        assert "element 0 of tensors does not require grad" in state.problem.sentence
        live.do(Set({"requires_grad": True}))
        assert live.until(lambda state: state.status == "paused").problem is None
        off = live.look(PictureRequest("gradients"))
        live.do(Run("step>=10"))
        live.until(lambda state: state.step == 10 and state.status == "paused")
        assert "No parameter requires a gradient." in off.notes  # type: ignore[union-attr]
        assert len(live.look(PictureRequest("gradients")).rows) == 5  # type: ignore[union-attr]
        assert live.losses() == trained("radio", steps=10).losses
