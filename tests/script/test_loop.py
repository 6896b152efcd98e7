"""The training as it is written: only the lines this run needs, and those to the last bit."""

from pathlib import Path

import pytest
import torch
from foghill.engine.script.loop import Facts, Writer
from foghill.engine.script.source import Source
from plain import take, training
from scripted import exported, printed
from sessions import write

HEAD = "import torch\nfrom torch import nn, optim\nsettings = {'threads': 1, 'valid': 0.0}\n"
NET = "def model(): return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))\n"
PAIRS = "def data():\n    x = torch.randn(40, 2)\n    return x, x.sum(1, keepdim=True)\n"

OWN_STEP = """
x, steps, loss = 3, 4, 5
def data(seed: int = 0):
    a = torch.randn(40, 2)
    return {"a": a, "b": a.sum(1) * steps}
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.l, self.frozen = nn.Linear(2, 1), nn.Linear(2, 1)
        self.frozen.requires_grad_(False)
    def forward(self, a): return self.l(a) + self.frozen(a)
def model(): return N()
def step(net, batch, scale: float = 1.0):
    e = net(batch["a"])[:, 0] - batch["b"]
    return {"square": (e**2).mean() * scale, "abs": e.abs().mean()}
def optimizer(parameters, lr: float = 0.02, gamma: float = 0.9):
    o = optim.SGD(parameters, lr=lr, momentum=0.5)
    return o, optim.lr_scheduler.StepLR(o, 5, gamma)
"""
GROUPS = """
def loss(p, t, power: int = 2): return ((p - t).abs() ** power).mean()
def optimizer(parameters):
    p = list(parameters)
    o = optim.SGD([{"params": p[:2], "lr": 0.01}, {"params": p[2:], "lr": 0.001}], momentum=0.5)
    return o, optim.lr_scheduler.ExponentialLR(o, 0.95)
"""
PLATEAU = """
def optimizer(parameters):
    o = optim.SGD(parameters, lr=0.1)
    return o, optim.lr_scheduler.ReduceLROnPlateau(o, patience=2)
"""
NO_DATA = """
class Hill(nn.Module):
    def __init__(self, start): super().__init__(); self.w = nn.Parameter(torch.tensor(start))
    def forward(self): return 0.25 * (self.w - 2) ** 2 + 0.4 + 0.01 * torch.randn(())
def model(start: float = -3.0): return Hill(start)
"""
CASES = {
    "own step": (HEAD + OWN_STEP, []),
    "own step, turned": (HEAD + OWN_STEP, [{"lr": 0.5, "gamma": 0.5, "scale": 2.0, "seed": 5}]),
    "own groups": (HEAD + PAIRS + NET + GROUPS, []),
    "own groups, turned": (HEAD + PAIRS + NET + GROUPS, [{"lr": 0.05, "power": 1}]),
    "own groups, momentum turned": (HEAD + PAIRS + NET + GROUPS, [{"momentum": 0.1}]),
    "own schedule by the loss": (HEAD + PAIRS + NET + PLATEAU, []),
    "no data": (HEAD + NO_DATA, [{"start": 1.0}]),
    "no data, cosine": (HEAD + NO_DATA, [{"schedule": "cosine", "momentum": 0.9}]),
    "nesterov": (HEAD + PAIRS + NET, [{"momentum": 0.9, "nesterov": True}]),
    "rmsprop": (HEAD + PAIRS + NET, [{"optimizer": "rmsprop", "momentum": 0.5, "lr": 0.001}]),
    "adamw": (HEAD + PAIRS + NET, [{"optimizer": "adamw"}]),
    "bf16": (HEAD + PAIRS + NET, [{"precision": "bf16", "loss": "huber"}]),
    "piling up, clipped": (HEAD + PAIRS + NET, [{"zero_grad": False, "clip": 0.1, "lr": 0.001}]),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, object, object]]:
    """For each case the script, the engine's losses and the script's."""
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOGHILL_HOME", str(folder / "home"))
        runs = {}
        for number, (name, (text, turned)) in enumerate(CASES.items()):
            path = write(folder, text, f"own_{number}.py")
            runs[name] = exported(str(path), turned, steps=12)
    shown = printed([run.text for run in runs.values()], folder)
    return {
        name: (run.text, run.losses, found)
        for (name, run), found in zip(runs.items(), shown, strict=True)
    }


@pytest.mark.parametrize("name", CASES)
def test_losses_are_equal(compared: dict[str, tuple[str, object, object]], name: str) -> None:
    _, engine, plain = compared[name]
    assert plain == engine


def test_only_the_lines_that_are_needed(compared: dict[str, tuple[str, object, object]]) -> None:
    plain = compared["adamw"][0]
    for absent in ("clip_grad", "cosine", "numpy", "random.seed", "to(device)", "scheduler"):
        assert absent not in plain.partition("torch.set_num_threads")[2], absent
    assert "optimizer.zero_grad()" in plain
    assert "torch.optim.AdamW(net.parameters(), lr=0.001)" in plain
    assert "gradients pile up" in compared["piling up, clipped"][0]


def test_names_of_the_file_are_left_alone(compared: dict[str, tuple[str, object, object]]) -> None:
    text = compared["own step"][0]
    assert "steps = 4" not in text.partition("torch.set_num_threads")[2]
    assert "descent, scheduler = optimizer([p for p in net.parameters() if p.requires_grad]" in text


def test_it_says_what_a_script_of_a_run_is(compared: dict[str, tuple[str, object, object]]) -> None:
    assert "the same losses, to the last bit" in compared["adamw"][0]


def test_gradients_are_scaled_where_16_bits_ask_for_it(tmp_path: Path) -> None:
    t = training(tmp_path, HEAD + PAIRS + NET + PLATEAU, clip=0.5)
    t.scaler = torch.amp.GradScaler("cpu")  # fp16 itself takes an accelerator
    take(t, 1)
    source = Source("", {"data", "model", "optimizer", "scaler"}, set())
    facts = Facts(5, trains=True, weights="", draws=frozenset(), groups=t.optimizer.param_groups)
    text = "\n".join(Writer(t, source, facts).lines())
    assert text.index('scaler_ = torch.amp.GradScaler("cpu")') < text.index("while step < steps")
    after = text.partition("scaler_.scale(loss).backward()\n")[2].split("\n")
    assert [line.strip() for line in after[:5]] == [
        "scaler_.unscale_(descent)",
        "torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)",
        "scaler_.step(descent)",
        "scaler_.update()",
        "scheduler.step(loss.detach())",
    ]
