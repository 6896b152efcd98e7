"""A user's file is found by its path, whatever it and its neighbours are called."""

import importlib
import queue
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from foghill.engine.experiment.userfile import load_file

DATASET = """
import torch
from torch.utils.data import Dataset
from neighbour import OFFSET

class Squares(Dataset):
    def __len__(self):
        return 8
    def __getitem__(self, i):
        return torch.tensor(float(i)), torch.tensor(float(i * i + OFFSET))
"""

# A program of its own, as the engine is one: each way to start workers, by the file's path.
LOAD_WITH_WORKERS = """
import sys
from pathlib import Path

def main():
    from torch.utils.data import DataLoader
    from foghill.engine.experiment.userfile import load_file
    module = load_file(Path(sys.argv[1]), Path(sys.argv[3]))
    loader = DataLoader(
        module.Squares(), batch_size=4, num_workers=2, multiprocessing_context=sys.argv[2]
    )
    print([y.tolist() for _, y in loader], module.__name__)

if __name__ == "__main__":
    main()
"""


@pytest.fixture(autouse=True)
def same_interpreter() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)


def test_it_is_registered_under_its_own_name_and_finds_its_neighbours(tmp_path: Path):
    write(tmp_path, train="from neighbour import A", neighbour="A = 3")
    module = load_file(tmp_path / "train.py")
    assert module.A == 3
    assert sys.modules["train"] is module
    assert sys.path[0] == str(tmp_path)


def test_a_directory_with_its_own_engine_and_tui_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delitem(sys.modules, "tui", raising=False)  # a package of tests has that name
    write(tmp_path, train="import engine, tui\nx = engine.x + tui.x", engine="x = 1", tui="x = 2")
    assert load_file(tmp_path / "train.py").x == 3
    assert load_file(tmp_path / "engine.py").x == 1


@pytest.mark.parametrize("name", ["random", "queue", "time", "torch", "my.model", "__main__"])
def test_a_name_that_is_taken_hides_nothing(tmp_path: Path, name: str):
    (tmp_path / f"{name}.py").write_text("x = 5")
    before = sys.modules.get(name)
    module = load_file(tmp_path / f"{name}.py", tmp_path)
    assert module.x == 5
    assert module.__name__.startswith("foghill_user_")
    assert sys.modules.get(name) is before
    importlib.reload(random)
    importlib.reload(queue)
    assert random.random() < 1


def test_a_file_in_the_folder_never_hides_the_standard_library(tmp_path: Path):
    write(tmp_path, train="import colorsys\nfound = colorsys.rgb_to_hsv", colorsys="")
    sys.modules.pop("colorsys", None)
    assert callable(load_file(tmp_path / "train.py").found)


def test_an_edit_is_seen_and_nothing_is_left_beside_the_file(tmp_path: Path):
    write(tmp_path, train="x = 1")
    assert load_file(tmp_path / "train.py").x == 1
    write(tmp_path, train="x = 2")
    assert load_file(tmp_path / "train.py").x == 2
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


def test_a_file_that_raises_is_not_registered(tmp_path: Path):
    write(tmp_path, train="1 / 0")
    with pytest.raises(ZeroDivisionError):
        load_file(tmp_path / "train.py")
    assert "train" not in sys.modules


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("train", "fork"),
        ("train", "spawn"),
        ("engine", "forkserver"),
        ("random", "spawn"),
        ("random", "forkserver"),
    ],
)
def test_loader_workers_find_its_classes(tmp_path: Path, name: str, method: str):
    write(tmp_path, **{name: DATASET, "neighbour": "OFFSET = 1", "tui": ""})
    program = tmp_path / "elsewhere"
    program.mkdir()
    (program / "program.py").write_text(LOAD_WITH_WORKERS)
    path = str(tmp_path / f"{name}.py")
    result = subprocess.run(
        [sys.executable, "-P", str(program / "program.py"), path, method, str(program)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("[[1.0, 2.0, 5.0, 10.0], [17.0, 26.0, 37.0, 50.0]]")
