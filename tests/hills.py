"""What the tests of the hill share: a real conductor's parts without a thread, and small models."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from foghill.engine.callbacks.landscape.surroundings import Outlook
from foghill.engine.callbacks.trace import Trail
from foghill.engine.training.training import Training
from plain import training

BOWL = """
import torch
from torch import nn
settings = {"lr": 0.1, "stop": "step>=30", "threads": 1}
class Bowl(nn.Module):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = nn.Parameter(torch.tensor(x)), nn.Parameter(torch.tensor(y))
    def forward(self):
        return 3 * (self.x - 1) ** 2 + 0.5 * (self.y + 2) ** 2 + (self.x - 1) * (self.y + 2) + 7
def model(x: float = -1.0, y: float = 1.0): return Bowl(x, y)
"""


def bowl(x: float, y: float) -> float:
    """BOWL in closed form; H = [[6, 1], [1, 1]], lowest at (1, −2) with height 7."""
    return 3 * (x - 1) ** 2 + 0.5 * (y + 2) ** 2 + (x - 1) * (y + 2) + 7


CONV = """
import torch
from torch import nn
settings = {"batch_size": 8, "valid": 0.0, "lr": 0.05, "threads": 1}
def data():
    x = torch.randn(40, 1, 6, 6)
    return x, (x.mean((1, 2, 3)) > 0).long()
def model():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3),
                         nn.Flatten(), nn.Linear(64, 2))
"""


def conducting(t: Training, **changes: Any) -> Any:
    """As much of a conductor as the hill reads."""
    trail = Trail()
    trail.begin(t, every=True)
    parts: dict[str, Any] = {
        "t": t,
        "trail": trail,
        "latest": {},
        "replicas": [],
        "status": "paused",
    }
    return SimpleNamespace(**{**parts, **changes})


def outlook(folder: Path, source: str, **typed: object) -> tuple[Outlook, Any]:
    """The outlook of a training of `source`, and its conductor."""
    c = conducting(training(folder, source, **typed))
    found = Outlook(c, lambda: c.replicas)
    found.begin()
    return found, c


def trodden(c: Any, steps: int) -> list[float]:
    """Train with every step noted in the trail; the losses."""
    from foghill.engine.training.loop import train

    t, losses = c.t, []
    loop = train(t)
    while len(losses) < steps:
        phase = next(loop)
        if phase == "backward":
            c.trail.before(t)
        if phase == "update":
            c.trail.after(t)
            losses.append(t.value)
    c.latest["loss"] = losses[-1]
    return losses


def flat(t: Training) -> torch.Tensor:
    return torch.cat([p.detach().reshape(-1) for p in t.parameters])
