"""The words of a script: free names, imports as the file calls them, calls, values."""

import math
import random
from types import ModuleType

from foghill.engine.script.source import Source
from foghill.engine.script.words import Namer, call, indented, with_imports, written


def test_a_name_is_free_of_the_file_of_builtins_and_of_earlier_ones():
    free = Namer({"x", "inputs"})
    assert free("x", "inputs") == "x_"
    assert free("x", "inputs") == "x__"
    assert free("y", "targets") == "y"
    assert free("y", "targets") == "targets"
    assert free("sum") == "sum_"


def test_a_long_call_has_a_line_for_each_argument():
    assert call("f", ["a", "b"]) == "f(a, b)"
    assert call("f", ["a" * 60, "b" * 60]) == f"f(\n    {'a' * 60},\n    {'b' * 60},\n)"


def test_values_are_written_as_python():
    assert written('a "b"') == '"a \\"b\\""'
    assert [written(value) for value in (True, 0.1, -3)] == ["True", "0.1", "-3"]


def test_every_line_of_a_statement_goes_further_in():
    assert indented(["f(\n    a,\n)", ""]) == ["    f(", "        a,", "    )", ""]


def test_modules_are_called_as_the_file_calls_them():
    module = ModuleType("mine")
    module.m, module.random = math, 3  # type: ignore[attr-defined]
    source = Source("", {"m", "random"}, set())
    imports, ours = with_imports("math.pi + random.random() + torch.e", source, module)
    assert ours == "m.pi + random_.random() + torch.e"
    assert imports == ["import random as random_", "import torch"]
    assert with_imports("random.seed(0)", Source("", set(), set()), module) == (
        ["import random"],
        "random.seed(0)",
    )
    module.random = random  # type: ignore[attr-defined]
    assert with_imports("random.seed(0)", source, module) == ([], "random.seed(0)")


def test_builtins_that_the_file_hides_are_named_in_full():
    source = Source("", {"round", "sum"}, set())
    imports, ours = with_imports("round(sum(x)) + a.round() + around(y) + len(x)", source, None)
    assert ours == "builtins.round(builtins.sum(x)) + a.round() + around(y) + len(x)"
    assert imports == ["import builtins"]


def test_sys_is_there_before_the_folder_is_put_on_its_path():
    source = Source("import sys", {"sys"}, {"sys", "helper"}, folder="/there")
    assert "import sys" in with_imports("", source, None)[0]
