"""Loading and calling an experiment; every mistake in a user's file gets one clear sentence."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from foghill.engine.experiment.experiment import Experiment, UserError, load
from foghill.engine.runs import catalog
from foghill.engine.runs.directory import RunSpec

GOOD = '''"""Learn a line.

More words
about it.
"""
import torch
from torch import nn

settings = {"lr": 0.5, "batch_size": 4}
names = {"x": ["time"], "y": "speed"}

def data(points: int = 20):
    return torch.arange(points).float()[:, None], torch.ones(points)

def model(width: int = 3):
    return nn.Sequential(nn.Linear(1, width), nn.Linear(width, 1))
'''


@pytest.fixture(autouse=True)
def same_interpreter() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if not name.startswith(("torch", "foghill")):
            del sys.modules[name]


def spec(path: Path, kind: Any = "file", **settings: str) -> RunSpec:
    return RunSpec(
        name=path.stem,
        directory="",
        experiment=path.name,
        kind=kind,
        path=str(path),
        settings=settings,
    )


def written(folder: Path, text: str, **settings: str) -> Experiment:
    (folder / "train.py").write_text(text)
    return load(spec(folder / "train.py", **settings))


def refused(folder: Path, text: str, **settings: str) -> Any:
    with pytest.raises(UserError) as error:
        written(folder, text, **settings)
    assert "\n" not in error.value.problem.sentence
    assert error.value.problem.before_first_step
    return error.value.problem


def test_a_plain_file(tmp_path: Path):
    experiment = written(tmp_path, GOOD, width="5")
    assert experiment.title == "Learn a line."
    assert experiment.text == "More words\nabout it."
    assert set(experiment.functions) == {"data", "model"}
    assert experiment.values["lr"] == 0.5
    assert experiment.names.x == ("time",)
    x, y = experiment.call("data")
    assert experiment.call("model")(x).shape == (20, 1)
    assert len(y) == 20


def test_a_function_is_called_with_the_knobs_as_they_are(tmp_path: Path):
    experiment = written(tmp_path, GOOD)
    experiment.values["points"] = 7
    assert len(experiment.call("data")[0]) == 7


def test_arguments_by_position_go_before_the_knobs(tmp_path: Path):
    experiment = written(
        tmp_path, GOOD + "def loss(p, t, delta: float = 2.0): return (p - t) * delta"
    )
    assert experiment.call("loss", 3.0, 1.0) == 4.0


def test_a_seed_given_on_the_command_line_is_a_knob(tmp_path: Path):
    experiment = written(tmp_path, GOOD, seed="7", device="cpu")
    assert experiment.values["seed"] == 7
    assert experiment.values["device"] == "cpu"


def test_names_may_be_changed_by_data(tmp_path: Path):
    experiment = written(
        tmp_path,
        GOOD.replace("    return torch.arange", "    names['offset'] = 4\n    return torch.arange"),
    )
    assert experiment.names.offset == 0
    experiment.call("data")
    assert experiment.names.offset == 4


def test_modules_of_the_same_name_are_not_functions(tmp_path: Path):
    text = "from torch.utils import data\nfrom torch import optim as optimizer\nview = 3\n"
    experiment = written(tmp_path, text + "def model(): ...")
    assert set(experiment.functions) == {"model"}
    assert experiment.notes == ["view in train.py is not a function and is left alone"]


def test_a_class_is_a_function_that_makes_one(tmp_path: Path):
    text = """
from torch import nn

class model(nn.Linear):
    def __init__(self, width: int = 2):
        super().__init__(1, width)
"""
    assert written(tmp_path, text, width="4").call("model").out_features == 4


def test_a_missing_file(tmp_path: Path):
    with pytest.raises(UserError, match="there is no file"):
        load(spec(tmp_path / "nowhere.py"))


def test_a_syntax_error(tmp_path: Path):
    problem = refused(tmp_path, "x = 1\ndef data(:\n    pass\n")
    assert problem.sentence.startswith("train.py has a syntax error: ")
    assert (problem.line, problem.source) == (2, "def data(:")
    assert problem.file == str(tmp_path / "train.py")


def test_no_model(tmp_path: Path):
    assert "there is no model()" in refused(tmp_path, "def data(): ...").sentence
    text = "from torch import nn\nclass Net(nn.Module): ..."
    assert "return Net()" in refused(tmp_path, text).sentence


def test_a_model_that_is_already_made(tmp_path: Path):
    problem = refused(tmp_path, "from torch import nn\nmodel = nn.Linear(1, 1)\n")
    assert "model is a Linear; write def model():" in problem.sentence
    problem = refused(tmp_path, "data = [1, 2]\ndef model(): ...\n")
    assert "data is a list; write def data():" in problem.sentence


def test_a_module_that_is_not_installed(tmp_path: Path):
    problem = refused(tmp_path, "import numpyy\n")
    assert "needs the module numpyy, which is not installed" in problem.sentence
    assert problem.line == 1


def test_an_error_while_loading(tmp_path: Path):
    problem = refused(tmp_path, "x = 0\ny = 1 / x\n")
    assert problem.sentence == (
        "loading train.py raised ZeroDivisionError: division by zero (train.py, line 2: y = 1 / x)"
    )


def test_a_file_that_ends_the_program(tmp_path: Path):
    assert "tried to end the program" in refused(tmp_path, "import sys\nsys.exit(3)\n").sentence


@pytest.mark.parametrize(
    ("text", "settings", "sentence"),
    [
        (GOOD + "settings = 3", {}, "settings must be a dict"),
        (GOOD + "settings = {'lrr': 3}", {}, "did you mean lr?"),
        (GOOD + "names = {'colour': 3}", {}, "names has the entry 'colour'"),
        (GOOD + "names = {'offset': 'much'}", {}, "names takes lists of texts"),
        (GOOD + "names = {'classes': 3}", {}, "names takes lists of texts"),
        (GOOD, {"widht": "3"}, "did you mean width?"),
        (GOOD, {"batch_size": "0"}, "batch_size takes a whole number, at least 1"),
        (GOOD, {"stop": "never"}, "is not a condition"),
    ],
)
def test_settings_that_cannot_be(
    tmp_path: Path, text: str, settings: dict[str, str], sentence: str
):
    assert sentence in refused(tmp_path, text, **settings).sentence


def test_a_knob_that_cannot_be_names_the_line_of_its_function(tmp_path: Path):
    problem = refused(tmp_path, GOOD + "\ndef view(model, x, y, n: int = 'a'): ...\n")
    assert "n in view() starts at 'a'" in problem.sentence
    assert problem.source == "def view(model, x, y, n: int = 'a'): ..."


def called(folder: Path, text: str, function: str, *args: object) -> Any:
    experiment = written(folder, text)
    with pytest.raises(UserError) as error:
        experiment.call(function, *args)
    return error.value


def test_an_error_in_a_function_names_file_line_and_source(tmp_path: Path):
    error = called(tmp_path, "def model():\n    x = 0\n    return 1/x\n", "model")
    assert error.problem.sentence == (
        "model() raised ZeroDivisionError: division by zero (train.py, line 3: return 1/x)"
    )
    assert isinstance(error.__cause__, ZeroDivisionError)


def test_the_place_is_the_innermost_line_of_the_users_own(tmp_path: Path):
    product = "import torch\ndef f(): return torch.ones(2) @ torch.ones(3)\n"
    (tmp_path / "neighbour.py").write_text(product)
    text = "import neighbour\ndef model(): return neighbour.f()\n"
    problem = called(tmp_path, text, "model").problem
    assert problem.file == str(tmp_path / "neighbour.py")
    assert problem.line == 2
    assert "RuntimeError" in problem.sentence


def test_a_function_that_takes_too_little_is_placed_at_its_head(tmp_path: Path):
    problem = called(tmp_path, "def model(): ...\ndef loss(p): ...\n", "loss", 1, 2).problem
    assert "takes 1 positional argument but 2 were given" in problem.sentence
    assert problem.line == 2


def test_only_the_first_line_of_a_long_message_is_told(tmp_path: Path):
    text = "def model(): raise ValueError('\\n' + 'much ' * 200 + '\\nand more')\n"
    sentence = called(tmp_path, text, "model").problem.sentence
    assert "\n" not in sentence
    assert "and more" not in sentence.split(" (train.py")[0]
    assert len(sentence) < 500


def test_an_error_that_cannot_tell_itself(tmp_path: Path):
    text = "class Odd(Exception):\n def __str__(self): raise ValueError\ndef model(): raise Odd\n"
    assert called(tmp_path, text, "model").problem.sentence.startswith("model() raised Odd (")


def test_a_lesson_is_loaded_without_touching_the_path():
    path = list(sys.path)
    lesson = catalog.lessons()[0]
    experiment = load(spec(Path(lesson.path), "lesson"))
    assert experiment.title == lesson.title
    assert experiment.text == lesson.text
    assert sys.path == path
    assert torch.isfinite(experiment.call("data")[1]).all()
