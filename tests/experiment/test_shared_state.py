"""Functions that keep something between steps outside of the model are found."""

from typing import Any

import pytest
from foghill.engine.experiment.shared_state import keeper

HEAD = "import torch\nfrom torch import nn\n"
KEEPS = {
    "a teacher": (
        "teacher = nn.Linear(1, 1)\ndef loss(p, y): return teacher(p).sum()",
        "loss() keeps teacher",
    ),
    "a counter": (
        "n = 0\ndef augment(x):\n    global n\n    n += 1\n    return x",
        "augment() keeps n",
    ),
    "its own generator": (
        "draws = torch.Generator()\ndef augment(x): return x + torch.randn(1, generator=draws)",
        "augment() keeps draws",
    ),
    "an optimizer": (
        "other = torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1)\n"
        "def step(model, batch):\n    other.step()\n    return model(batch).sum()",
        "step() keeps other",
    ),
    "in a function called": (
        "teacher = nn.Linear(1, 1)\ndef judged(p): return teacher(p)\n"
        "def loss(p, y): return judged(p).sum()",
        "loss() keeps teacher",
    ),
    "in a closure": (
        "def made():\n    teacher = nn.Linear(1, 1)\n"
        "    def loss(p, y): return teacher(p).sum()\n    return loss\nloss = made()",
        "loss() keeps teacher",
    ),
}
FINE = {
    "a criterion without weights": "c = nn.MSELoss()\ndef loss(p, y): return c(p, y)",
    "constants": "SCALE = [1.0, 2.0]\nW = torch.ones(2)\ndef loss(p, y): return (W * p).sum()",
    "the global generators": "def augment(x): return x + torch.randn_like(x)",
    "a library": "def loss(p, y): return nn.functional.mse_loss(p, y)",
}


def functions(text: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "mine"}
    exec(HEAD + text, space)
    return {name: space[name] for name in ("step", "loss", "augment") if name in space}


@pytest.mark.parametrize("case", KEEPS)
def test_what_is_kept_is_named(case: str):
    text, said = KEEPS[case]
    assert keeper(functions(text)).startswith(said)


@pytest.mark.parametrize("case", FINE)
def test_what_no_step_changes_is_fine(case: str):
    assert keeper(functions(FINE[case])) == ""
