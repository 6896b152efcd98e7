"""What many noisy measurements say together."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from bench.spread import alternate, quantile, ratio


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert quantile(values, 0.5) == 50
    assert quantile(values, 0.99) == 99
    assert quantile(values, 1.0) == 100
    assert quantile(values, 0.0) == 1
    assert quantile([7.0], 0.99) == 7


def test_who_begins_changes_from_pair_to_pair() -> None:
    calls: list[str] = []

    def one() -> float:
        calls.append("one")
        return 1.0

    def other() -> float:
        calls.append("other")
        return 2.0

    assert alternate(one, other, 3) == [(1.0, 2.0)] * 3
    assert calls == ["one", "other", "other", "one", "one", "other"]


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    middle, words = ratio([(9.0, 10.0), (1.0, 2.0), (19.0, 20.0)])
    assert middle == 0.9
    assert "3 pairs" in words
