"""What `make promises` writes, and that all of it can be run at a small share."""

from pathlib import Path

import pytest
from sessions import write

from bench import promises
from bench.promises import Kept, appended, section

FOUND = [Kept("fuzzed frames", "1,000,000 (seed 1)", "all refused", 12.3)]


def test_a_run_of_it_is_a_table_under_its_conditions() -> None:
    text = section(FOUND)
    assert "| fuzzed frames | 1,000,000 (seed 1) | all refused | 12 |" in text
    assert "torch" in text.splitlines()[0]


def test_it_is_appended_under_its_own_heading_and_leaves_the_rest() -> None:
    first = appended("", "one\n")
    assert first == "# Results\n\n## Promises\n\none\n"
    assert appended(first, "two\n") == "# Results\n\n## Promises\n\none\n\ntwo\n"
    around = "# Results\n\n## Promises\n\none\n\n## Figures\n\nrows\n"
    assert appended(around, "two\n") == around.replace("one\n", "one\n\ntwo\n")
    before = "# Results\n\n## Figures\n\nrows\n"
    assert appended(before, "one\n") == f"{before}\n## Promises\n\none\n"


@pytest.mark.slow
@pytest.mark.parametrize("promise", [promises.decode, promises.attack])
def test_a_small_share_of_it_runs(
    promise: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHILL_HOME", str(tmp_path / "home"))
    kept = promise(write(tmp_path, promises.EXPERIMENT), 0.001)  # type: ignore[operator]
    assert "seed" in kept.repetitions
    assert kept.seen
