"""What of a file is kept in a script: what its functions refer to, as it stands there."""

from pathlib import Path

import pytest
from foghill.engine.script.source import needed

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


FUTURES = {
    "": "",
    "from __future__ import annotations\n": "annotations",
    "# by me\n\n# and you\nfrom __future__ import annotations\n": "annotations",
    "from __future__ import (\n    division,\n    annotations,\n)\n": "division, annotations",
    "from __future__ import division\n"
    "from __future__ import annotations\n": "division, annotations",
    "from __future__ import annotations; import math\n": "annotations",
}


@pytest.mark.parametrize("head", FUTURES)
def test_a_future_comes_before_everything(tmp_path: Path, head: str):
    kept = needed(head + "import os\ndef data(): return os\n", tmp_path / "m.py", {"data"})
    features = FUTURES[head]
    assert kept.future == (f"from __future__ import {features}" if features else "")
    assert kept.text == "import os\n\ndef data(): return os"


def kept(text: str, tmp_path: Path) -> str:
    """What is kept of a file for its `data`."""
    return needed(text, tmp_path / "mine.py", {"data"}).text


KEPT = {
    "everything of a module": "from math import *\n\ndef data(): return pi",
    "a match": "match 3:\n    case scale:\n        half = scale / 2\ndef data(): return half",
    "what a match captures": "match 3:\n    case scale: pass\ndef data(): return scale",
    "a walrus": "if (n := 3) > 2: pass\ndef data(): return n",
    "a loop's variable": "for n in (1, 2): pass\ndef data(): return n",
    "a context": "with open('a') as file: pass\ndef data(): return file",
    "a block that only acts": "import torch\n\nfor n in (1, 2): torch.set_num_threads(n)\n"
    "def data(): return 0",
    "a list shuffled in a block": "import random\n\nL = [1, 2]\n"
    "for n in L: random.shuffle(L)\ndef data(): return L",
    "a count": "count = 0\ndef data():\n    global count\n    count += 1",
    "the environment": "import os\n\nos.environ['A'] = 'b'\ndef data(): return 0",
    "a register": "ALL = {}\ndef put(c):\n    ALL[c.__name__] = c\n    return c\n"
    "@put\nclass A: ...\ndef data(): return ALL['A']()",
    "subclasses that are listed": "class Base:\n    all = []\n    def __init_subclass__(cls): "
    "Base.all.append(cls)\nclass A(Base): ...\ndef data(): return Base.all",
    "all that draws": "import torch\n\nA = torch.rand(1)\nB = torch.rand(1)\ndef data(): return B",
}
LEFT_OUT = {
    "a block for others": "if True:\n    OTHER = 1",
    "a list of others": "OTHER = []\nfor n in (1, 2): OTHER.append(n)",
    "a comprehension": "OTHER = [n for n in (1, 2)]",
    "a decorated view": "import torch\n@torch.no_grad()\ndef view(m, x, y): return {}",
    "what the file does alone": "if __name__ == '__main__':\n    for n in (1, 2): print(n)",
    "draws for others": "import torch\nOTHER = torch.rand(1)",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept(tmp_path: Path, name: str):
    assert kept(KEPT[name], tmp_path) == KEPT[name]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out(tmp_path: Path, name: str):
    alone = "def data(n=3):\n    return n"
    assert kept(f"{LEFT_OUT[name]}\n{alone}", tmp_path) == alone


def test_statements_that_share_a_line_are_told_apart(tmp_path: Path):
    text = 'é = "é"; a = 1; b = """\n"""; c = 2  # two\ndef data(): return a, c'
    assert kept(text, tmp_path) == "a = 1\nc = 2  # two\ndef data(): return a, c"


def test_names_that_functions_give_a_meaning_are_taken(tmp_path: Path):
    text = "def data():\n    def inner():\n        global seed\n        seed = 1\n    inner()\n"
    assert needed(text, tmp_path / "mine.py", {"data"}).bound == {"data", "seed"}


def test_names_that_come_with_everything_of_a_module_are_taken(tmp_path: Path):
    import types

    module = types.ModuleType("mine")
    module.steps = module.math = 3  # type: ignore[attr-defined]
    text = "from helper import *\nimport math\ndef data(): return steps\n"
    path = tmp_path / "mine.py"
    assert needed(text, path, {"data"}, module).bound >= {"data", "steps"}
    assert "math" not in needed(text, path, {"data"}, module).bound  # it is not imported any more
    assert needed(text, path, {"data"}).bound == {"data", "steps"}
