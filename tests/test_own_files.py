"""A user's own files and tables train as they are, without a word of Foghill in them."""

import csv
import math
import random
from pathlib import Path

import pytest
from engines import headless, rows, served
from foghill.engine.protocol.commands import Applied, Run, Set

pytestmark = pytest.mark.slow

MLP = '''
"""Two spirals."""
import math
import torch
from torch import nn
settings = {"optimizer": "adam", "lr": 1e-2, "stop": "epoch>=30"}

def data(points: int = 200, turns: float = 1.0):
    t = torch.rand(points, 1)
    label = torch.arange(points) % 2
    angle = t * turns * 2 * math.pi + label[:, None] * math.pi
    return torch.cat([t * angle.cos(), t * angle.sin()], 1), label

def model(width: int = 32):
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))
'''
CONV = '''
"""Where is the bright stripe?"""
import torch
from torch import nn
from torch.utils.data import Dataset
settings = {"num_workers": 2, "batch_size": 16, "optimizer": "adam", "lr": 3e-3}

class Stripes(Dataset):
    def __init__(self, count):
        self.count = count
    def __len__(self):
        return self.count
    def __getitem__(self, index):
        image = 0.3 * torch.randn(1, 8, 8)
        image[:, :, index % 4 * 2] += 2
        return image, index % 4

def data():
    return Stripes(256), Stripes(64)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.head = nn.Linear(8 * 64, 4)
    def forward(self, x):
        return self.head(self.conv(x).relu().flatten(1))

def model():
    return Net()
'''
OWN_STEP = '''
"""An autoencoder with a penalty."""
import torch
from torch import nn
settings = {"batch_size": 20, "lr": 0.01, "optimizer": "adam"}

def data():
    x = torch.randn(100, 6)
    return {"x": x, "mask": (torch.rand(100, 6) > 0.2).float()}

def model():
    return nn.Sequential(nn.Linear(6, 3), nn.Linear(3, 6))

def step(model, batch, penalty: float = 0.01):
    code = model[0](batch["x"])
    again = model[1](code)
    error = ((again - batch["x"]) ** 2 * batch["mask"]).mean()
    return {"reconstruction": error, "penalty": penalty * code.pow(2).mean()}
'''


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def trained(*words: str) -> list[dict[str, object]]:
    done = headless(*words, "--every", "1", "--jsonl", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    told = rows(done.stdout)
    assert told[-1]["event"] == "end"
    return told[:-1]


def mean(told: list[dict[str, object]], name: str = "loss") -> float:
    values = [float(row[name]) for row in told]  # type: ignore[arg-type]
    assert all(map(math.isfinite, values))
    return sum(values) / len(values)


def test_an_mlp_learns_two_spirals() -> None:
    Path("mine.py").write_text(MLP)
    told = trained("mine.py")
    assert told[-1]["epoch"] == 30
    assert mean(told[-20:]) < 0.7 * mean(told[:20])
    assert {"accuracy", "valid_accuracy", "valid_loss"} <= told[-1].keys()


def test_a_conv_net_over_a_dataset_with_two_workers() -> None:
    Path("mine.py").write_text(CONV)
    told = trained("mine.py", "--epochs", "4")
    assert len(told) == 4 * 16
    assert told[-1]["valid_accuracy"] > 0.9  # type: ignore[operator]


def test_the_number_of_workers_never_matters() -> None:
    Path("mine.py").write_text(CONV)
    with_two = trained("mine.py", "--steps", "20")
    alone = trained("mine.py", "--steps", "20", "--set", "num_workers=0")
    assert [row["loss"] for row in with_two] == [row["loss"] for row in alone]


def test_a_step_of_its_own_with_named_losses_on_dict_batches() -> None:
    Path("mine.py").write_text(OWN_STEP)
    told = trained("mine.py", "--epochs", "40")
    for row in told:
        parts = row["reconstruction"] + row["penalty"]  # type: ignore[operator]
        assert row["loss"] == pytest.approx(parts, rel=1e-5)
    assert mean(told[-20:], "reconstruction") < 0.7 * mean(told[:20], "reconstruction")
    assert told[-1]["valid_loss"] == pytest.approx(
        told[-1]["valid_reconstruction"] + told[-1]["valid_penalty"],  # type: ignore[operator]
        rel=1e-5,
    )


def test_its_own_knob_turns_while_it_runs() -> None:
    Path("mine.py").write_text(OWN_STEP)
    with served("mine.py") as (_, client):
        client.send(Run())
        client.wait(lambda state: state.step > 20)
        answer = client.send(Set({"penalty": 0.0}))
        assert isinstance(answer, Applied)
        assert answer.changes[0].old == 0.01
        client.wait(lambda state: state.metrics.get("penalty") == 0.0)
        _, values = client.ask("penalty", answer.step + 2, answer.step + 3)
        assert values == [0.0, 0.0]


def table(kind: str) -> None:
    """Houses, with a missing value, a text column and an exact rule behind the price."""
    draw = random.Random(1)
    with Path("houses.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["area", "rooms", "town", "price" if kind == "number" else "sold"])
        for row in range(200):
            area, rooms, town = draw.uniform(30, 200), draw.randint(1, 6), draw.choice("ABC")
            price = 1000 * area + 5000 * rooms + 20_000 * "ABC".index(town)
            target = f"{price:.0f}" if kind == "number" else "yes" if price > 150_000 else "no"
            writer.writerow([f"{area:.1f}" if row else "", rooms, town, target])


def test_a_table_with_a_number_to_predict() -> None:
    table("number")
    told = trained("houses.csv", "--target", "price", "--epochs", "40")
    assert told[-1]["valid_r2"] > 0.9  # type: ignore[operator]


def test_a_table_with_classes_to_predict() -> None:
    table("classes")
    told = trained("houses.csv", "--target", "sold", "--epochs", "40")
    assert told[-1]["valid_accuracy"] > 0.85  # type: ignore[operator]


def test_a_directory_with_modules_named_like_ours() -> None:
    for name in ("engine", "tui", "session", "server", "foghill_data"):
        Path(f"{name}.py").write_text("NUMBER = 7\ndef size(): return NUMBER\n")
    Path("store").mkdir()
    Path("store/__init__.py").write_text("WIDTH = 3\n")
    Path("train.py").write_text(
        "import torch\nimport engine, tui, session, server\nfrom store import WIDTH\n"
        "from torch import nn\n"
        "def data(): return torch.randn(engine.size() * 4, WIDTH), torch.randn(28, 1)\n"
        "def model(): return nn.Linear(WIDTH, 1)\n"
    )
    told = trained("train.py", "--steps", "5")
    assert len(told) == 5
    with served("train.py") as (_, client):
        client.send(Run("step>=5"))
        client.wait(lambda state: state.step == 5)


@pytest.mark.parametrize("name", ["engine", "tui", "queue", "random"])
def test_an_experiment_named_like_a_module_of_ours_or_pythons(name: str) -> None:
    Path(f"{name}.py").write_text(MLP)
    assert len(trained(f"{name}.py", "--steps", "5")) == 5
