"""Figures in RESULTS.md: a group measured again replaces itself and nothing else."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from bench.table import Figure, Group, at_least, at_most, keep, kept, markdown, plain

SPEED = Group("Speed", "How.", "2030-01-01, cpu.", [at_least("small", 0.951, 0.95, "of 8")])
BYTES = Group("Bytes", "How.", "2030-01-01, cpu.", [at_most("chart", 1500, 1024, " B", digits=0)])


def test_a_figure_says_whether_its_target_was_met() -> None:
    assert at_least("speed", 0.95, 0.95).verdict == "met"
    assert at_least("speed", 0.949, 0.95).verdict == "missed"
    assert at_most("bytes", 1024, 1024).verdict == "met"
    assert at_most("bytes", 1025, 1024).verdict == "missed"
    assert Figure("memory", "300 MiB").verdict == ""


def test_the_first_group_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    keep([SPEED], path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Results\n\n## Figures\n\n### Speed\n\nHow.\n\n2030-01-01, cpu.\n\n")
    assert "| small | 0.951 | ≥ 0.95 | met | of 8 |" in text


def test_measuring_again_replaces_only_that_group() -> None:
    text = kept(kept("", [SPEED, BYTES]), [SPEED._replace(conditions="2031-12-31, cpu.")])
    assert "2031-12-31" in text
    assert text.count("### Speed") == text.count("### Bytes") == 1
    assert text.index("### Speed") < text.index("### Bytes")
    assert markdown(BYTES) in text


def test_other_sections_stay_as_they_are() -> None:
    before = "# Results\n\nIntroduction.\n\n## Promises\n\n### Speed\n\n| kept | 1 |\n"
    after = "## Promises, long\n\nfree text\n"
    text = kept(before, [SPEED])
    assert text.startswith(before)
    text = kept(text + "\n" + after, [BYTES])
    assert text.startswith(before)
    assert text.endswith(after)
    assert "### Bytes" in text.split("## Figures")[1].split("## Promises, long")[0]


def test_keeping_twice_changes_nothing() -> None:
    once = kept("# Results\n\n## Figures\n\n## Promises\n\ntext\n", [SPEED, BYTES])
    assert kept(once, [SPEED, BYTES]) == once


def test_the_printed_table_lines_up() -> None:
    lines = plain(Group("Both", "", "", [*SPEED.figures, *BYTES.figures])).splitlines()
    assert lines == [
        "Both",
        "  small  0.951   ≥ 0.95    met     of 8",
        "  chart  1500 B  ≤ 1024 B  missed",
    ]
