"""Where a script's batches come from: tensors, arrays, items, loaders; split and in one order."""

import pytest
from scripted import exported, printed
from sessions import write

HEAD = "import torch, random\nimport numpy as np\nfrom torch import nn\n"
HEAD += "from torch.utils.data import Dataset, TensorDataset, DataLoader, IterableDataset\n"
SMALL = "settings = {'threads': 1, 'batch_size': 7, 'valid': 0.25}\n"
NET = "def model(p: float = 0.3): return nn.Sequential(nn.Linear(2, 8), nn.Dropout(p), {last})\n"
CLASSES = NET.format(last="nn.Linear(8, 3)")
NUMBER = NET.format(last="nn.Linear(8, 1)")

CASES = {
    "arrays": "def data():\n    x = np.random.rand(50, 2)\n"
    "    return x, (x.sum(1) > 1).astype(np.int32)\n" + CLASSES,
    "arrays out of order": "def data():\n    x = np.random.rand(2, 50).T\n    return x, x.sum(1)\n"
    + NUMBER,
    "numbers for classes": "def data(): return torch.randn(50, 2), torch.randint(0, 3, (50,))\n"
    "settings['loss'] = 'mse'\n" + CLASSES,
    "augmented": "def data(): return torch.randn(50, 2), torch.randn(50)\n" + NUMBER
    + "def augment(x, noise: float = 0.1):\n    x += noise * torch.randn_like(x)\n    return x\n",
    "in order": "def data(): return torch.randn(50, 2), torch.randn(50)\n"
    "settings['shuffle'] = False\n" + NUMBER,
    "two parts": "def data(): return (torch.randn(50, 2), torch.randn(50)), "
    "(torch.randn(5, 2), torch.randn(5))\n" + NUMBER,
    "one part": "def data(): return (torch.randn(50, 2), torch.randn(50)), None\n" + NUMBER,
    "three tensors": "def data(): return torch.randn(50, 2), torch.randn(50), torch.rand(50)\n"
    + NUMBER
    + "def step(m, b): return (b[2] * (m(b[0])[:, 0] - b[1]) ** 2).mean()\n",
    "one tensor": "def data(): return torch.randn(50, 2)\n" + NUMBER
    + "def step(m, b): return (m(b) ** 2).mean()\n"
    + "def augment(x): return x + torch.randn_like(x)\n",
    "items": "def data(): return TensorDataset(torch.randn(40, 2), torch.randint(0, 3, (40,)))\n"
    + CLASSES,
    "items that draw": "class D(Dataset):\n    def __len__(self): return 40\n"
    "    def __getitem__(self, i):\n"
    "        x = torch.tensor([i / 40, random.random()])\n"
    "        return x, torch.tensor(float(i)) + np.random.rand()\n"
    "def data(): return D()\n" + NUMBER,
    "a loader": "def data():\n"
    "    d = TensorDataset(torch.randn(40, 2), torch.randint(0, 3, (40,)))\n"
    "    return DataLoader(d, 6, shuffle=True), DataLoader(d, 6)\n" + CLASSES,
    "an iterable": "class I(IterableDataset):\n    def __iter__(self):\n"
    "        for i in range(20): yield torch.randn(2), torch.tensor(float(i))\n"
    "def data(): return I()\n" + NUMBER,
    "evaluating": "def data(): return torch.randn(50, 2), torch.randn(50)\n"
    "def model():\n    m = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))\n"
    "    return m.eval()\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, object, object]]:
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOGHILL_HOME", str(folder / "home"))
        runs = {}
        for number, (name, text) in enumerate(CASES.items()):
            path = write(folder, HEAD + SMALL + text, f"data_{number}.py")
            runs[name] = exported(str(path), steps=12)
            if name in ("augmented", "arrays"):
                whole = write(folder, HEAD + SMALL + text, f"whole_{number}.py")
                runs[f"{name}, all at once"] = exported(str(whole), [{"batch_size": 500}], 12)
    shown = printed([run.text for run in runs.values()], folder)
    return {
        name: (run.text, run.losses, found)
        for (name, run), found in zip(runs.items(), shown, strict=True)
    }


@pytest.mark.parametrize("name", [*CASES, "augmented, all at once", "arrays, all at once"])
def test_losses_are_equal(compared: dict[str, tuple[str, object, object]], name: str) -> None:
    _, engine, plain = compared[name]
    assert plain == engine


def test_generators_are_seeded_where_they_are_drawn_from(
    compared: dict[str, tuple[str, object, object]],
) -> None:
    assert "np.random.seed(seed)" in compared["arrays"][0]
    assert "random.seed" not in compared["augmented"][0]
    assert "net.train()" in compared["evaluating"][0]
    assert "net.train()" not in compared["augmented"][0]
    assert "item_seed" in compared["items that draw"][0]
    assert "item_seed" not in compared["items"][0]
