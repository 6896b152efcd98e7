"""What of a file is kept in a script: what its functions refer to, as it stands there."""

from pathlib import Path

import pytest
from foghill.engine.script_source import needed

TEXT = '''"""A title that stays behind."""
from typing import Annotated, Literal
import math, random

import helper
import torch
from torch import Tensor, nn

settings = {"lr": 0.1}
names = {"y": "price"}
SCALE = 2.0  # kept: data() uses it
UNUSED = [1, 2]

# how far points lie apart
def spread(x): return x * SCALE


def data(points: Annotated[int, (1, 9), "log"] = 5, kind: Literal["a", "b"] = "a"):
    """Its own docstring is kept."""
    names["offset"] = math.pi
    return spread(torch.arange(points)), None


class Net(nn.Module): ...


@torch.no_grad()
def view(model, x, y): return {}


def model() -> nn.Module:
    return Net()


torch.set_printoptions(4)
names["late"] = 1
if __name__ == "__main__":
    print("not this")
'''


def test_what_the_functions_refer_to_is_kept_in_its_order(tmp_path: Path):
    path = tmp_path / "mine.py"
    kept = needed(TEXT, path, {"data", "model"})
    for part in ("SCALE = 2.0  # kept", "def spread", "class Net", 'names = {"y"', 'names["late"]'):
        assert part in kept.text, part
    for part in ("A title", "settings", "UNUSED", "view", "__main__", "random", "helper", "log"):
        assert part not in kept.text, part
    assert "# how far points lie apart\ndef spread" in kept.text
    assert 'points: int = 5, kind: Literal["a", "b"] = "a"' in kept.text
    assert "from typing import Literal\n" in kept.text
    assert "import math\n" in kept.text
    assert "torch.set_printoptions(4)" in kept.text
    compile(kept.text, "kept", "exec")
    assert kept.bound >= {"data", "model", "Net", "spread", "SCALE", "torch", "math"}
    assert "random" not in kept.bound


def test_what_stands_only_in_one_branch_of_a_block_is_kept(tmp_path: Path):
    text = """try:
    import nothing_here as fast
except ImportError:
    fast = None
if True:
    def helper(): return 1
def data(): return helper(), fast
def model(): return None
"""
    kept = needed(text, tmp_path / "mine.py", {"data", "model"})
    assert kept.text.strip() == text.strip()


def test_modules_beside_the_file_ask_for_its_folder(tmp_path: Path):
    (tmp_path / "helper.py").write_text("")
    text = "import helper, math\ndef data(): return helper.x\ndef model(): return math.pi\n"
    assert needed(text, tmp_path / "mine.py", {"data", "model"}).folder == str(tmp_path)
    assert needed(text, tmp_path / "mine.py", {"model"}).folder == ""


def test_the_files_own_place_is_spelt_out(tmp_path: Path):
    path = tmp_path / "mine.py"
    text = 'HERE = open(__file__)\nNAME = "é" + __file__\ndef data(): return HERE, NAME\n'
    kept = needed(text, path, {"data"})
    assert f"HERE = open({str(path)!r})" in kept.text
    assert f'NAME = "é" + {str(path)!r}' in kept.text


def test_a_path_is_written_as_what_it_came_to(tmp_path: Path):
    import types

    module = types.ModuleType("mine")
    module.Path, module.FILE = Path, tmp_path / "x" / ".." / "data.csv"  # type: ignore[attr-defined]
    text = "from pathlib import Path\nFILE = Path(__file__).parent / 'data.csv'\n"
    text += "def data(): return FILE\n"
    kept = needed(text, tmp_path / "mine.py", {"data"}, module)
    assert f'FILE = Path("{tmp_path / "data.csv"}")' in kept.text


@pytest.mark.parametrize("future", ["from __future__ import annotations\n", ""])
def test_a_future_stays_first(tmp_path: Path, future: str):
    kept = needed(future + "import os\ndef data(): return os\n", tmp_path / "m.py", {"data"})
    assert kept.text.startswith(future or "import os")
