"""The network picture: true numbers of any model, and never a trace of having looked."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from foghill.engine.protocol.commands import Run, Step
from foghill.engine.protocol.pictures import Network
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.training.eval_mode import looking
from foghill.engine.views import network
from foghill.engine.views.subject import subject
from plain import RESTLESS, phases, take, training
from sessions import Live, write
from sitter import Sitter
from torch import nn

REQUEST = PictureRequest("network", 80, 20)
CONV = """
import torch
import torch.nn.functional as F
from torch import nn
settings = {"optimizer": "adam", "lr": 0.01, "batch_size": 16}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(4 * 6 * 6, 3)
        self.fc.bias.requires_grad_(False)
    def forward(self, x): return self.fc(self.drop(F.relu(self.norm(self.conv(x))).flatten(1)))
def data():
    return torch.randn(64, 1, 8, 8), torch.randint(0, 3, (64,))
def model(): return Net()
"""
DICTS = """
import torch
from torch import nn
settings = {"batch_size": 4}
class Rows(torch.utils.data.Dataset):
    def __len__(self): return 12
    def __getitem__(self, i): return {"x": torch.ones(2) * i, "y": torch.ones(1)}
def data(): return Rows(), None
def model(): return nn.Linear(2, 1)
def step(model, batch): return (model(batch["x"]) - batch["y"]).square().mean()
"""
OWN_LOSS = """
import torch
from torch import nn
class Valley(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([1.0, 2.0]))
    def forward(self): return (self.w ** 2).sum()
def model(): return Valley()
"""


def test_any_model_has_one_that_has_something_to_train():
    assert network.available(Sitter(nn.Linear(2, 1)).subject)
    assert not network.available(Sitter(nn.ReLU()).subject)


def test_layers_have_the_numbers_of_plain_torch_in_train_mode(tmp_path: Path):
    t = training(tmp_path, CONV)
    x, y = t.parts.train.rows(10**9)
    loss = nn.functional.cross_entropy(t.model(x), y)
    loss.backward()
    kept = t.model.norm.running_mean.clone()
    with looking(t.model):
        view = network.paint(subject(t), REQUEST)
    assert torch.equal(t.model.norm.running_mean, kept)
    with torch.no_grad():
        conv = t.model.conv(x)
        normed = t.model.norm(conv)
        dead = (torch.relu(normed) == 0).transpose(0, 1).flatten(1).all(1)
    first, norm, drop, last = view.layers
    assert [layer.name for layer in view.layers] == ["conv", "norm", "drop", "fc"]
    assert (first.kind, first.shape, first.parameters) == ("Conv2d 1→4 3×3", "n×4×6×6", 40)
    assert first.mean == pytest.approx(conv.mean().item())
    assert first.std == pytest.approx(conv.std(correction=0).item())
    assert first.weight_std == pytest.approx(t.model.conv.weight.std(correction=0).item())
    gradients = [t.model.conv.weight.grad, t.model.conv.bias.grad]
    assert first.gradient == pytest.approx(torch.cat([g.reshape(-1) for g in gradients]).norm())
    assert norm.dead == pytest.approx(dead.float().mean().item())
    assert norm.std == pytest.approx(normed.std(correction=0).item()) == pytest.approx(1, abs=0.01)
    assert view.notes == ("outputs in train mode (BatchNorm2d, Dropout)",)
    assert (drop.parameters, drop.gradient, last.ratio) == (0, None, None)
    assert view.parameters == sum(p.numel() for p in t.model.parameters())
    assert view.frozen == 3
    assert [matrix.name for matrix in view.matrices] == ["conv.weight", "fc.weight"]
    assert view.matrices[0].values == t.model.conv.weight.flatten(1).tolist()


def test_a_model_on_the_plane_has_its_neurons_too(tmp_path: Path):
    source = RESTLESS.replace("randn(rows, 3)", "randn(rows, 2)").replace("Linear(3", "Linear(2")
    plain = source.replace("nn.BatchNorm1d(width), ", "").replace("import nn", "import nn", 1)
    t = training(tmp_path, plain)
    with looking(t.model):
        view = network.paint(subject(t), REQUEST)
    assert [len(column) for column in view.columns] == [2, 8, 2]
    assert len(view.units) == 12
    assert view.columns[-1] == ("0", "1")


@pytest.mark.parametrize("source", [CONV, RESTLESS], ids=["conv", "restless"])
def test_weights_are_identical_with_somebody_looking(tmp_path: Path, source: str):
    path = write(tmp_path, source)
    with Live(path) as live:
        live.ready()
        live.do(Step("step", 40))
        live.until(lambda state: state.step == 40 and state.status == "paused")
        undisturbed = live.losses()
    with Live(path) as live:
        live.ready()
        for step in range(1, 40):
            live.do(Step("step", 1))
            live.until(lambda state, step=step: state.step == step and state.status == "paused")
            assert isinstance(live.look(REQUEST), Network)
        live.do(Run("step>=40"))
        live.until(lambda state: state.step == 40 and state.status == "paused")
        assert live.losses() == undisturbed


def test_data_that_are_no_tensors_leave_the_weights_to_show(tmp_path: Path):
    with Live(write(tmp_path, DICTS)) as live:
        live.ready()
        view = live.look(REQUEST)
    assert isinstance(view, Network)
    assert [(layer.name, layer.mean) for layer in view.layers] == [("", None)]
    assert view.notes == ("outputs are not shown: its data are not tensors",)


def test_a_model_that_makes_its_own_loss_is_called_without_data(tmp_path: Path):
    with Live(write(tmp_path, OWN_LOSS)) as live:
        live.ready()
        view = live.look(REQUEST)
    assert isinstance(view, Network)
    assert [(layer.kind, layer.mean, layer.parameters) for layer in view.layers] == [
        ("Valley", 5.0, 2)
    ]


def test_a_model_that_cannot_be_called_on_a_sample_says_why(tmp_path: Path):
    sitter = Sitter(nn.Linear(3, 1), (torch.randn(4, 2), torch.randn(4)))
    view = network.paint(sitter.subject, REQUEST)
    assert [layer.kind for layer in view.layers] == ["Linear 3→1"]
    assert view.notes[0].startswith("outputs are not shown: RuntimeError: ")


def test_updates_of_an_earlier_step_say_so(tmp_path: Path):
    t = training(tmp_path)
    weight = t.parameters[0]
    with looking(t.model):
        there = replace(subject(t), moves=lambda: (7, {id(weight): (0.5, 50.0)}))
        view = network.paint(there, REQUEST)
    assert view.notes == ("Δ/w of step 7",)
    assert view.layers[0].ratio == pytest.approx(-2.0)


@pytest.mark.parametrize("phase", ["", "backward"])
def test_gradients_are_those_before_clipping(tmp_path: Path, phase: str):
    t = training(tmp_path, clip=0.01)
    take(t, 1)
    if phase:  # not clipped yet
        phases(t, 5)
        t.clip = 0.0
    with looking(t.model):
        view = network.paint(replace(subject(t), phase=lambda: phase), REQUEST)
    lengths = [layer.gradient for layer in view.layers if layer.gradient is not None]
    total = torch.tensor(lengths).norm().item()
    if phase:
        assert total == pytest.approx(torch.cat([p.grad.flatten() for p in t.parameters]).norm())
    else:
        assert total == pytest.approx(t.norm.item()) != pytest.approx(0.01, rel=0.1)
    assert ("|grad| is from before clipping" in view.notes) == (not phase)


def test_neurons_are_drawn_whatever_else_there_is_to_say():
    sitter = Sitter(nn.Linear(2, 1), (torch.randn(4, 2), torch.randn(4)))
    there = replace(sitter.subject, moves=lambda: (7, {0: (1.0, 1.0)}))
    view = network.paint(there, REQUEST)
    assert view.notes == ("Δ/w of step 7",)
    assert len(view.units) == 3
