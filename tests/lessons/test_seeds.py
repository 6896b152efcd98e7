"""A promise holds for each of the quick seeds; in full runs for all of twenty but one."""

import json
from pathlib import Path

import pytest

from lessons import seeds
from lessons.seeds import promise, promised


@pytest.fixture(autouse=True)
def unnoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made up here is no promise of a lesson."""
    monkeypatch.delenv(seeds.NOTES, raising=False)


def broken_for(*bad: int):
    def check(seed: int) -> None:
        assert seed not in bad, f"not for {seed}"

    return check


@pytest.mark.parametrize(
    ("full", "bad", "holds"),
    [
        (False, (), True),
        (False, (1,), False),
        (False, (7,), True),  # not asked
        (True, (7,), True),
        (True, (7, 19), False),
    ],
)
def test_how_many_seeds_must_hold(
    full: bool, bad: tuple[int, ...], holds: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(seeds, "FULL", full)
    if holds:
        promised(broken_for(*bad))
        return
    with pytest.raises(AssertionError, match=rf"broken for .*\n(.*\n)*seed {bad[-1]}: not for"):
        promised(broken_for(*bad))


def test_an_error_is_no_broken_promise(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seeds, "FULL", True)

    def check(seed: int) -> None:
        raise KeyError(seed)

    with pytest.raises(KeyError):
        promised(check)


def test_what_held_is_noted_for_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seeds, "FULL", True)
    monkeypatch.setenv(seeds.NOTES, str(tmp_path / "notes"))
    test = promise()(broken_for(3))
    test()
    (line,) = (tmp_path / "notes").read_text().splitlines()
    assert json.loads(line) == {"name": f"{__name__}.check", "held": 19, "of": 20}
    assert test.__name__ == "check"
