"""Files as people write them: their scripts print the same losses, whatever they call things."""

from pathlib import Path

import pytest
from scripted import Compared, Exported, compared, exported
from sessions import write

HEAD = "import torch\nfrom torch import nn\n"
SMALL = "settings = {'threads': 1, 'batch_size': 7, 'valid': 0.0, 'lr': 0.01}\n"
DATA = "def data():\n    x = torch.randn(20, 2)\n    return x, x.sum(1, keepdim=True)\n"
NET = "def model(): return nn.Linear(2, 1)\n"
PLAIN = HEAD + SMALL + DATA + NET
COSINE = {"schedule": "cosine"}

CASES: dict[str, tuple[str, list[dict[str, object]]]] = {
    "everything of a module": ("from math import *\n" + HEAD + SMALL + DATA
        + "def model():\n    net = nn.Linear(2, 1)\n    nn.init.constant_(net.weight, pi)\n"
        "    return net\n", []),
    "a module that hides ours": ("from numpy import *\nimport numpy\n" + HEAD + SMALL
        + "def data():\n    x = torch.tensor(numpy.random.rand(20, 2)).float()\n"
        "    return x, x.sum(1, keepdim=True)\n" + NET, [{"valid": 0.25}]),
    "built-in names of its own": (PLAIN + "def round(x): return x * 0\ndef len(x): return 3\n"
        "def loss(p, t): return ((p - t) ** 2).mean() + round(len(p))\n", [{"valid": 0.25}]),
    "a comment above the future": ("# by me\n\n# and you\nfrom __future__ import annotations\n"
        "from __future__ import (\n    division,\n    generator_stop,\n)\n" + PLAIN, [COSINE]),
    "a future and more in a line": ("from __future__ import annotations; import math\n" + PLAIN
        + "A = 1; B = 2\ndef loss(p, t): return B * ((p - t) ** 2).mean() * math.pi\n", []),
    "names of the schedule": (PLAIN + "rate, group, value, name, tensor = 0.25, 1, 2, 3, 4\n"
        "def augment(x): return x * rate * group * value + name - tensor\n", [COSINE]),
    "names of numbers turned": (PLAIN + "group, value = 0.25, 3\n"
        "def augment(x): return x * group + value\n"
        "def optimizer(p): return torch.optim.SGD(p, lr=0.01)\n", [{"momentum": 0.5}]),
    "names of a schedule turned": (PLAIN + "group, rate, rates = 0.25, 3, 2\n"
        "def augment(x): return x * group + rate + rates\n"
        "def optimizer(p, gamma: float = 0.9):\n    o = torch.optim.SGD(p, lr=0.01)\n"
        "    return o, torch.optim.lr_scheduler.ExponentialLR(o, gamma)\n"
        "settings['lr'] = 0.02\n", [{"lr": 0.02}]),
    "a global of a function": (PLAIN + "def augment(x):\n    global seed, steps, epoch\n"
        "    seed = steps = epoch = 99\n    return x\n", []),
    "what a function counts": (PLAIN + "calls = 0\ndef augment(x):\n    global calls\n"
        "    calls += 1\n    return x\n", []),
    "a match": ("import sys\n" + PLAIN + "match (3, sys.platform):\n    case (scale, _):\n"
        "        half = scale / 2\ndef augment(x): return x * half\n", []),
    "names that blocks bind": (PLAIN + "if (steps := 3) > 2: pass\nfor epoch in (1, 2): pass\n"
        "with torch.no_grad() as rows: step = 2\n"
        "def augment(x): return x * steps + epoch + (rows is None) * step\n", []),
    "classes": ("from dataclasses import dataclass, field\nfrom enum import Enum\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nowhere import Thing\n"
        + PLAIN + "class Kind(Enum):\n    SMALL = 1\n    LARGE = 2\nPair = tuple[float, float]\n"
        "@dataclass(frozen=True)\nclass Config:\n    scale: float = 2.0\n"
        "    kinds: list[Kind] = field(default_factory=lambda: [Kind.LARGE])\n"
        "class Fixed:\n    SHIFT = 0.5\n    TWICE = SHIFT * 2\nC = Config()\n"
        "def augment(x, thing: 'Thing | None' = None):\n"
        "    def inner(pair: Pair): return deep(pair[0])\n"
        "    return x * C.scale * C.kinds[0].value + Fixed.TWICE + inner((1.0, 2.0))\n"
        "def deep(v): return v * 2\n"
        "if __name__ == '__main__':\n    print(9, 9)\n", []),
    "a register": (PLAIN + "LISTED = {}\ndef listed(name):\n    def put(made):\n"
        "        LISTED[name] = made\n        return made\n    return put\n"
        "@listed('flat')\nclass Flat(nn.Linear): ...\n"
        "class Base:\n    kinds = []\n    def __init_subclass__(cls): Base.kinds.append(cls)\n"
        "class Double(Base):\n    def __call__(self, x): return 2 * x\n"
        "def model(): return LISTED['flat'](2, 1)\n"
        "def augment(x): return Base.kinds[0]()(x)\n", []),
    "decorated": ("import functools\n" + HEAD + SMALL + "def twice(f):\n"
        "    @functools.wraps(f)\n    def g(*a, **k): return f(*a, **k) * 2\n    return g\n"
        + DATA + NET + "@twice\ndef loss(p, t, power: int = 2): return (p - t).pow(power).mean()\n",
        [{"power": 4}]),
    "drawn as it is read": (HEAD + SMALL + "torch.manual_seed(3)\nUNUSED = torch.randn(5)\n"
        "def weights(): return torch.randn(2, 1)\nTRUE = weights()\n"
        "def data():\n    x = torch.randn(20, 2)\n    return x, x @ TRUE\n" + NET, []),
    "what lies outside changed": ("import os\nos.environ['FOGHILL_TEST_SCALE'] = '3'\n" + HEAD
        + SMALL + "import os as system\n" + DATA + NET
        + "def augment(x): return x * float(system.environ['FOGHILL_TEST_SCALE'])\n", []),
    "a form feed": (HEAD + SMALL + "TEXT = 'a\\x0cb\x0cc\u2028d'\n" + DATA + NET
        + "def augment(x): return x * len(TEXT)\n", []),
    "marked by its bytes": ("\ufeff" + PLAIN, []),
    "workers": (HEAD + SMALL + "from torch.utils.data import DataLoader, TensorDataset\n"
        "def main(): return 2.0\ndef data():\n"
        "    d = TensorDataset(torch.randn(20, 2), torch.randn(20, 1))\n"
        "    return DataLoader(d, 6, num_workers=1), None\n" + NET
        + "def augment(x): return x * main()\n", []),
    "names of the helpers": (PLAIN.replace("torch.randn(20, 2)", "torch.rand(20, 2)")
        + "generator, order, seed, n, indices, batch_size, train = 1, 2, 3, 4, 5, 6, 7\n"
        "x_valid = 2.0\ndef augment(x):\n"
        "    return x * x_valid + generator + order + seed + n + indices + batch_size + train\n",
        [{"valid": 0.25}]),
}  # fmt: skip


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Compared]:
    folder = tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOGHILL_HOME", str(folder / "home"))
        runs: dict[str, Exported] = {}
        for number, (name, (text, turned)) in enumerate(CASES.items()):
            path = write(folder, text, f"file_{number}.py")
            runs[name] = exported(str(path), turned, steps=8)  # type: ignore[arg-type]
        return compared(runs, folder)


@pytest.mark.parametrize("name", CASES)
def test_losses_are_equal(scripts: dict[str, Compared], name: str) -> None:
    assert scripts[name].plain == scripts[name].engine
    assert len(set(scripts[name].plain)) > 1


def test_what_nothing_needs_is_left_out(scripts: dict[str, Compared]) -> None:
    assert "__main__" not in scripts["classes"].text
    assert "UNUSED" in scripts["drawn as it is read"].text  # TRUE is what comes after it
    assert "settings" not in scripts["classes"].text


def test_a_file_that_imports_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    (tmp_path / "beside_it.py").write_text("steps = 3\ndef times(x): return x * steps\n")
    text = f"import sys\nfrom beside_it import *\n{PLAIN}"
    text += "def augment(x): return times(x) * steps * (len(sys.path) > 0)\n"
    run = exported(str(write(tmp_path, text)), steps=8)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert compared({"": run}, elsewhere)[""].plain == run.losses
