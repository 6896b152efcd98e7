"""A script starts from the weights that its run started from, however the file holds them."""

from pathlib import Path

import pytest
import safetensors.torch
import torch
from foghill.engine.script.weights import weights_source
from foghill.engine.script.words import Namer
from scripted import compared, exported
from sessions import write
from torch import nn

TEXT = """
import torch
from torch import nn
settings = {"threads": 1, "valid": 0.0}
name, tensor = 2, 3
def model(): return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
def data():
    x = torch.randn(40, 2)
    return x * name, x.sum(1, keepdim=True) * tensor
"""


def test_losses_are_equal_however_the_file_holds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    torch.manual_seed(9)
    given = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)).state_dict()
    wrapped = {f"module._orig_mod.{name}": tensor for name, tensor in given.items()}
    safetensors.torch.save_file(wrapped, tmp_path / "plain.safetensors")
    for name, content in {
        "bare": given,
        "a part": {name: given[name] for name in ("0.weight", "2.bias")},
        "nested": {"epoch": 3, "model": {"state_dict": given}},
        "wrapped": {"state_dict": wrapped},
    }.items():
        torch.save(content, tmp_path / f"{name}.pt")
    files = [*tmp_path.glob("*.pt"), tmp_path / "plain.safetensors"]
    path = write(tmp_path, TEXT)
    runs = {file.name: exported(str(path), steps=5, weights=str(file)) for file in files}
    for name, one in compared(runs, tmp_path).items():
        assert one.plain == one.engine, name
    assert len({tuple(run.losses) for run in runs.values()}) == 2
    assert "weights_only=True" in runs["bare.pt"].text


def test_a_file_that_is_gone_is_named_all_the_same(tmp_path: Path) -> None:
    lines = weights_source(tmp_path / "gone.pt", "net", Namer(set()))
    assert f'weights = torch.load("{tmp_path}/gone.pt", map_location="cpu"' in lines[0]
