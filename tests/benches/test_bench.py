"""`python -m bench`: which figures there are, and what is kept of them."""

import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from bench import __main__ as bench
from bench import at_rest, conditions
from bench.table import Figure, Group


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Group]:
    groups: list[Group] = []
    monkeypatch.setattr(bench, "keep", groups.extend)
    monkeypatch.setattr(at_rest, "measure", lambda quick: [Figure("quick", str(quick))])
    return groups


def test_a_figure_is_printed_and_kept(
    kept: list[Group], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["at_rest"]) == 0
    assert [(group.title, list(group.figures)) for group in kept] == [
        (at_rest.TITLE, [Figure("quick", "False")])
    ]
    assert capsys.readouterr().out.startswith(at_rest.TITLE + "\n  quick  False")


def test_quick_figures_are_printed_and_not_kept(
    kept: list[Group], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["at_rest", "--quick"]) == 0
    assert kept == []
    assert "quick  True" in capsys.readouterr().out


def test_an_unknown_name_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        bench.main(["speed"])
    assert refused.value.code == 2
    assert "engine_speed" in capsys.readouterr().err


def test_every_figure_has_a_module_that_says_how_it_is_measured() -> None:
    for name in bench.NAMES:
        module = bench.import_module(f"bench.{name}")
        assert module.TITLE
        assert module.NOTE
        assert callable(module.measure)


def test_conditions_name_date_cores_and_versions_but_no_place() -> None:
    said = conditions.sentence()
    assert re.match(r"\d{4}-\d\d-\d\d, cpu \(.+\), \d+ cores, ", said)
    assert "torch " in said
    assert "textual 8" in said
    assert conditions.platform.node() not in said
    assert str(Path.cwd()) not in said
