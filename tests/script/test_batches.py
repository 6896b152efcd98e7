"""The loop over batches: augmented copies, own steps, own collating; whole, or in parts."""

import pytest
from scripted import Compared, Exported, compared, exported
from sessions import write

HEAD = """import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset
settings = {"threads": 1, "batch_size": 7, "valid": 0.25, "lr": 0.01}
def model(): return nn.Linear(2, 1)
"""
AUGMENT = """
def augment(x, noise: float = 0.1):
    x += noise * torch.randn_like(x)
    return x
"""
STEP = "def step(net, batch): return ((net(batch[0])[:, 0] - batch[1]) ** 2).mean()\n"
PAIR = "def data(): return torch.randn(20, 2), torch.randn(20)\n"
ITEMS = "TensorDataset(torch.randn(20, 2), torch.randn(20))"
WHOLE = [{"batch_size": 500}]

CASES = {
    "own step": (PAIR + STEP, []),
    "own step, augmented": (PAIR + STEP + AUGMENT, []),
    "own step, augmented, all at once": (PAIR + STEP + AUGMENT, WHOLE),
    "three tensors, augmented, all at once": (
        "def data(): return torch.randn(20, 2), torch.randn(20), torch.rand(20)\n"
        "def step(net, b): return (b[2] * (net(b[0])[:, 0] - b[1]) ** 2).mean()\n" + AUGMENT,
        WHOLE,
    ),
    "one tensor, augmented, all at once": (
        "def data(): return torch.randn(20, 2)\n"
        "def step(net, b): return (net(b) ** 2).mean()\n" + AUGMENT,
        WHOLE,
    ),
    "items, augmented": (f"def data(): return {ITEMS}\n" + AUGMENT, []),
    "items, own step": (f"def data(): return {ITEMS}\n" + STEP + AUGMENT, []),
    "items that collate themselves": (
        "class Turned(TensorDataset):\n"
        "    def collate_fn(self, items):\n"
        "        x, y = zip(*items)\n"
        "        return torch.stack(x).flip(1), torch.stack(y)\n"
        "def data(): return Turned(torch.randn(20, 2), torch.randn(20))\n",
        [],
    ),
    "items, all at once": (f"def data(): return {ITEMS}\n", WHOLE),
    "a loader, own step": (f"def data(): return DataLoader({ITEMS}, 6)\n" + STEP, []),
    "a loader, augmented": (
        f"def data(): return DataLoader({ITEMS}, 6, shuffle=True)\n" + AUGMENT,
        [],
    ),
    "a loader, own step, augmented": (
        f"def data(): return DataLoader({ITEMS}, 6)\n" + STEP + AUGMENT,
        [],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Compared]:
    folder = tmp_path_factory.mktemp("batches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOGHILL_HOME", str(folder / "home"))
        runs: dict[str, Exported] = {}
        for number, (name, (text, turned)) in enumerate(CASES.items()):
            path = write(folder, HEAD + text, f"batches_{number}.py")
            runs[name] = exported(str(path), turned, steps=8)
        return compared(runs, folder)


@pytest.mark.parametrize("name", CASES)
def test_losses_are_equal(scripts: dict[str, Compared], name: str) -> None:
    assert scripts[name].plain == scripts[name].engine
    assert len(set(scripts[name].plain)) > 1


def test_data_are_copied_only_where_augment_could_write_into_them(
    scripts: dict[str, Compared],
) -> None:
    assert "x.clone()" in scripts["own step, augmented, all at once"].text
    assert ".clone()" not in scripts["items, augmented"].text
    assert ".clone()" not in scripts["own step"].text


def test_a_script_stops_in_the_middle_of_a_pass(scripts: dict[str, Compared]) -> None:
    assert len(scripts["own step"].plain) == 8  # three batches a pass
    assert "if taken == steps" not in scripts["own step, augmented, all at once"].text
