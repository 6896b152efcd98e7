"""One training: its seeds, what builds it, where it ends."""

from pathlib import Path

import pytest
import torch
from foghill.engine.training.training import Training
from plain import (
    REGRESSION,
    RESTLESS,
    differing,
    everything,
    experiment,
    functions,
    plain_loop,
    seeded,
    take,
    training,
)
from torch import nn

STEP = '''
"""Dict batches and a step of one's own."""
import torch
from torch import nn

settings = {"batch_size": 8, "valid": 0.0, "lr": 0.1}

def data():
    return {"left": torch.randn(30, 2), "right": torch.randn(30, 2)}

def model():
    return nn.Linear(2, 2)

def step(model, batch, pull: float = 0.1):
    near = (model(batch["left"]) - batch["right"]).square().mean()
    return {"near": near, "small": pull * model.weight.square().sum()}
'''

OWN_LOSS = '''
"""Rosenbrock's valley."""
import torch
from torch import nn

settings = {"lr": 1e-3, "stop": "epoch>=40"}

class Valley(nn.Module):
    def __init__(self):
        super().__init__()
        self.at = nn.Parameter(torch.tensor([-1.0, 1.5]))
    def forward(self):
        x, y = self.at
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

def model():
    return Valley()
'''


def test_torch_is_seeded_before_data_and_again_before_the_model(tmp_path: Path):
    t = training(tmp_path, REGRESSION, seed=7, data_seed=11)
    file = functions(REGRESSION)
    seeded(11)
    x, y = file["data"]()
    seeded(7)
    model = file["model"]()
    assert torch.equal(t.returned[0], x)
    assert torch.equal(t.returned[1], y)
    assert all(map(torch.equal, t.model.parameters(), model.parameters()))


def test_numpy_and_random_are_seeded_too(tmp_path: Path):
    source = REGRESSION.replace(
        "x = torch.randn(rows, 3)",
        "import numpy, random; x = torch.from_numpy(numpy.random.rand(rows, 3)).float()"
        " + random.random()",
    )
    one, two = training(tmp_path, source, seed=3), training(tmp_path, source, seed=3)
    other = training(tmp_path, source, seed=4)
    assert torch.equal(one.returned[0], two.returned[0])
    assert not torch.equal(one.returned[0], other.returned[0])


def test_the_data_seed_follows_the_seed_until_it_is_set(tmp_path: Path):
    assert training(tmp_path, seed=5).data_seed == 5
    kept = training(tmp_path, seed=5, data_seed=2)
    assert (kept.seed, kept.data_seed) == (5, 2)
    same = training(tmp_path, seed=2)
    assert torch.equal(kept.returned[0], same.returned[0])
    assert not torch.equal(kept.parameters[0], same.parameters[0])


def test_a_seed_that_waits_for_a_restart_is_not_handed_to_the_file(tmp_path: Path):
    source = REGRESSION.replace("rows: int = 50", "rows: int = 50, seed: int = 0").replace(
        "hidden: int = 8", "hidden: int = 8, seed: int = 0"
    )
    source = source.replace("    return nn.Seq", "    print(seed)\n    return nn.Seq")
    t = training(tmp_path, source + "\nseen = []\n")
    t.values["seed"] = 9
    said: list[object] = []
    t.experiment.functions["model"].__globals__["print"] = said.append
    t.new_model()
    assert (said, t.values["seed"]) == ([0], 9)


def test_building_again_starts_from_the_same_numbers(tmp_path: Path):
    t = training(tmp_path, RESTLESS)
    losses, after = take(t, 25), everything(t)
    t.build()
    assert (t.step, t.feed.place.epoch, t.feed.place.position) == (0, 0, 0)
    assert take(t, 25) == losses
    assert not differing(everything(t), after)


def test_knobs_nobody_set_take_torchs_defaults(tmp_path: Path):
    values = training(tmp_path, REGRESSION, optimizer="adamw").values
    assert (values["lr"], values["weight_decay"]) == (1e-3, 1e-2)
    assert training(tmp_path).values["lr"] == torch.optim.SGD([torch.ones(1)]).defaults["lr"]


def test_parts_the_file_put_into_eval_mode_stay_so(tmp_path: Path):
    source = REGRESSION.replace(
        "    return nn.Sequential(nn.Linear(3, hidden), nn.Tanh()",
        "    return nn.Sequential(nn.Linear(3, hidden), nn.BatchNorm1d(hidden).eval(), nn.Tanh()",
    )
    model = training(tmp_path, source).model
    assert [part.training for part in model.children()] == [True, False, True, True, True]


def test_a_model_that_comes_in_eval_mode_trains(tmp_path: Path):
    source = REGRESSION.replace("nn.Linear(hidden, 1))", "nn.Linear(hidden, 1)).eval()")
    assert all(part.training for part in training(tmp_path, source).model.modules())


@pytest.mark.parametrize(
    ("stop", "end"),
    [
        ("", 0),
        ("step>=30", 30),
        ("epoch>=2", 14),
        ("epoch>1 or step>=9", 9),
        ("loss<0.1", 0),
        ("epoch>=1e300", 0),
    ],
)
def test_the_end_is_known_where_it_is_counted(tmp_path: Path, stop: str, end: int):
    assert training(tmp_path, batch_size=8, stop=stop).end_step == end


def test_the_end_stays_right_when_the_batch_size_changes_on_the_way(tmp_path: Path):
    t = training(tmp_path, batch_size=10, stop="epoch>=4")
    take(t, 7)
    t.values["batch_size"] = 25
    t.settle()
    end, ends = t.end_step, 0
    while t.feed.place.epoch < 4:
        take(t, 1)
        ends = t.step
    assert end == ends == 7 + 2 + 2 + 2


def test_a_cosine_needs_an_end(tmp_path: Path):
    with pytest.raises(ValueError, match="needs a known end"):
        training(tmp_path, schedule="cosine")


def test_bf16_trains_as_autocast_does(tmp_path: Path):
    t = training(tmp_path, REGRESSION, precision="bf16", batch_size=16, lr=0.1)
    losses = take(t, 50)
    assert t.prediction.dtype == torch.bfloat16

    def autocast_loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return nn.functional.mse_loss(prediction, target)

    source = (
        REGRESSION
        + """
Plain = model
def model():
    whole = Plain()
    forward = whole.forward
    def cast(x):
        with torch.autocast("cpu", torch.bfloat16):
            return forward(x)
    whole.forward = cast
    return whole
"""
    )
    source = source.replace("hidden: int = 8", "hidden=8")
    sgd = lambda p: torch.optim.SGD(p, lr=0.1)  # noqa: E731
    assert losses == plain_loop(source, sgd, 50, 16, loss=autocast_loss)[0]


def test_a_precision_that_the_device_lacks_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="precision fp16 does not exist on cpu"):
        training(tmp_path, precision="fp16")


def test_a_headless_condition_counts_before_the_files_stop(tmp_path: Path):
    loaded = experiment(tmp_path, REGRESSION, stop="step>=500")
    assert Training(loaded, False, "step>=20", {"stop"}).end_step == 20


def test_threads_are_set(tmp_path: Path):
    training(tmp_path, threads=2)
    assert torch.get_num_threads() == 2
    training(tmp_path, threads=1)
    assert torch.get_num_threads() == 1
